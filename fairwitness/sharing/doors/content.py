"""A package as `fairwitness.packages` writes it: exhibits with what is known, noted and entered of them, and receipts."""

import uuid
from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import version
from pathlib import PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _

from fairwitness.cases import doors as cases
from fairwitness.cases.events import FILE_SEALED
from fairwitness.cases.models import File
from fairwitness.evidence import doors as evidence
from fairwitness.evidence.doors import clocks, holds
from fairwitness.evidence.doors import incidents as linking
from fairwitness.evidence.doors.playing import played_type
from fairwitness.evidence.events import ATTACHMENT_SEALED, CLIP_MADE, DERIVATIVE_MADE, RECORDING_SEALED
from fairwitness.evidence.models import Clip, Derivative, Recording
from fairwitness.incidents.models import Report
from fairwitness.kernel import blobs, history
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject
from fairwitness.kernel.refusals import WrongState
from fairwitness.kernel.sending import Bytes
from fairwitness.packages.content import Checked, Disclosure, Exhibit, LeftOut, Line, Moment
from fairwitness.publiclog import files as log_files
from fairwitness.publiclog import keys, receipts
from fairwitness.sharing.events import PACKAGE_MADE
from fairwitness.sharing.models import Package, PackageItem

# Pictures that a page may show; what else a file calls itself is only ever handed over.
_SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp"}


def disclosure_of(package: Package) -> Disclosure:
    """The package, whole, with everything up to the moment at which it was asked for, but for what is erased by now.

    Raises Unavailable while an entry that it needs a receipt of waits to be published: a package without proof is none.
    """
    rows = list(items_of(package))
    gone = erased_since(rows)
    house = agency()
    exhibits: list[Exhibit] = []
    for row in rows:
        if not row.because and number_of(row) not in gone:
            exhibits += _exhibits(row, package)
    return Disclosure(
        number=package.number,
        case_number=package.case.number,
        case_title=package.case.title,
        agency=house.name,
        contact=house.address,
        language=house.language,
        zone=house.zone,
        asked=package.asked_at,
        asked_by=f"{package.asked_by.name} ({package.asked_by.badge})",
        for_whom=f"{package.get_side_display()}: {package.recipient}",
        product=f"Fairwitness {version('fairwitness')}",
        exhibits=tuple(exhibits),
        left_out=tuple(_left_out(row) for row in rows if row.because or number_of(row) in gone),
        log=_log(),
        verifier=(settings.ROOT / "verify" / "fairwitness_verify.py").read_bytes(),
        withheld=withheld_words(package.notes_withheld, package.case_notes),
        beside=beside_words(package.beside),
        key_namespace=f"https://{house.log_origin}/kb/",
    )


def beside_words(count: int) -> str:
    """What the case's incidents had and the case did not hold, in a sentence; empty where there was nothing."""
    words = _(
        "Of the incidents that the case is about there were recordings that the case did not hold: {n}."
    )
    return words.format(n=count) if count else ""


def withheld_words(notes: int, case_notes: int) -> tuple[str, ...]:
    """What of the case is no item and is not in the package, in a sentence each."""
    at_moments = _("Notes at moments of recordings: {n}, not in it because they were not asked for.")
    on_case = _("Notes on the case itself: {n}, not in it because no package holds them.")
    said = ((at_moments, notes), (on_case, case_notes))
    return tuple(words.format(n=count) for words, count in said if count)


def items_of(package: Package) -> Iterable[PackageItem]:
    """What the case held when the package was asked for, in order."""
    rows = package.items.order_by("place")
    return rows.select_related(
        "recording__owner", "recording__unit", "recording__camera", "clip__recording", "file"
    )


def number_of(row: PackageItem) -> str:
    """By what the package calls it: a clip by its recording's number and its own place among the clips."""
    if row.clip and row.recording:
        return f"{row.recording.number}-clip-{row.place}"
    return row.file.number if row.file else row.recording.number if row.recording else ""


def kind_words(row: PackageItem) -> str:
    """What it is, in words."""
    if row.clip:
        return _("Clip of a recording")
    return str(row.file.get_kind_display()) if row.file else _("Recording, the original")


def title_of(row: PackageItem) -> str:
    """What people called it."""
    if row.clip:
        return row.clip.name
    if row.file:
        return row.file.name
    found = row.recording
    return (found.title or PurePosixPath(found.source_name).name) if found else ""


def erased_since(rows: Iterable[PackageItem]) -> frozenset[str]:
    """The numbers of what was to be in a package and was erased since it was asked for, or is being erased."""
    packed = [row for row in rows if not row.because and row.recording]
    return frozenset(number_of(row) for row in packed if row.recording and _goes(row.recording))


def _goes(found: Recording) -> bool:
    return found.status == Recording.Status.ERASED or holds.let_go(found.pk) is not None


def _left_out(row: PackageItem) -> LeftOut:
    label = row.get_because_display() if row.because else PackageItem.Because.ERASED.label
    because = f"{label} {row.words}".strip()
    kind = "clip" if row.clip else row.file.kind if row.file else "recording"
    return LeftOut(number_of(row), kind_words(row), title_of(row), because, row.source, kind)


