"""Tests of the department, one file per act."""
