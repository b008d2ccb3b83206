"""Floor 5: bytes on their way in, docks, and what cameras still hold."""
