"""The columns of tables that people hand in: which may be there, and which column of a file says what."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.text import slugify
from django.utils.translation import gettext as _

from fairwitness.kernel.refusals import Invalid


@dataclass(frozen=True)
class Column:
    """What a table may say: its label, and the headers by which it is guessed.

    `act` is what one must be allowed for this column, where that is more than the import itself.
    """

    label: object
    headers: tuple[str, ...]
    act: str = ""
    required: bool = False


def guess_columns(header: list[str], allowed: Mapping[str, Column]) -> dict[str, int]:
    """Which column of the file says what, by the words of its header."""
    words = [" ".join(slugify(title).replace("_", "-").split("-")) for title in header]
    places = {key: [words.index(h) for h in column.headers if h in words] for key, column in allowed.items()}
    return {key: found[0] for key, found in places.items() if found}


def header_digest(header: list[str]) -> str:
    """The digest of a file's header, by which a later file of the same shape is known."""
    return f"sha256:{hashlib.sha256(json.dumps(header).encode()).hexdigest()}"


def check_columns(columns: Mapping[str, int], known: Mapping[str, Column], width: int) -> None:
    """Raise Invalid where a column is not known or not in the file, or where one that is needed is missing."""
    if any(key not in known or not 0 <= at < width for key, at in columns.items()):
        raise Invalid(_("The file has no such column."))
    missing = [str(column.label) for key, column in known.items() if column.required and key not in columns]
    if missing:
        raise Invalid(_("These columns are needed: {names}.").format(names=", ".join(missing)))
