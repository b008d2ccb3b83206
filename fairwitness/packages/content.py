"""What a package for court holds, in plain words and values: filled by whoever knows the case, read by what writes it."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from fairwitness.kernel.blobs import Reader
from fairwitness.packages.names import safe_name


@dataclass(frozen=True)
class Line:
    """A line of a custody history: when, in words, and where in the public log it stands, if it does by now."""

    at: dt.datetime
    sentence: str
    entry: str
    index: int | None = None


@dataclass(frozen=True)
class Moment:
    """A note or a mark at a moment of a recording."""

    at_ms: int
    text: str
    author: str
    made: dt.datetime | None = None


@dataclass(frozen=True)
class Exhibit:
    """A file of the case: an original as it was sealed, a clip of one, a photograph, a report, a document.

    `original` is the number of the recording that a clip was cut from or a copy made of, `proof` what was said of it.
    `facts` are label and value, for people. `reads` is the media type with which a browser plays it, if it does.
    """

    number: str
    kind: str
    kind_words: str
    title: str
    ending: str
    size: int
    sha256: str
    open: Callable[[], Reader] | None
    sealed: dt.datetime | None = None
    started: dt.datetime | None = None
    duration_ms: int | None = None
    reads: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    moments: tuple[Moment, ...] = ()
    custody: tuple[Line, ...] = ()
    receipt: Mapping[str, Any] | None = None
    original: str = ""
    proof: Mapping[str, Any] | None = None
    # The number of the exhibit that browsers play in its place.
    copy: str = ""
    data: bytes = b""

    @property
    def path(self) -> str:
        """Where it lies in the package. The number makes it the only one; the rest is for people."""
        folder = {"recording": "recordings", "clip": "clips", "copy": "copies"}.get(self.kind, "files")
        ending = self.ending.lower() if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", self.ending) else ""
        title = (
            f" {safe_name(PurePosixPath(self.title).stem, '')}" if folder == "files" and self.title else ""
        )
        return f"data/{folder}/{safe_name(self.number)}{title.rstrip()}{ending}"

    @property
    def receipt_path(self) -> str:
        return f"data/receipts/receipt-{safe_name(self.number)}.json" if self.receipt else ""

    @property
    def custody_path(self) -> str:
        return f"data/custody/custody-{safe_name(self.number)}.pdf"


@dataclass(frozen=True)
class LeftOut:
    """What the case holds and the package does not, and why."""

    number: str
    kind_words: str
    title: str
    because: str
    source: str = ""
    # As of an exhibit.
    kind: str = ""


@dataclass(frozen=True)
class Checked:
    """The log as it stood: its signed checkpoint, its key, the keys of its witnesses, each as it is published."""

    checkpoint: str
    key: str
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Disclosure:
    """A package for court, whole: who made it of which case for whom, what is in it, what is not."""

    number: str
    case_number: str
    case_title: str
    agency: str
    contact: str
    language: str
    zone: str
    asked: dt.datetime
    asked_by: str
    for_whom: str
    product: str
    exhibits: tuple[Exhibit, ...]
    left_out: tuple[LeftOut, ...] = ()
    log: Checked | None = None
    # The program that verifies it, whole, with nothing of ours installed.
    verifier: bytes = b""
    # What of the case is no item and is not in it, such as notes, in a sentence each: with one, it is not everything.
    withheld: tuple[str, ...] = ()
    # What lies near and is not the case's, in a sentence; empty where there is nothing.
    beside: str = ""
    key_namespace: str = field(default="http://example.org/kb/")
