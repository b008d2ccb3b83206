"""Packages: a case, or the whole house, as bytes that stand without us. It is told what to write, and asks nobody."""
