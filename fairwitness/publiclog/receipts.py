"""Receipts: one small JSON file that proves to a stranger that an entry stands in the public log."""

import base64
import functools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
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
    return Standing(note, state, tiles.Tree(state.size, files.fetch), str(keys.public_key())).of(
        entry, place.index, hashed
    )


@dataclass(frozen=True)
class Standing:
    """The log as it stood at one checkpoint: what many receipts have in common."""

    note: notes.Note
    state: notes.Checkpoint
    tree: tiles.Tree
    key: str

    def of(self, entry: Entry, index: int, hashed: tuple[dict[str, object], bytes]) -> dict[str, Any]:
        """The receipt of an entry at its place in this log."""
        facts, salt = hashed
        found = {
            "v": 1,
            "origin": self.state.origin,
            "key": self.key,
            "entry": facts,
            "salt": salt.hex(),
            "index": index,
            "proof": [base64.b64encode(step).decode() for step in self.tree.inclusion_proof(index)],
            "checkpoint": str(self.note),
        }
        if entry.public:
            found["public"] = entry.public
        return found


def standing() -> Standing | None:
    """The log as it stands now, each tile of it read once; None before it was published."""
    if (note := files.checkpoint_note()) is None:
        return None
    state = notes.parse_checkpoint(note.text)
    fetch = functools.lru_cache(maxsize=4096)(files.fetch)
    return Standing(note, state, tiles.Tree(state.size, fetch), str(keys.public_key()))


def receipts_of(log: Standing, entry_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """The receipts of those of these entries that stand in the log, and whose facts were not erased by rule."""
    places = {key: index for key, index in place_of(list(entry_ids)).items() if index < log.state.size}
    found = {}
    for entry in Entry.objects.filter(pk__in=places):
        if hashed := entry_as_hashed(entry):
            found[entry.pk] = log.of(entry, places[entry.pk], hashed)
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
