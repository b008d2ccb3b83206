"""Floor 2: the one writer of the public log: sequence, tiles, checkpoints, witnesses."""
