"""The shape of the evidence's tables, step by step."""
