"""Floor 3: stores, confirmed copies, fixity, damage and its repair."""
