"""Tests of the walled child that reads untrusted media, and of the parent's side of it."""
