"""Dry runs: shown before anything bites, approved by a second person, applied after a cooling-off."""

import datetime as dt
import tempfile
import uuid
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.department.acts import end_alarm, raise_alarm
from fairwitness.department.models import Member
from fairwitness.evidence import events
from fairwitness.evidence.acts.retain import BATCH, decide_retention
from fairwitness.evidence.doors import dry_runs, keeping
from fairwitness.evidence.doors.dry_runs import Tried
from fairwitness.evidence.models import DryRun, Recording
from fairwitness.kernel import blobs, clock, numbers
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import OpenEntry, change, move
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.notices import notify
from fairwitness.kernel.one import locked
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from fairwitness.kernel.roles import Role
from fairwitness.policy import acts as policy_acts
from fairwitness.policy import doors as policy
from fairwitness.policy.models import Clearance, Version
from fairwitness.storage.acts import confirm_copies

Status, Cause = DryRun.Status, DryRun.Cause
# So many recordings are moved in one change. Fewer would be asked about one by one (keeping.FEW), more say less often
# how far it came.
PART = 10 * BATCH
APPROVERS = (Role.BWC_UNIT, Role.COMMAND_STAFF, Role.CHIEF)
# The alarm about an approved dry run whose list no store gives.
NOT_APPLIED = "evidence.dry_run_not_applied"


def ask_dry_run(version_id: uuid.UUID | None = None, *, by: Actor) -> DryRun | None:
    """Have a dry run made, of a version or of what waits: at once where recordings are few, else by a job; then None.

    Refuses what `try_version` and `try_recordings` refuse, and WrongState while a job makes the same one.
    """
    asked = dry_runs.considered() if version_id else dry_runs.waiting()
    dry_runs.check_may(by, "propose_dry_run")
    if (count := asked.count()) <= dry_runs.AT_ONCE:
        return try_version(version_id, by=by) if version_id else try_recordings(by=by)
    with change(events.DRY_RUN_ASKED, by=by) as entry:
        # Locked, so that who presses twice does not leave two jobs.
        locked(Member.objects.all(), by.person)
        version = _version(version_id) if version_id else None
        check_asked(version)
        key = str(version.pk) if version else ""
        enqueue(dry_runs.MAKING, queue="rounds", version_id=key, member_id=str(by.person))
        entry.mention("department.member", by.person)
        entry.about(count=count)
        if version:
            entry.about(version, version_id=version.pk)
    return None


def check_asked(version: Version | None) -> None:
    """Raise WrongState unless a dry run may be asked for: none of the same is open, or being made."""
    if version:
        check_version(version)
    else:
        check_none_open(None)
    job = dry_runs.being_made(version.pk if version else None)
    if job and job.status != "failed":
        raise WrongState(_("It is being made."))


def _version(version_id: uuid.UUID) -> Version:
    version = Version.objects.filter(pk=version_id).select_related("document").first()
    if version is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return version


def try_version(version_id: uuid.UUID, *, by: Actor, tell: bool = False) -> DryRun:
    """Try a version of the policy on all recordings, and lay what it would make due before a second person.

    Raises WrongState for a version that is not on its way, and while another dry run of the same text is open.
    With `tell` whoever asked for it is told, too, that it is made.
    """
    dry_runs.check_may(by, "propose_dry_run")
    version = _version(version_id)
    check_version(version)
    found = dry_runs.under(version)
    return _propose(Cause.VERSION, version, found, by, tell)


def check_version(version: Version) -> None:
    """Raise WrongState unless a dry run of this version makes sense now."""
    if version.status not in (Version.Status.DRAFT, Version.Status.PROPOSED, Version.Status.APPROVED):
        raise WrongState(_("Only a version that is on its way is tried."))
    check_none_open(version)


def check_none_open(version: Version | None) -> None:
    """Raise WrongState, naming it, while a dry run of this text, or, without a version, of recordings is open."""
    if (found := dry_runs.open_run(version)) is None:
        return
    sentence = (
        _("This text is being tried already, in the dry run {number}.")
        if version
        else _(
            "The dry run {number} is open already. Let it be applied, or withdraw it, before another is made."
        )
    )
    raise WrongState(sentence.format(number=found.number), number=found.number)


