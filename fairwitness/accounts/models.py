"""The records of accounts."""
