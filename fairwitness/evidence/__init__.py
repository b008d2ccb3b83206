"""Floor 4: recordings from the first byte to disposal, their viewing and what was made of them."""