def try_recordings(*, by: Actor, tell: bool = False) -> DryRun:
    """Lay before a second person the recordings that the rules in force would let go sooner than they are kept.

    Categories that were withdrawn, clocks that two people settled, and the like. Raises Invalid where there are none,
    WrongState while another dry run of recordings is open.
    """
    dry_runs.check_may(by, "propose_dry_run")
    check_none_open(None)
    found = dry_runs.tried(dry_runs.waiting(), keeping.rules_now())
    if not found.lines:
        raise Invalid(_("No recording would be let go sooner than it is kept."))
    return _propose(Cause.RECORDINGS, None, found, by, tell)


def _propose(cause: str, version: Version | None, found: Tried, by: Actor, tell: bool) -> DryRun:
    # The list lies in the stores before the change that names it.
    with tempfile.TemporaryFile() as file:
        found.write_to(file)
        file.seek(0)
        blob = blobs.store().put(file)
    with change(events.DRY_RUN_PROPOSED, by=by) as entry:
        dry_runs.lock_dry_runs()
        # Asked before, too: whoever made one meanwhile was quicker.
        check_none_open(version)
        now = clock.now()
        run = DryRun(
            number=numbers.next_numbers("Y", now.astimezone(agency().tz).year)[0],
            cause=cause,
            version=version,
            digest=version.digest if version else "",
            list_sha256=blob.sha256,
            list_size=blob.size,
            counts=found.counts,
            months=found.months,
            proposer_id=by.person,
            proposed_at=now,
        )
        run.save(force_insert=True)
        confirm_copies(blob)
        _tell_approvers(run, by)
        if tell:
            sentence = _("The dry run {number} that you asked for is made.").format(number=run.number)
            notify([by.person], sentence, _page(run))
        _about(entry, run, sooner=found.counts["sooner"], due_at_once=found.counts["due_at_once"])
        if version:
            entry.about(version, version_id=version.pk)
    return run


def approve_dry_run(run_id: uuid.UUID, *, digest: str, by: Actor) -> DryRun:
    """Approve what was shown; then it waits for as many days as the policy says. Never by whoever proposed it.

    `digest` is of the list that the approver saw.
    """
    with change(events.DRY_RUN_APPROVED, by=by) as entry:
        dry_runs.check_may(by, "approve_dry_run")
        run = _locked(run_id)
        check_approval(run, digest, by)
        cited = policy.the_rule("disposal")
        days = int(cited.rule.parameters.cooling_off_days)  # type: ignore[union-attr]
        now = clock.now()
        run.approver_id, run.approved_at, run.applies_at = by.person, now, now + dt.timedelta(days=days)
        move(run, Status.APPROVED)
        run.save(update_fields=["approver", "approved_at", "applies_at"])
        notify(
            [run.proposer_id], _("The dry run {number} was approved.").format(number=run.number), _page(run)
        )
        _about(entry, run, applies_at=run.applies_at, rule=cited.rule.id, version_id=cited.version_id)
    return run


def check_approval(run: DryRun, digest: str, by: Actor) -> None:
    """Raise the refusal that stands against this approval, if one does."""
    if run.status != Status.PROPOSED:
        raise WrongState(_("This dry run is not waiting for an approval."))
    if run.proposer_id == by.member_id:
        raise Forbidden(_("Whoever proposed it does not approve it: a second person does."))
    if run.list_sha256 != digest:
        raise WrongState(_("The list is another than the one you saw."))
    if run.version and run.version.digest != run.digest:
        raise WrongState(_("The version's text has changed since it was tried: try it again."))


def withdraw_dry_run(run_id: uuid.UUID, *, by: Actor) -> DryRun:
    """Withdraw a dry run, also in its cooling-off or while it is applied: from now on nothing comes nearer by it."""
    with change(events.DRY_RUN_WITHDRAWN, by=by) as entry:
        dry_runs.check_may(by, "approve_dry_run")
        run = _locked(run_id)
        move(run, Status.WITHDRAWN)
        told = {run.proposer_id, run.approver_id} - {by.member_id, None}
        notify(
            sorted(filter(None, told)),
            _("The dry run {number} was withdrawn.").format(number=run.number),
            _page(run),
        )
        end_alarm(NOT_APPLIED, key=str(run.pk), by=by)
        _about(entry, run)
    return run


