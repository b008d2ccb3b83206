"""Commands of the department, one file each."""
