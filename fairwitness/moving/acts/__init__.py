"""The acts of moving: everything taken out, and a system made of it."""
