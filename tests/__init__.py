"""The tests mirror the house: tests/evidence/test_seal.py, one file per act."""
