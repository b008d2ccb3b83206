"""Commands of the department."""
