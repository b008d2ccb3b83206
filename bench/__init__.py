"""How fast: comparisons with peers and with the machine's limit, side by side in one run; see `python -m bench`."""
