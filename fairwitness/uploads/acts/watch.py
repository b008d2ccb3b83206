"""Room on the disk: below the set free space uploads wait and those who keep the system are told."""

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import acts as department
from fairwitness.kernel import actors
from fairwitness.uploads.doors import incoming as doors

NO_ROOM = "uploads.no_room"


def watch_room() -> bool:
    """Raise the alarm where what open uploads announced no longer fits, end it where it does; True where it fits."""
    by = actors.system("uploads.watch")
    room = doors.room()
    if room.takes(0):
        department.end_alarm(NO_ROOM, by=by)
        return True
    sentence = _(
        "The disk has {free} MiB free, and {keep} MiB are to stay free: uploads wait until there is room."
    )
    said = sentence.format(free=room.free // 2**20, keep=room.keep_free // 2**20)
    department.raise_alarm(NO_ROOM, said, link=reverse("uploads"), by=by)
    return False
