"""How much of a store is read again in one round, so that all of it is read at least weekly and never in a rush."""

WEEK = 7 * 86_400
# A day in hand: what is missed while a store is away is made up before the week is over.
ROUND = 6 * 86_400
# What was read within the last day waits, however little there is to read.
RESTS = 86_400
# So much later than a week, reading counts as behind.
GRACE = 86_400


def share(whole: int, overdue: int, seconds: int, rate: int) -> int:
    """Bytes to read in the next `seconds`, of a store of `whole` bytes of which `overdue` were last read a week ago.

    The share of the round that these seconds are, and on top whatever is overdue; never more than `rate` bytes a
    second allow. Source: weekly integrity checks, CJIS Security Policy SI-7(1).
    """
    even = -(-whole * seconds // ROUND)
    return min(even + overdue, rate * seconds)


def slow_rate(whole: int) -> int:
    """The least bytes a second with which a store of `whole` bytes can be read within the round."""
    return -(-whole // ROUND)
