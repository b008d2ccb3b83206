"""Receipts: one small JSON file that proves to a stranger that an entry stands in the public log."""

import base64
import uuid
from typing import Any

from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Gone, NotFound, Unavailable
from fairwitness.publiclog import files, keys
from fairwitness.publiclog.models import Leaf
from fairwitness.publiclog.sequence import entry_as_hashed
from fairwitness.rules import notes, tiles


def receipt(entry_id: uuid.UUID) -> dict[str, Any]:
    """The receipt of one entry, in the format of docs/reference/receipt.md.

    Raises Unavailable while the entry waits to be published, Gone when its facts were erased by rule.
    """
    entry = Entry.objects.filter(pk=entry_id).first()
    if entry is None:
        raise NotFound("There is no such entry.")
    hashed = entry_as_hashed(entry)
    if hashed is None:
        raise Gone("The facts of this entry were erased by rule; its place in the log remains.")
    note, place = files.checkpoint_note(), Leaf.objects.filter(entry_id=entry_id).first()
    # From the note itself: the log may be published anew between two looks.
    state = notes.parse_checkpoint(note.text) if note else files.empty()
    if note is None or place is None or place.index >= state.size:
        raise Unavailable(
            "This entry is not yet in the public log. The log is published at set times; try again later."
        )
    facts, salt = hashed
    proof = tiles.Tree(state.size, files.fetch).inclusion_proof(place.index)
    found = {
        "v": 1,
        "origin": state.origin,
        "key": str(keys.public_key()),
        "entry": facts,
        "salt": salt.hex(),
        "index": place.index,
        "proof": [base64.b64encode(step).decode() for step in proof],
        "checkpoint": str(note),
    }
    if entry.public:
        found["public"] = entry.public
    return found


def place_of(entry_ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The index in the log of each entry that has one."""
    return dict(Leaf.objects.filter(entry_id__in=entry_ids).values_list("entry_id", "index"))


def state() -> dict[str, Any]:
    """The log as people see it: size, root, who cosigned. Raises Unavailable before the first checkpoint."""
    note = files.checkpoint_note()
    if note is None:
        raise Unavailable("The public log has not been published yet.")
    point = notes.parse_checkpoint(note.text)
    known = {(key.name, key.id) for key in keys.witness_keys()}
    cosigners = [s.name for s in note.signatures if (s.name, s.key_id) in known]
    return {
        "origin": point.origin,
        "size": point.size,
        "root": base64.b64encode(point.root).decode(),
        "checkpoint": str(note),
        "cosigners": cosigners,
        "witnesses": [key.name for key in keys.witness_keys()],
        "key": str(keys.public_key()),
    }
