"""The shape of the department's tables, step by step."""
