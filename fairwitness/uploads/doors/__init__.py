"""The doors of uploads: the only way to its records, narrowed to who asks."""

from fairwitness.uploads.doors.docks import dock_of, is_sealed
from fairwitness.uploads.doors.held import (
    HeldSought,
    count_open,
    held,
    held_for,
    list_held,
    may_explain_held,
    may_see_held,
    open_sightings,
    sealed_before,
)
from fairwitness.uploads.doors.reach import REACH

__all__ = [
    "REACH",
    "HeldSought",
    "count_open",
    "dock_of",
    "held",
    "held_for",
    "is_sealed",
    "list_held",
    "may_explain_held",
    "may_see_held",
    "open_sightings",
    "sealed_before",
]
