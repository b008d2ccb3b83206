"""Reads video that nobody can trust, in a child process without any door; started by `kernel.child` alone."""
