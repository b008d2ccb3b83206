"""What goes into a package and what does not, decided when it is asked for: everything, but for a reason that is said."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from fairwitness.cases import doors as cases
from fairwitness.cases.models import Case, File, Item
from fairwitness.evidence.doors import access
from fairwitness.evidence.models import Categorisation, Clip, CourtOrder, Note, Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Invalid
from fairwitness.rules.canonical import named_digest
from fairwitness.sharing.models import PackageItem, Side

Because = PackageItem.Because


@dataclass(frozen=True)
class Planned:
    """One thing that the case holds: in the package, or left out and why."""

    recording: Recording | None = None
    clip: Clip | None = None
    file: File | None = None
    because: str = ""
    words: str = ""
    source: str = ""

    @property
    def number(self) -> str:
        """By what people call it."""
        return self.file.number if self.file else self.recording.number if self.recording else ""


@dataclass(frozen=True)
class LeaveOut:
    """What somebody chose to leave out, by its number in the case: why, and in which words."""

    because: str
    words: str = ""


def plan(actor: Actor, found: Case, side: str, chosen: Mapping[str, LeaveOut]) -> list[Planned]:
    """Everything that the case holds, in order of time, each in the package or left out. Asks and writes nothing.

    What the asker may not open themselves is left out and said to be; so is, for the defence, what a statute protects
    while no court's order is recorded. The clips of what is left out are left out with it, but where they stand in for
    it. Raises Invalid where clips are to stand in for what has none.
    """
    rows = list(cases.in_order(cases.items(found)))
    recordings = [row.recording_id for row in rows if row.recording_id]
    opened = cases.opened_among(actor, recordings)
    shut = statutes(recordings) if side == Side.DEFENCE else {}
    clips = _clips(recordings)
    planned: list[Planned] = []
    for row in rows:
        planned += _of_item(row, opened, shut, chosen.get(_number(row)), clips)
    _check_clips(planned)
    return planned


def _check_clips(planned: list[Planned]) -> None:
    cut = {each.recording.pk for each in planned if each.clip and each.recording and not each.because}
    for each in planned:
        if each.because == Because.CLIPS and not (each.recording and each.recording.pk in cut):
            said = _("{number} has no clips that could stand in for it.").format(number=each.number)
            raise Invalid(said, leave_out=[said])


def _number(row: Item) -> str:
    return row.file.number if row.file else row.recording.number if row.recording else ""


def _of_item(
    row: Item,
    opened: frozenset[uuid.UUID],
    shut: Mapping[uuid.UUID, str],
    choice: LeaveOut | None,
    clips: Mapping[uuid.UUID, list[Clip]],
) -> list[Planned]:
    words: dict[str, Any] = {"because": choice.because, "words": choice.words} if choice else {}
    if row.recording is None:
        return [Planned(file=row.file, **words)]
    key = row.recording.pk
    why = words
    if row.recording.status == Recording.Status.ERASED:
        why = {"because": Because.ERASED}
    elif key not in opened:
        why = {"because": Because.NOT_OPEN}
    elif key in shut:
        why = {"because": Because.STATUTE, "source": shut[key]}
    with_it = {} if why.get("because") == Because.CLIPS else why
    cut = [Planned(recording=row.recording, clip=clip, **with_it) for clip in clips.get(key, [])]
    return [Planned(recording=row.recording, **why), *cut]


def _clips(recordings: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, list[Clip]]:
    """The clips of recordings that are made and stand, in the order in which they begin."""
    rows = Clip.objects.filter(recording__in=recordings, status=Clip.Status.MADE, withdrawn_at=None)
    found: dict[uuid.UUID, list[Clip]] = {}
    for clip in rows.order_by("begins_ms", "id"):
        found.setdefault(clip.recording_id, []).append(clip)
    return found


def statutes(recordings: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Of these recordings those that reach the defence on a court's order alone, and have none: the statute of each."""
    book = access.book()
    protected = [code for code in book.categories if book.limits(code) is not None]
    rows = _without_order(protected).filter(recording__in=recordings).order_by("code")
    said = dict(rows.values_list("recording", "code"))
    return {key: str(book.categories[code].rule.parameters.statute) for key, code in said.items()}  # type: ignore[union-attr]


def _without_order(protected: list[str]) -> "QuerySet[Categorisation]":
    ordered = CourtOrder.objects.filter(recording=OuterRef("recording"), withdrawn_at=None)
    rows = Categorisation.objects.filter(code__in=protected, withdrawn_at=None)
    return rows.exclude(Exists(ordered))


def digest_of_plan(planned: list[Planned]) -> str:
    """By this the entry binds what was in the package and what was not."""
    lines = [
        (each.number, str(each.clip.pk) if each.clip else "", each.because, each.words, each.source)
        for each in planned
    ]
    return named_digest("\n".join("\t".join(line) for line in lines))


def unknown_numbers(found: Case, numbers: list[str]) -> list[str]:
    """Those of these numbers that the case does not hold."""
    held = {_number(row) for row in cases.items(found)}
    return [number for number in numbers if number not in held]


def notes_withheld(planned: Iterable[Planned], *, with_notes: bool) -> int:
    """How many notes stand at moments of the recordings in a package and are not asked for; each stays with its own."""
    if with_notes:
        return 0
    packed = {each.recording for each in planned if each.recording and not each.clip and not each.because}
    return Note.objects.filter(recording__in=packed, withdrawn_at=None).count()


def case_notes(found: Case) -> int:
    """How many notes there are on the case itself: no package holds them."""
    return len(cases.notes_of(found))


def beside(actor: Actor, found: Case) -> int:
    """How many recordings the case's incidents have that the case does not hold."""
    missing = cases.missing(actor, found, most=1)
    return missing.count + missing.others
