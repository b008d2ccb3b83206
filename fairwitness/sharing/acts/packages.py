"""Packages for court: asked for, written by a job, taken, withdrawn; their files removed when nobody wants them."""

import datetime as dt
import time
import uuid
from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _

from fairwitness.cases import doors as cases
from fairwitness.cases.models import Case
from fairwitness.evidence.acts.hold import cleaned, digest_of
from fairwitness.kernel import actors, clock, numbers
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import OpenEntry, change, move
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.notices import notify
from fairwitness.kernel.one import locked
from fairwitness.kernel.refusals import Forbidden, Invalid, Refusal
from fairwitness.packages import disclosure
from fairwitness.packages.bag import Busy, Finished, check_room
from fairwitness.packages.content import Disclosure
from fairwitness.packages.targets import Zip
from fairwitness.sharing import doors, events
from fairwitness.sharing.doors.planning import LeaveOut, Planned
from fairwitness.sharing.doors.reach import WITH_A_CASE
from fairwitness.sharing.models import Package, PackageItem, Progress, Share, Side

LONGEST_RECIPIENT, LONGEST_REASON = 200, 500
# So often it is noted how far the writing has come, and looked whether the package is wanted still.
EVERY = 1.0  # seconds
# Beside the originals: documents, receipts, tables. Measured at less than 120 KiB for an item with a long history.
PAPERS = 256 * 1024
# So many recordings are named by one entry: a receipt of it stays small enough to be one.
AT_ONCE = 1000
Status = Package.Status


def ask_package(
    case_id: uuid.UUID,
    *,
    side: str,
    recipient: str,
    with_notes: bool = False,
    leave_out: Mapping[str, LeaveOut] | None = None,
    by: Actor,
) -> Package:
    """Ask for a package of everything that a case holds, but for what is left out with a reason; a job writes it.

    What the asker may not open, what is erased, and what a statute keeps from the defence is left out and said to be;
    so are notes that are not asked for, and notes on the case itself, by their number.
    Raises NotFound, Forbidden, Invalid for a number that the case does not hold or a reason without words.
    """
    if side not in Side.values:
        raise Invalid(_("Say for whom the package is."), field="side")
    recipient = cleaned(recipient, LONGEST_RECIPIENT, "recipient", needed=True)
    chosen = {number: _choice(number, each) for number, each in (leave_out or {}).items()}
    with change(events.PACKAGE_ASKED, by=by) as entry:
        case = cases.case(by, case_id, WITH_A_CASE["make_package"], lock=True)
        _check_held(case, list(chosen))
        planned = doors.planning.plan(by, case, side, chosen)
        now = clock.now()
        package = Package(
            number=numbers.next_numbers("P", now.astimezone(agency().tz).year)[0],
            case=case,
            side=side,
            recipient=recipient,
            with_notes=with_notes,
            beside=doors.planning.beside(by, case),
            notes_withheld=doors.planning.notes_withheld(planned, with_notes=with_notes),
            case_notes=doors.planning.case_notes(case),
            asked_at=entry.at,
            asked_by_id=by.person,
        )
        package.save(force_insert=True)
        _keep_plan(package, planned)
        _tell(entry, package, planned)
        _note_on_recordings(package, planned, by)
        enqueue("sharing.make_package", queue="packages", package_id=str(package.pk))
    return package


def _choice(number: str, each: LeaveOut) -> LeaveOut:
    if each.because not in PackageItem.CHOSEN:
        raise Invalid(_("Say why {number} is left out.").format(number=number), field="leave_out")
    words = cleaned(each.words, LONGEST_REASON, "leave_out", needed=each.because == PackageItem.Because.OTHER)
    return LeaveOut(each.because, words)


def _check_held(case: Case, chosen: list[str]) -> None:
    unknown = doors.planning.unknown_numbers(case, chosen)
    if unknown:
        words = _("The case does not hold {numbers}.").format(numbers=", ".join(unknown[:5]))
        raise Invalid(words, leave_out=[words])


def _keep_plan(package: Package, planned: list[Planned]) -> None:
    PackageItem.objects.bulk_create(
        [
            PackageItem(
                package=package,
                place=place,
                recording=each.recording,
                clip=each.clip,
                file=each.file,
                because=each.because,
                words=each.words,
                source=each.source,
            )
            for place, each in enumerate(planned, 1)
        ],
        batch_size=500,
    )


