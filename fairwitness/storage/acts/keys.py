"""The keys of encrypted bytes: wrapped anew by a new master key, without touching the bytes."""

import uuid

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.blobs import keys
from fairwitness.kernel.change import change
from fairwitness.kernel.models import BlobKey
from fairwitness.storage import events

BATCH = 1000


def rotate_keys(*, by: Actor) -> int:
    """Make a new master key and wrap every key by it; how many. The old master key stays, for older backups.

    Killed half-way it is safe to begin again: each key says which master key wraps it.
    """
    master = uuid.UUID(keys.make_master().stem)
    done = 0
    while batch := _wrap_some(master, by):
        done += batch
    return done


def _wrap_some(master: uuid.UUID, by: Actor) -> int:
    if not BlobKey.objects.exclude(master=master).exists():
        return 0
    with change(events.KEYS_ROTATED, by=by) as entry:
        found = list(BlobKey.objects.select_for_update().exclude(master=master)[:BATCH])
        for each in found:
            each.wrapped = keys.wrap(keys.unwrap(bytes(each.wrapped), each.master), master)
            each.master = master
        BlobKey.objects.bulk_update(found, ["wrapped", "master"])
        entry.mention("kernel.blobkey", master)
        entry.about(keys=len(found))
    return len(found)
