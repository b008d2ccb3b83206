"""The shape of the tables of accounts, step by step."""
