"""Tests of the comparisons themselves: that they run, on worlds too small to measure anything."""