def _exhibits(row: PackageItem, package: Package) -> list[Exhibit]:
    if row.file:
        return [_of_file(row, row.file, package)]
    if row.recording is None:
        return []
    if row.clip:
        return [_of_clip(row, row.clip, row.recording, package)]
    return _of_recording(row, row.recording, package)


def _of_recording(row: PackageItem, found: Recording, package: Package) -> list[Exhibit]:
    reads = played_type(found)
    copy = (
        None
        if reads
        else Derivative.objects.filter(recording=found, kind=Derivative.Kind.VIEWING_COPY).first()
    )
    original = Exhibit(
        number=found.number,
        kind="recording",
        kind_words=kind_words(row),
        title=title_of(row),
        ending=PurePosixPath(found.source_name).suffix,
        size=found.size,
        sha256=found.sha256,
        open=_opener(found.sha256),
        sealed=found.sealed_at,
        started=found.started,
        duration_ms=found.duration_ms,
        reads=reads,
        facts=tuple(_facts(found, package)),
        moments=_moments(found, package) if package.with_notes else (),
        custody=custody("evidence.recording", found.pk, package),
        receipt=_receipt("evidence.recording", found.pk, RECORDING_SEALED.name, found.sha256),
        copy=_copy_number(found) if copy else "",
    )
    return [original, *([_of_copy(found, copy)] if copy else []), *_of_attachments(found, package)]


def _of_attachments(found: Recording, package: Package) -> Iterable[Exhibit]:
    """What the delivering system said of a recording, such as its own audit trail: its word, sealed as it came."""
    came = found.attachments.filter(sealed_at__lte=package.asked_at).order_by("id")
    for place, file in enumerate(came, start=1):
        yield Exhibit(
            number=f"{found.number}-attached-{place}",
            kind="attachment",
            kind_words=_("File of the delivering system, about {number}").format(number=found.number),
            title=PurePosixPath(file.name).name,
            ending=PurePosixPath(file.name).suffix,
            size=file.size,
            sha256=file.sha256,
            open=_opener(file.sha256),
            sealed=file.sealed_at,
            custody=custody("evidence.attachment", file.pk, package),
            receipt=_receipt("evidence.attachment", file.pk, ATTACHMENT_SEALED.name, file.sha256),
        )


def _copy_number(found: Recording) -> str:
    return f"{found.number}-viewing-copy"


def _of_copy(found: Recording, copy: Derivative) -> Exhibit:
    """For whoever has only a browser: the same pictures in a form that it plays, and said to be no original."""
    return Exhibit(
        number=_copy_number(found),
        kind="copy",
        kind_words=_("Copy for playing, made of the original; not evidence by itself"),
        title="",
        ending=".mp4",
        size=copy.size,
        sha256=copy.sha256,
        open=_opener(copy.sha256),
        sealed=copy.made_at,
        duration_ms=found.duration_ms,
        reads=copy.media_type,
        original=found.number,
        receipt=_receipt("evidence.recording", found.pk, DERIVATIVE_MADE.name, copy.sha256),
    )


def _of_clip(row: PackageItem, clip: Clip, found: Recording, package: Package) -> Exhibit:
    return Exhibit(
        number=number_of(row),
        kind="clip",
        kind_words=kind_words(row),
        title=clip.name,
        ending=".mp4",
        size=clip.size,
        sha256=clip.sha256,
        open=_opener(clip.sha256),
        sealed=clip.made_at,
        duration_ms=clip.ends_ms - clip.begins_ms,
        reads=clip.media_type,
        original=found.number,
        proof=clip.proof,
        custody=custody("evidence.clip", clip.pk, package),
        receipt=_receipt("evidence.clip", clip.pk, CLIP_MADE.name, clip.sha256),
    )


def _of_file(row: PackageItem, file: File, package: Package) -> Exhibit:
    return Exhibit(
        number=file.number,
        kind=file.kind,
        kind_words=kind_words(row),
        title=file.name,
        ending=PurePosixPath(file.name).suffix,
        size=file.size,
        sha256=file.sha256,
        open=_opener(file.sha256),
        sealed=file.sealed_at,
        started=file.made_at,
        reads=file.media_type if file.media_type in _SHOWN else "",
        custody=custody("cases.file", file.pk, package),
        receipt=_receipt("cases.file", file.pk, FILE_SEALED.name, file.sha256),
    )


def _opener(sha256: str) -> Callable[[], blobs.Reader]:
    return partial(_opened, sha256)


def _opened(sha256: str) -> blobs.Reader:
    return blobs.store().open(sha256)


def played(row: PackageItem) -> Bytes | None:
    """What of an item is shown to whoever looks at it here; None where nothing of it can be."""
    if row.clip:
        return Bytes(row.clip.sha256, row.clip.media_type)
    if row.file:
        return Bytes(row.file.sha256, row.file.media_type) if row.file.media_type in _SHOWN else None
    if row.recording is None:
        return None
    if reads := played_type(row.recording):
        return Bytes(row.recording.sha256, reads)
    copy = Derivative.objects.filter(recording=row.recording, kind=Derivative.Kind.VIEWING_COPY).first()
    return Bytes(copy.sha256, copy.media_type) if copy else None


