"""One line of a file, cell by cell: what is empty, what is too long, what cannot be kept, and times placed in order."""

import datetime as dt
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from fairwitness.department.acts.writing import check_text
from fairwitness.kernel.agency import agency
from fairwitness.kernel.refusals import Invalid
from fairwitness.kernel.tables import Table
from fairwitness.rules.canonical import nfc
from fairwitness.rules.dispatch_times import NO_SLACK, SLACK, Local, NoTime, place, read

# What exports write where they know nothing.
EMPTY = frozenset({"", "null", "(null)", "n/a", "#n/a", "-", "--", "–", "—"})


@dataclass(frozen=True)
class Row:
    """One line of the file; `cells` has only what was mapped, and nothing for what says that it knows nothing."""

    line: int
    cells: Mapping[str, str]
    style: str
    longer: bool = False

    def __getitem__(self, key: str) -> str:
        return self.cells.get(key, "")

    def has(self, key: str) -> bool:
        """Whether the file has a column for it, be its cell empty."""
        return key in self.cells

    def text(self, key: str, label: object, most: int) -> str:
        """A cell as one line of text. Raises Invalid where it is too long or holds what cannot be kept."""
        return one_line(self[key], label, most)

    def local(self, text: str) -> Local:
        """A written time, unplaced. Raises Invalid."""
        try:
            return read(text, self.style)  # type: ignore[arg-type]  # one of the two styles, as the form and model say
        except NoTime as refused:
            raise Invalid(no_time(refused)) from refused

    def moment(self, text: str, after: dt.datetime | None, slack: dt.timedelta = SLACK) -> dt.datetime:
        """A written time in UTC. Raises Invalid where it is none, or long before what came before it."""
        try:
            moment = place(self.local(text), agency().tz, after=after, slack=slack)
        except NoTime as refused:
            raise Invalid(no_time(refused)) from refused
        if after is not None and moment < after - SLACK:
            raise Invalid(
                _("“{text}” is long before the time that comes before it.").format(text=short(text))
            )
        return moment

    def check_width(self) -> None:
        """Raise Invalid where the line has more cells than the header: nobody knows what stands where."""
        if self.longer:
            raise Invalid(_("The line has more cells than the header."))


def rows_of(table: Table, columns: Mapping[str, int], style: str) -> Iterator[Row]:
    """The lines of a table under its mapping."""
    for line, cells in table.rows:
        said = {key: known(cells[at]) for key, at in columns.items()}
        yield Row(line, said, style, line in table.longer)


def known(cell: str) -> str:
    """A cell without padding, empty where it says that nothing is known."""
    text = cell.strip()
    return "" if text.casefold() in EMPTY else text


def one_line(cell: str, label: object, most: int) -> str:
    """Text as one line in NFC. Raises Invalid where it is longer than `most`, or holds what cannot be kept."""
    text: str = nfc(" ".join(cell.split()))
    check_text(text)
    if len(text) > most:
        raise Invalid(_("{label}: at most {most} characters.").format(label=label, most=most))
    return text


def call_sign(cell: str) -> str:
    """A call sign, in capitals. Raises Invalid."""
    return one_line(cell, _("Call sign"), 40).upper()


def no_time(refused: NoTime) -> str:
    """Why a time cannot be read, as a sentence."""
    if refused.why == "skipped":
        return _("“{text}” never was: the clocks went forward over it.").format(text=short(refused.text))
    return _("“{text}” is no time, or no day is known for it.").format(text=short(refused.text))


def short(text: str) -> str:
    """So much of a cell as a sentence can bear, without what cannot be kept."""
    text = "".join(
        "\ufffd" if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in text[:41]
    )
    return text if len(text) <= 40 else f"{text[:39]}…"


def on_day(row: Row, day: str, clock: str) -> tuple[dt.datetime, bool]:
    """The moment that a day and perhaps a clock beside it say; False where only the day is known. Raises Invalid."""
    local = row.local(day)
    if local.day is None:
        raise Invalid(_("“{text}” is no day.").format(text=short(day)))
    begins = row.moment(day, None)
    if clock:
        return row.moment(clock, _midnight(local), NO_SLACK), True
    return begins, bool(local.clock and local.clock != dt.time())


def _midnight(local: Local) -> dt.datetime:
    """The beginning of the day that is written, whatever clock stands beside it."""
    return place(Local(local.text, local.day, None), agency().tz)
