"""Moving: a city that leaves takes everything with it, in a format that needs none of us; and a system made of that."""
