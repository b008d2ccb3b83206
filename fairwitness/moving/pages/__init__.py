"""The pages of moving."""
