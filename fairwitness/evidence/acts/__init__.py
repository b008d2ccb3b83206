"""The acts of evidence: one verb, one change, one entry each."""
