"""The records of storage."""
