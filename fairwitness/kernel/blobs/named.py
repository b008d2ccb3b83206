"""Who names stored bytes: asked of every room before they are erased, and when stores are checked; filled by site."""

import uuid
from collections.abc import Callable, Iterator

from fairwitness.kernel.refusals import HouseRule

# By room: the live records that name these bytes, in words, leaving out those of the recording that lets them go.
NAMING: dict[str, Callable[[str, uuid.UUID | None], list[str]]] = {}
# By room: remove what lies of a recording beside the stores, such as staged bytes; answers how many files are left.
BESIDE: dict[str, Callable[[uuid.UUID], int]] = {}
# By room above evidence: every digest that its records name, with the record's name, for whoever checks the stores.
EVERY: dict[str, Callable[[], Iterator[tuple[str, str]]]] = {}


def still_named(sha256: str, leaving: uuid.UUID | None = None) -> list[str]:
    """The live records, in any room, that name these bytes beside the recording that lets them go."""
    if not NAMING:
        raise HouseRule("nobody was asked who names these bytes: site.naming was not loaded")
    return [name for ask in NAMING.values() for name in ask(sha256, leaving)]


def clear_beside(leaving: uuid.UUID) -> int:
    """Have every room remove what lies of a recording beside the stores; how many files are left all the same."""
    return sum(clear(leaving) for clear in BESIDE.values())
