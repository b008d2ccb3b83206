"""The records of uploads."""
