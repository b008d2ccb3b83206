"""Tests of what a package is made of."""