def apply_dry_run(run_id: uuid.UUID, *, by: Actor) -> DryRun:
    """After the cooling-off, let the days come as near as was approved, and no nearer.

    For a version the clearance is given first; the days move once the version is in force. Raises WrongState before,
    NotFound and Unavailable where no store gives its list.
    """
    run = DryRun.objects.select_related("version__document").get(pk=run_id)
    check_applies(run)
    if run.version and run.version.status != Version.Status.IN_FORCE:
        _clear(run, by)
        return run
    _move_days(run, by)
    with change(events.DRY_RUN_APPLIED, by=by) as entry:
        run = _locked(run_id)
        run.applied_at = clock.now()
        move(run, Status.APPLIED)
        run.save(update_fields=["applied_at"])
        end_alarm(NOT_APPLIED, key=str(run.pk), by=by)
        _about(entry, run, sooner=run.counts["sooner"])
    return run


def note_not_applied(run_id: uuid.UUID, why: str, *, by: Actor) -> None:
    """Tell those who keep the system why an approved dry run cannot be applied; over when it is, or is withdrawn."""
    run = DryRun.objects.get(pk=run_id)
    sentence = _("The dry run {number} was approved and cannot be applied: {why}")
    said = sentence.format(number=run.number, why=why)
    raise_alarm(NOT_APPLIED, said, key=str(run.pk), link=_page(run), by=by)


def check_applies(run: DryRun) -> None:
    """Raise WrongState unless its cooling-off is over."""
    if run.status != Status.APPROVED or run.applies_at is None:
        raise WrongState(_("This dry run is not approved."))
    if run.applies_at > clock.now():
        raise WrongState(_("Its cooling-off is not over."))


def _clear(run: DryRun, by: Actor) -> None:
    """Give the clearance for the text that was tried, once; a text that has changed since is not cleared."""
    version = run.version
    if version is None or version.digest != run.digest:
        return
    if Clearance.What.RETENTION in policy.clearances_missing(version):
        policy_acts.give_clearance(version_id=version.pk, what=Clearance.What.RETENTION, by=by)


def _move_days(run: DryRun, by: Actor) -> None:
    """Recording by recording no nearer than the list has it: what changed since then is asked anew by the rules.

    Part by part, each in a change that says how far it came: whoever comes after a stop goes on there, and nothing is
    half done. Raises WrongState where it was withdrawn meanwhile.
    """
    allowed = {
        uuid.UUID(line["recording"]): dt.date.fromisoformat(line["would_be"])
        for line in dry_runs.lines_of(run)
    }
    keys = sorted(allowed)
    for start in range(run.moved, len(keys), PART):
        _move_part(run.pk, keys, start, allowed, by)


def _move_part(
    run_id: uuid.UUID, keys: list[uuid.UUID], start: int, allowed: Mapping[uuid.UUID, dt.date], by: Actor
) -> None:
    with change(events.DRY_RUN_MOVED, by=by) as entry:
        run = _locked(run_id)
        if run.status != Status.APPROVED or run.moved != start:
            raise WrongState(_("This dry run was withdrawn, or another worker goes on with it."))
        part = keys[start : start + PART]
        sealed = Recording.objects.filter(pk__in=part, status=Recording.Status.SEALED)
        decide_retention(sealed, by=by, allowed=allowed)
        run.moved = start + len(part)
        run.save(update_fields=["moved"])
        _about(entry, run, moved=run.moved, count=len(keys))


def _locked(run_id: uuid.UUID) -> DryRun:
    return locked(DryRun.objects.select_related("version__document"), run_id)


def _about(entry: OpenEntry, run: DryRun, **facts: Any) -> None:
    entry.about(run, dry_run_id=run.pk, number=run.number, list_sha256=f"sha256:{run.list_sha256}", **facts)


def _page(run: DryRun) -> str:
    return reverse("dry-run", args=[run.pk])


def _tell_approvers(run: DryRun, by: Actor) -> None:
    told = {member.pk for role in APPROVERS for member in department.members_holding(role)} - {by.member_id}
    notify(
        sorted(told),
        _("The dry run {number} waits for a second person.").format(number=run.number),
        _page(run),
    )