def _tell(entry: OpenEntry, package: Package, planned: list[Planned]) -> None:
    entry.about(
        package,
        package.case,
        package_id=package.pk,
        case_id=package.case_id,
        side=package.side,
        number=package.number,
        count=sum(not each.because for each in planned),
        left_out=sum(bool(each.because) for each in planned),
        list_sha256=doors.planning.digest_of_plan(planned),
        recipient_sha256=digest_of(package.recipient),
        notes=package.with_notes,
    )


def _note_on_recordings(package: Package, planned: list[Planned], by: Actor) -> None:
    """Each recording's own history says that it was packed, and for whom."""
    packed = sorted({each.recording.pk for each in planned if not each.because and each.recording})
    for start in range(0, len(packed), AT_ONCE):
        with change(events.PACKAGED, by=by) as entry:
            for pk in packed[start : start + AT_ONCE]:
                entry.mention("evidence.recording", pk)
            entry.about(package, package_id=package.pk, case_id=package.case_id, side=package.side)


# Writing it


class Unwanted(Exception):
    """The package was withdrawn while it was written."""


def make_package(package_id: uuid.UUID, *, by: Actor) -> Package | None:
    """Write the package; stopped anywhere and called again, it goes on. None where it is not wanted any more.

    What is erased, damaged or lost by then is left out and said to be. Raises StoreFull, Unavailable, or whatever else
    refuses: then it waits, says why on its page, and what was written stays for the next time. Raises Busy while it is
    being written.
    """
    package = Package.objects.select_related("case", "asked_by").get(pk=package_id)
    if package.status != Status.ASKED:
        _remove_unwanted(package.pk)
        return None
    try:
        said = doors.content.disclosure_of(package)
        writing = _Writing(package, disclosure.total(said))
        check_room(doors.files.folder(), _needs(said), doors.files.lies_there(package.pk))
        target = Zip(doors.files.path_of(package.pk), package.asked_at)
        finished, missing = disclosure.write(
            said,
            target,
            doors.files.journal_of(package.pk),
            progress=writing,
            missing=doors.missing.why_missing,
        )
        return _note_made(package, finished, {**_erased(package, said), **missing}, by)
    except Unwanted:
        _remove_unwanted(package.pk)
        return None
    except Busy:
        raise
    except Refusal as refusal:
        _note_waiting(package, refusal)
        raise


def _remove_unwanted(package_id: uuid.UUID) -> None:
    """Remove what was written of a package that was withdrawn; what another job made meanwhile stays."""
    if Package.objects.filter(pk=package_id, status=Status.WITHDRAWN).exists():
        _remove(package_id)


def _erased(package: Package, said: Disclosure) -> dict[str, str]:
    """What was to be in the package and was left out from the beginning, because it was erased since."""
    left_out = {each.number for each in said.left_out}
    packed = {doors.content.number_of(row) for row in doors.content.items_of(package) if not row.because}
    return dict.fromkeys(left_out & packed, str(PackageItem.Because.ERASED))


def _needs(said: Disclosure) -> int:
    return disclosure.total(said) + PAPERS * (len(said.exhibits) + 4)


class _Writing:
    """Notes how far the writing has come, now and then; stops it when the package is not wanted any more."""

    def __init__(self, package: Package, total: int) -> None:
        self._package, self._done, self._total, self._noted = package.pk, 0, total, 0.0

    def __call__(self, count: int) -> None:
        self._done += count
        if time.monotonic() - self._noted < EVERY:
            return
        self._noted = time.monotonic()
        _note_progress(self._package, done=min(self._done, self._total), total=self._total, waits="")
        if not Package.objects.filter(pk=self._package, status=Status.ASKED).exists():
            raise Unwanted


def _note_progress(package_id: uuid.UUID, **said: object) -> None:
    Progress.objects.update_or_create(package=package_id, defaults={"at": clock.now(), **said})


def _note_waiting(package: Package, refusal: Refusal) -> None:
    """Whoever asked is told the first time that it waits, and why."""
    waited = Progress.objects.filter(package=package.pk).exclude(waits="").exists()
    _note_progress(package.pk, waits=refusal.sentence[:500])
    if not waited:
        with change(events.PACKAGE_WAITS, by=actors.system("sharing.make_package")) as entry:
            sentence = _("The package {number} waits. {why}").format(
                number=package.number, why=refusal.sentence
            )
            notify([package.asked_by_id], sentence[:500], doors.files.page_of(package))
            entry.about(package, package_id=package.pk, case_id=package.case_id, why=refusal.code)


