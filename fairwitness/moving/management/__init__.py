"""Commands of moving."""
