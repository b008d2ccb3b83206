"""The shape of the tables of uploads, step by step."""
