"""The pages of evidence: lists, a recording, its viewing, its receipt."""
