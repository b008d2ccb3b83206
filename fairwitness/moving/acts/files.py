"""The files of another system's export come in: recordings, audit trails, categories; and what is named and not there."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from fairwitness.evidence.acts.category import deliver_category
from fairwitness.evidence.acts.delivered import Delivered, comparable
from fairwitness.evidence.acts.delivery import Sealed, said_of, subject_of
from fairwitness.evidence.acts.ingest import Found, take_in
from fairwitness.evidence.acts.ingest import Outcome as Taken
from fairwitness.evidence.models import Attachment, Ingest, Recording
from fairwitness.kernel import blobs
from fairwitness.kernel.blobs.files import FileReader
from fairwitness.kernel.refusals import Refusal
from fairwitness.moving.acts import lines as report
from fairwitness.moving.acts.arrival import Run, Waiting, name_of
from fairwitness.moving.acts.lines import Line
from fairwitness.moving.acts.vendor import Plan, words_of
from fairwitness.moving.models import Outcome

# What an outcome of the ingest is in the report.
_OUTCOMES = {"sealed": Outcome.ARRIVED, "duplicate": Outcome.HERE, "refused": Outcome.NOT}


def take_in_files(run: Run) -> None:
    """Recordings and audit trails, one after the other, with what is said of each. Raises StoreFull."""
    sealed, used = Sealed(), set[int]()
    blobs.store().sweep_staging()
    for path in run.plan.strange:
        why = _("It is a table whose columns the mapping does not know.")
        run.note(Line("table", Outcome.NOT, name_of(run, path), why))
    for path in run.plan.files:
        told = Delivered() if run.plan.is_trail(path) else run.plan.about(path)
        used.add(id(told))
        if not _kept_for_cases(run, path, told):
            _take_in(run, path, told, sealed)
    for line in (*not_there(run.plan, used), *cut(run.plan)):
        run.note(line)


def take_in_left(run: Run) -> None:
    """What no case could take in comes in like what no case holds: nothing that was delivered is left behind."""
    for waiting in (each for files in run.files.values() for each in files):
        if waiting.path not in run.placed:
            _take_in(run, waiting.path, waiting.told, Sealed())


def _take_in(run: Run, path: Path, told: Delivered, sealed: Sealed) -> None:
    trail = run.plan.is_trail(path)
    subject, doubt = subject_of(path, sealed) if trail else (None, told.doubt)
    found = Found(path, trail)
    taken = take_in(found, said_of(path, told), blobs.store(), run.delivery, recording=subject, by=run.by)
    run.counts[taken.status] += 1
    _say(run, taken, doubt, told)
    if taken.recording and not trail:
        _after(run, taken.recording, told)
        sealed.setdefault(path.parent, []).append((path.stem, taken.recording))


def _kept_for_cases(run: Run, path: Path, told: Delivered) -> bool:
    """Whether a file waits for the cases that hold it.

    What cannot be read or is not as declared goes the way of recordings: its bytes are kept and the reason is named.
    """
    kind = run.plan.file_kind(path, told)
    if not kind:
        return False
    try:
        size, sha256 = digested(path)
    except (OSError, ValueError):
        return False
    if against(size, sha256, told):
        return False
    run.files.setdefault(comparable(told.evidence_id), []).append(Waiting(path, kind, sha256, told))
    return True


def _say(run: Run, taken: Taken, doubt: str, told: Delivered) -> None:
    kind = "trail" if taken.attachment else "recording"
    outcome, recording = _OUTCOMES[taken.status], taken.recording
    if outcome == Outcome.HERE and run.is_mine(_ingest_of(taken)):
        outcome = Outcome.ARRIVED
    number, name = recording.number if recording else "", name_of(run, taken.path)
    why = taken.reason or (report.no_time(told) if kind == "recording" else "")
    run.note(Line(kind, outcome, name, why, number, taken.sha256))
    if doubt:
        run.note(Line(kind, Outcome.UNCLAIMED, name, doubt, number))


def _ingest_of(taken: Taken) -> Ingest | None:
    if not taken.attachment:
        return taken.recording.ingest if taken.recording else None
    found = Attachment.objects.filter(sha256=taken.sha256, recording=taken.recording)
    first = found.select_related("ingest").first()
    return first.ingest if first else None


def _after(run: Run, recording: Recording, told: Delivered) -> None:
    if told.evidence_id:
        run.recordings.setdefault(comparable(told.evidence_id), []).append(recording)
    for line in report.unclaimed(told.evidence_id or Path(recording.source_name).name, told):
        run.note(line)
    if told.label and recording.status == Recording.Status.SEALED:
        _categorise(run, recording, told)


def _categorise(run: Run, recording: Recording, told: Delivered) -> None:
    """The categories that its labels mean; one that it ever carried is left as people have it."""
    codes, unknown = report.codes_for(told.label, run.plan.vendor)
    ever = dict(recording.categorisations.order_by("-since").values_list("code", "since"))
    for code in codes:
        outcome, why = Outcome.ARRIVED, ""
        if code in ever:
            outcome = Outcome.ARRIVED if run.brought(ever[code]) else Outcome.HERE
        else:
            try:
                deliver_category(recording.pk, code, by=run.by)
            except Refusal as refusal:
                outcome, why = Outcome.NOT, refusal.sentence
        run.note(Line("category", outcome, code, why, recording.number, said=told.label))
    for word in unknown:
        run.note(unknown_label(word, recording.number))


def unknown_label(word: str, number: str) -> Line:
    """A label that means no category here: the recording keeps it as its label."""
    why = _("The mapping and the policy have no category for it; it stays as the label.")
    return Line("category", Outcome.UNCLAIMED, word, why, number)


def not_there(plan: Plan, used: set[int]) -> list[Line]:
    """What the tables name and the folder does not hold; rows of cases that name none."""
    why = _("The table names it, and no such file was delivered.")
    nobody = _("The row names no case.")
    found = [
        Line("row", Outcome.NOT, told.evidence_id or told.title or "–", why, said=words_of(told.row))
        for told in plan.table.said
        if id(told) not in used
    ]
    found += [
        Line("case", Outcome.NOT, name or table, nobody, said=f"{table}\n{words}")
        for table, name, words in plan.nowhere
    ]
    return [each for line in found for each in report.whole(line)]


def cut(plan: Plan) -> Iterator[Line]:
    """How cells go on that are too long to be kept whole with what they are about."""
    for table, row, column, rest in plan.cut:
        why = _("Row {row}, {column}: the text is too long to be kept whole. It goes on:")
        line = Line("table", Outcome.UNCLAIMED, table, why.format(row=row, column=column), said=rest)
        yield from report.whole(line)


def digested(path: Path) -> tuple[int, str]:
    """Size and digest. Raises OSError, ValueError for what is no ordinary file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with FileReader(descriptor) as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(path)
        return found.st_size, blobs.digest_of(file)


def against(size: int, sha256: str, told: Delivered) -> str:
    """Why a file is not what the delivery declares; empty where it is."""
    if size == 0:
        return _("The file is empty: there is nothing to seal.")
    if told.sha256 and told.sha256 != sha256:
        return _("The file does not have the SHA-256 that the delivery declares for it.")
    if told.size is not None and told.size != size:
        return _("The file does not have the size that the delivery declares for it.")
    return ""
