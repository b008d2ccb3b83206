"""Floor 2: members, units, the chain of command, roles held, cameras, assignments, courses, completions."""