def _note_made(package: Package, finished: Finished, missing: Mapping[str, str], by: Actor) -> Package:
    """Raises Unwanted where it was withdrawn, or made, meanwhile: nothing is entered then."""
    with change(events.PACKAGE_MADE, by=by) as entry:
        found = locked(Package.objects.select_related("case"), package.pk)
        if found.status != Status.ASKED:
            raise Unwanted
        size = doors.files.path_of(found.pk).stat().st_size
        for row in found.items.filter(because="").select_related("recording", "clip", "file"):
            if why := missing.get(doors.content.number_of(row)):
                row.damaged, row.missing = True, why
                row.save(update_fields=["damaged", "missing"])
        move(found, Status.MADE, made_at=clock.now(), sha256=finished.sha256, size=size)
        Progress.objects.filter(package=found.pk).delete()
        entry.about(
            found, found.case, package_id=found.pk, case_id=found.case_id, size=size, damaged=len(missing)
        )
        entry.about(sha256=f"sha256:{finished.sha256}")
        sentence = _("The package {number} is made.").format(number=found.number)
        if missing:
            words = _("Left out of it, because they were erased, damaged or lost by then: {n}.")
            sentence = f"{sentence} {words.format(n=len(missing))}"
        notify([found.asked_by_id], sentence, doors.files.page_of(found))
    return found


# Taking it, withdrawing it, letting its file go


def take_package(package_id: uuid.UUID, *, by: Actor) -> Package:
    """Take a copy of a package's file. Raises Forbidden where something in it is not open to who takes it, Gone."""
    with change(events.PACKAGE_TAKEN, by=by) as entry:
        package = doors.package(by, package_id, "take_package", lock=True)
        doors.files.check_there(package)
        check_opens(by, package)
        entry.about(package, package.case, package_id=package.pk, case_id=package.case_id)
        entry.about(sha256=f"sha256:{package.sha256}")
    return package


def check_opens(actor: Actor, package: Package) -> None:
    """Raise Forbidden unless every recording in a package opens to the actor."""
    held = set(package.items.filter(because="", recording__isnull=False).values_list("recording", flat=True))
    closed = held - cases.opened_among(actor, held)
    if closed:
        words = _("Recordings in this package are not open to you: {n}. Somebody to whom they are takes it.")
        raise Forbidden(words.format(n=len(closed)), act="take_package")


def withdraw_package(package_id: uuid.UUID, because: str, *, by: Actor) -> Package:
    """Withdraw a package: its file goes, and nobody opens or downloads it any more; that it was made stays.

    Raises Invalid without a reason, WrongState where it was withdrawn.
    """
    because = cleaned(because, LONGEST_REASON, "because", needed=True)
    with change(events.PACKAGE_WITHDRAWN, by=by) as entry:
        package = doors.package(by, package_id, "make_package", lock=True)
        move(package, Status.WITHDRAWN, withdrawn_at=clock.now(), withdrawn_because=because)
        Progress.objects.filter(package=package.pk).delete()
        entry.about(package, package.case, package_id=package.pk, case_id=package.case_id)
        entry.about(because_sha256=digest_of(because))
    if not _is_written(package_id):
        _remove(package_id)
    return package


def _is_written(package_id: uuid.UUID) -> bool:
    """Whether a job is writing it: that removes what it wrote itself, as it finds the package withdrawn."""
    return doors.files.journal_of(package_id).exists()


def _remove(package_id: uuid.UUID) -> None:
    for path in doors.files.all_of(package_id):
        path.unlink(missing_ok=True)


def let_old_go(*, by: Actor) -> int:
    """Remove the files of packages that are shared with nobody and were made long ago; how many. Their records stay."""
    before = clock.now() - dt.timedelta(days=settings.FAIRWITNESS_PACKAGE_DAYS)
    shared = Share.objects.filter(doors.guests.standing()).values("package")
    old = Package.objects.filter(status=Status.MADE, made_at__lt=before).exclude(pk__in=shared)
    gone = 0
    for package in old.iterator():
        if doors.files.path_of(package.pk).exists():
            with change(events.PACKAGE_LET_GO, by=by) as entry:
                entry.about(package, package_id=package.pk, case_id=package.case_id)
            _remove(package.pk)
            gone += 1
    for package in Package.objects.filter(status=Status.WITHDRAWN):
        _remove(package.pk)
    return gone


def clear_of(recording_id: uuid.UUID) -> int:
    """Remove the files of packages that hold a recording whose bytes are being erased; how many are left all the same."""
    held = PackageItem.objects.filter(recording=recording_id, because="").values_list("package", flat=True)
    for package_id in set(held):
        _remove(package_id)
    return doors.files.left_of(recording_id)
