"""The acts of storage: the only functions that write its records."""

from fairwitness.storage.acts.copies import (
    LOST,
    REFUSES,
    UNREACHABLE,
    Read,
    begin_store,
    confirm_copies,
    find_copies,
    note_away,
    note_back,
    note_check,
    note_copies,
    note_lost,
    note_pace,
    note_repaired,
    outgrow,
)
from fairwitness.storage.acts.erasing import begin_erasing, keep_after_all, note_erased
from fairwitness.storage.acts.keys import rotate_keys

__all__ = [
    "LOST",
    "REFUSES",
    "UNREACHABLE",
    "Read",
    "begin_erasing",
    "begin_store",
    "confirm_copies",
    "find_copies",
    "keep_after_all",
    "note_away",
    "note_back",
    "note_check",
    "note_copies",
    "note_erased",
    "note_lost",
    "note_pace",
    "note_repaired",
    "outgrow",
    "rotate_keys",
]
