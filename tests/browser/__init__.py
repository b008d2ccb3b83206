"""The product in a real browser: everything started as in service, used by every kind of person."""
