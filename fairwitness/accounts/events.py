"""What accounts may write into the ledger, in words. Facts are ids, digests, codes, counts and times."""
