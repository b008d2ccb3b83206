"""The shape of the tables of storage, step by step."""
