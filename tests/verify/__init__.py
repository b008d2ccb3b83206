"""Tests of the two programs for strangers: the verifier and the witness."""
