"""The shape of the kernel's tables, step by step."""
