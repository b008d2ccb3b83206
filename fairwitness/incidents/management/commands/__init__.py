"""Commands of incidents, one file each."""
