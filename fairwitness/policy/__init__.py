"""Floor 3: the policy book: numbered documents in versions, rules with sources, figures that measure them, clearances."""
