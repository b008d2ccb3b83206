"""Known answers, and the script that makes them."""
