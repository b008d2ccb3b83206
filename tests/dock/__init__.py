"""Tests of the dock agent: alone, against a server of the tests' own, and against the real site."""
