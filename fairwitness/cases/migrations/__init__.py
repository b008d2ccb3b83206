"""The shape of the tables of cases, step by step."""
