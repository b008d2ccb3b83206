"""The doors of sharing: packages go by the case that they are of, guests by what is shared with them."""

from fairwitness.sharing.doors import content, files, guests, lists, missing, planning
from fairwitness.sharing.doors.reach import REACH, may, may_list, may_with, narrowed, package

# How to name the things of this room, for histories.
NAMERS = {"sharing.package": lists.names, "sharing.guest": guests.names}

__all__ = [
    "NAMERS",
    "REACH",
    "content",
    "files",
    "guests",
    "lists",
    "may",
    "may_list",
    "may_with",
    "missing",
    "narrowed",
    "package",
    "planning",
]
