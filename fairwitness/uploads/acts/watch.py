"""Room on the disk: below the set free space uploads wait and those who keep the system are told."""

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import acts as department
from fairwitness.kernel import actors
from fairwitness.kernel.actors import Actor
from fairwitness.uploads.doors import incoming as doors

NO_ROOM = "uploads.no_room"
PROMISED = "uploads.room_promised"


def watch_room(*, refused: bool = False) -> bool:
    """Raise the alarm where what open uploads announced no longer fits, end it where it does; True where it fits.

    `refused`: an announcement was just sent away. Where the disk has room, but it is promised, that is an alarm too.
    """
    by = actors.system("uploads.watch")
    room = doors.room()
    if not room.crowded:
        department.end_alarm(PROMISED, by=by)
    elif refused and room.takes(0):
        _tell_promised(room, by)
    if room.takes(0):
        department.end_alarm(NO_ROOM, by=by)
        return True
    sentence = _(
        "The disk has {free} MiB free, and {keep} MiB are to stay free: uploads wait until there is room."
    )
    said = sentence.format(free=room.free // 2**20, keep=room.keep_free // 2**20)
    department.raise_alarm(NO_ROOM, said, link=reverse("uploads"), by=by)
    return False


def _tell_promised(room: doors.Room, by: Actor) -> None:
    sentence = _(
        "An upload was sent away for want of room. The disk has {free} MiB free, but {promised} MiB are promised to "
        "unfinished uploads. Withdraw those that nobody will finish."
    )
    said = sentence.format(free=room.free // 2**20, promised=room.promised // 2**20)
    department.raise_alarm(PROMISED, said, link=f"{reverse('uploads')}?status=announced", by=by)
