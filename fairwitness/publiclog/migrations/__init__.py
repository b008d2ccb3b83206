"""The shape of the publiclog's tables, step by step."""
