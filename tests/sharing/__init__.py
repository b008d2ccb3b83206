"""Tests of packages and guests."""