def is_copy(row: PackageItem) -> bool:
    """Whether what plays of it is a copy made for browsers."""
    return row.recording is not None and row.clip is None and not played_type(row.recording)


def facts_of(row: PackageItem) -> list[tuple[str, str]]:
    """What is known of an item, for people; what is known of a clip's recording is not shown with the clip."""
    return list(_facts(row.recording, row.package)) if row.recording and not row.clip else []


def moments_of(row: PackageItem) -> tuple[Moment, ...]:
    """The notes at moments of an item; those of a clip are of its recording, and not shown with it."""
    return _moments(row.recording, row.package) if row.recording and not row.clip else ()


def _facts(found: Recording, package: Package) -> Iterable[tuple[str, str]]:
    if found.owner:
        yield _("Officer"), f"{found.owner.name} ({found.owner.badge})"
    if found.unit:
        yield _("Unit"), found.unit.name
    if found.camera:
        yield _("Camera"), found.camera.serial
    if found.incident:
        yield _("Incident"), found.incident
    if found.label:
        yield _("Label as delivered"), found.label
    yield _("Its clock"), str(found.get_clock_display())
    if found.started_text:
        yield _("Time as its source wrote it"), found.started_text
    known = clocks.leading([found.pk], package.asked_at)
    if row := known.get(found.pk):
        words = _("{span}, {how}, found by {name}: {because} The recording is left as it is.")
        span, how = clocks.signed(clocks.in_all(found.pk, known)), row.get_how_display()
        because = row.because if row.because.endswith((".", "!", "?")) else f"{row.because}."
        said = words.format(span=span, how=how, name=row.found_by.name, because=because)
        yield _("By how much its clock differs"), said
    yield from _reports(found, package)


def _reports(found: Recording, package: Package) -> Iterable[tuple[str, str]]:
    """The reports about its incidents that the case is about: of which there are, not what stands in them.

    Complaints are left out: what becomes of them is no part of a case.
    """
    about = {link.incident_id for link in linking.links(found)}
    rows = cases.reports_about(package.case).filter(incident__in=about, filed_at__lte=package.asked_at)
    for row in rows.exclude(kind=Report.Kind.COMPLAINT):
        who = row.author.name if row.author else _("nobody named")
        own = row.author_id is not None and row.author_id == found.owner_id
        words = (
            _("{number}, by {name}, the officer of this recording, on {day}")
            if own
            else _("{number}, by {name}, on {day}")
        )
        day = agency().written(row.filed_at)
        yield (
            _("Report: {kind}").format(kind=row.get_kind_display()),
            words.format(number=row.number, name=who, day=day),
        )


def _moments(found: Recording, package: Package) -> tuple[Moment, ...]:
    """The notes that stood there when the package was asked for: who asked read them first, and none that came after."""
    return tuple(
        Moment(n.at_ms, n.text, n.author.name, n.made_at)
        for n in evidence.notes(found)
        if n.made_at <= package.asked_at
    )


def custody(kind: str, subject: uuid.UUID, package: Package) -> tuple[Line, ...]:
    """The history of a thing up to the moment at which the package was asked for."""
    lines = [line for line in history.of(kind, subject) if line.at <= package.asked_at]
    places = receipts.place_of([line.entry_id for line in lines])
    return tuple(Line(l.at, l.sentence, str(l.entry_id), places.get(l.entry_id)) for l in lines)  # noqa: E741


def _receipt(kind: str, subject: uuid.UUID, event: str, sha256: str) -> dict[str, object] | None:
    """The receipt of the entry in which these bytes were named; None where no entry did."""
    about = EntrySubject.objects.filter(kind=kind, subject=subject).values("entry_id")
    entries = Entry.objects.filter(pk__in=about, event=event).order_by("-at", "-id")
    facts = dict(
        EntryPrivate.objects.filter(entry_id__in=entries.values("pk")).values_list("entry_id", "facts")
    )
    for entry in entries:
        if facts.get(entry.pk, {}).get("sha256") == f"sha256:{sha256}":
            return receipts.receipt(entry.pk)
    return None


def receipt_of(package: Package) -> dict[str, object]:
    """The receipt of the entry under which a package was made: by it a stranger sees that nothing of it is missing.

    Raises WrongState before it is made, Unavailable while the entry waits to be published.
    """
    found = _receipt("sharing.package", package.pk, PACKAGE_MADE.name, package.sha256)
    if found is None:
        raise WrongState(_("There is a receipt once the package is made."), status=package.status)
    return found


def _log() -> Checked | None:
    note = log_files.checkpoint_note()
    if note is None:
        return None
    witnesses = tuple(str(key) for key in keys.witness_keys())
    return Checked(str(note), str(keys.public_key()), witnesses)
