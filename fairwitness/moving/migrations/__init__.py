"""The tables of moving, step by step."""
