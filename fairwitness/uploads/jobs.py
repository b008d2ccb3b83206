"""Work that uploads leave for later, and that the clock starts."""

import uuid

from fairwitness.kernel import actors
from fairwitness.kernel.refusals import WrongState
from fairwitness.uploads import acts
from fairwitness.uploads.acts import announce, receive, watch
from fairwitness.uploads.acts import seal as sealing


def watch_docks(timestamp: int) -> None:
    """Every five minutes: docks that fell silent, and what was seen on cameras and is sealed by now."""
    by = actors.system("uploads.watch_docks")
    acts.watch_docks(by=by)
    acts.settle_held(by=by)


def seal(upload_id: str) -> None:
    """Seal a complete upload, or refuse it; another worker may have been quicker."""
    try:
        sealing.seal_upload(uuid.UUID(upload_id), by=actors.system("uploads.seal"))
    except WrongState:
        return


def abandon(timestamp: int) -> None:
    """Every five minutes: close uploads to which nothing was added for days."""
    announce.abandon_left()


def look_after(timestamp: int) -> None:
    """Every minute: is there room; what a death left unfinished is finished, what it left behind goes."""
    watch.watch_room()
    receive.finish_complete()
    sealing.sweep_staged()
