"""The shape of incidents' tables, step by step."""
