"""The pages of sharing: packages for members, and all that guests see."""
