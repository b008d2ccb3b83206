"""No recognition, as a property that is tested: what would break it, and whether anything installed does."""
