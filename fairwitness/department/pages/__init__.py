"""The pages of the department: people, cameras, units, coverage, and the import of a roster."""
