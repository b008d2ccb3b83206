"""Floor 1: the seven words that every room is written in."""
