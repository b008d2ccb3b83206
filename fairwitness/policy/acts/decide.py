"""Deciding on what was proposed: sending back, approving, clearing, bringing into force, withdrawing."""

import datetime as dt
import uuid

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change, move
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.models import Entry, EntrySubject
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from fairwitness.policy import doors, events
from fairwitness.policy.acts.writing import about, carried_words, check_categories, told
from fairwitness.policy.models import Clearance, Version

Status = Version.Status


def send_back_version(*, version_id: uuid.UUID, by: Actor) -> Version:
    """Send a proposed version back: it is a draft again, and its author is told."""
    with change(events.VERSION_SENT_BACK, by=by) as entry:
        doors.check_may(by, "send_version_back")
        version = doors.lock_version(version_id)
        move(version, Status.DRAFT)
        _tell(version, _("Version {n} of {number} was sent back to you."), by)
        about(entry, version)
    return version


def approve_version(
    *, version_id: uuid.UUID, digest: str, in_force_at: dt.datetime | None = None, by: Actor
) -> Version:
    """Approve what was proposed, to be in force from a moment (now).

    `digest` is of the text that the approver read: WrongState when it is another by now. Forbidden to whoever wrote or
    proposed any of it (duty C13). What changes how long recordings are kept must be cleared before it is in force.
    """
    with change(events.VERSION_APPROVED, by=by) as entry:
        doors.check_may(by, "approve_version")
        version = doors.lock_version(version_id)
        check_approval(version, digest, by)
        now = clock.now()
        if in_force_at is not None and in_force_at < now - dt.timedelta(minutes=1):
            raise Invalid(_("It cannot come into force in the past."), in_force_at=[_("Choose a later day.")])
        version.approver_id, version.approved_at = by.person, now
        version.in_force_at = max(in_force_at or now, now)
        move(version, Status.APPROVED)
        version.save(update_fields=["approver", "approved_at", "in_force_at"])
        _tell(version, _("Version {n} of {number} was approved."), by)
        about(entry, version, sha256=told(version), in_force_at=version.in_force_at)
    return version


def check_approval(version: Version, digest: str, by: Actor) -> None:
    """Raise the refusal that stands against this approval, if one does."""
    if version.status != Status.PROPOSED:
        raise WrongState(_("This version is not proposed."))
    if version.digest != digest:
        raise WrongState(_("The text has changed since you read it; read it again."))
    if by.person in (version.author_id, version.proposer_id) or _wrote(version, by):
        raise Forbidden(_("Whoever wrote or proposed a version does not approve it: a second person does."))
    check_categories(version)


def _wrote(version: Version, by: Actor) -> bool:
    """Whether any of the draft is theirs, as the ledger has it."""
    about_it = EntrySubject.objects.filter(kind="policy.version", subject=version.pk).values("entry_id")
    written = (events.DRAFT_CHANGED.name, events.VERSION_PROPOSED.name)
    return Entry.objects.filter(pk__in=about_it, event__in=written, actor=by.key).exists()


def give_clearance(*, version_id: uuid.UUID, what: str, by: Actor) -> Clearance:
    """Record that what had to be done before a version may come into force was done, for the text as it is now.

    Called by the room that did it, inside its own change; twice it is one clearance. Raises WrongState unless the
    version is on its way.
    """
    with change(events.CLEARANCE_GIVEN, by=by) as entry:
        version = doors.lock_version(version_id)
        if version.status not in Version.OPEN:
            raise WrongState(_("This version is not on its way: there is nothing to clear."))
        clearance, _new = Clearance.objects.get_or_create(
            version=version,
            what=Clearance.What(what),
            digest=version.digest,
            defaults={"given_at": clock.now(), "given_by_id": by.member_id},
        )
        about(entry, version, what=what, sha256=told(version))
    return clearance


def check_due(version: Version) -> None:
    """Raise WrongState naming what is missing before an approved version may come into force."""
    if version.status != Status.APPROVED:
        raise WrongState(_("This version is not approved."))
    if missing := doors.clearances_missing(version):
        words = ", ".join(str(what.label).lower() for what in missing)
        raise WrongState(_("Before it can come into force this must be so: {words}.").format(words=words))
    if version.in_force_at and version.in_force_at > clock.now():
        raise WrongState(_("Its day has not come."))
    check_categories(version)


def note_held_up(*, version_id: uuid.UUID, by: Actor) -> Version:
    """Tell whoever wrote, proposed and approved a version that it waits, although due, for what records still carry.

    Once for each version. Raises WrongState where nothing of the kind holds it up, or they were told.
    """
    with change(events.VERSION_HELD_UP, by=by) as entry:
        doors.check_may(by, "bring_into_force")
        version = doors.lock_version(version_id)
        carried = doors.still_carried(version)
        if not doors.is_due(version) or not carried or _told_before(version):
            raise WrongState(_("Nothing holds this version up, or they were told before."))
        sentence = _("Version {n} of {number} waits, although its day has come. {why}")
        members = {version.author_id, version.proposer_id, version.approver_id}
        notify(
            filter(None, members),
            sentence.format(n=version.n, number=version.document.number, why=carried_words(carried)),
            reverse("version", args=[version.document.number, version.n]),
        )
        about(entry, version, codes=" ".join(carried), count=sum(carried.values()))
    return version


def _told_before(version: Version) -> bool:
    """Whether it was told that this version waits, as the ledger has it."""
    about_it = EntrySubject.objects.filter(kind="policy.version", subject=version.pk).values("entry_id")
    return Entry.objects.filter(pk__in=about_it, event=events.VERSION_HELD_UP.name).exists()


def bring_into_force(*, version_id: uuid.UUID, by: Actor) -> Version:
    """Bring an approved version into force once its time has come; the one before it is superseded at that moment."""
    with change(events.VERSION_IN_FORCE, by=by) as entry:
        doors.check_may(by, "bring_into_force")
        version = doors.lock_version(version_id)
        check_due(version)
        now = clock.now()
        before = version.document.versions.filter(status=Status.IN_FORCE).first()
        if before:
            before.superseded_at = now
            move(before, Status.SUPERSEDED)
            before.save(update_fields=["superseded_at"])
        version.in_force_at = now
        move(version, Status.IN_FORCE)
        version.save(update_fields=["in_force_at"])
        _tell(version, _("Version {n} of {number} is in force."), by)
        about(
            entry,
            version,
            sha256=told(version),
            number=version.document.number,
            superseded_id=before.pk if before else None,
        )
        if before:
            entry.about(before)
        enqueue("evidence.retain_anew", queue="rounds", once=True)
    return version


def withdraw_version(*, version_id: uuid.UUID, by: Actor) -> Version:
    """Withdraw what is on its way; it stays to be read. What is in force is not withdrawn but superseded."""
    with change(events.VERSION_WITHDRAWN, by=by) as entry:
        doors.check_may(by, "withdraw_version")
        version = doors.lock_version(version_id)
        move(version, Status.WITHDRAWN)
        _tell(version, _("Version {n} of {number} was withdrawn."), by)
        about(entry, version)
    return version


def _tell(version: Version, sentence: str, by: Actor) -> None:
    """Whoever wrote or proposed it is told, unless they did it themselves."""
    members = {pk for pk in (version.author_id, version.proposer_id) if pk} - {by.member_id}
    if members:
        words = sentence.format(n=version.n, number=version.document.number)
        notify(sorted(members), words, reverse("version", args=[version.document.number, version.n]))
