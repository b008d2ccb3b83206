"""The categories that a recording carries: adding one, withdrawing one. Old rows stay."""

import uuid

from django.utils.translation import gettext as _

from fairwitness.evidence import doors, events
from fairwitness.evidence.acts.retain import retain_now
from fairwitness.evidence.doors import belonging, holds, keeping
from fairwitness.evidence.models import Categorisation, Recording, Retention
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import OpenEntry, change
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from fairwitness.policy import doors as policy


def add_category(recording_id: uuid.UUID, code: str, *, by: Actor) -> Categorisation:
    """Add a category of the policy in force to a recording; its date moves away at once where that keeps it longer.

    Raises Invalid for a code that the policy does not have, WrongState for one that the recording carries already.
    """
    with change(events.CATEGORY_ADDED, by=by) as entry:
        recording = doors.recording(by, recording_id, "categorise", lock=True)
        check_sealed(recording)
        holds.check_not_let_go(recording)
        return _carry(entry, recording, code, Categorisation.How.HAND)


def deliver_category(recording_id: uuid.UUID, code: str, *, by: Actor) -> Categorisation:
    """Add the category that a delivering system's label means. Raises as `add_category`; Forbidden for people."""
    if by.kind != "system":
        raise Forbidden(_("Only a delivery brings the categories of its labels."), act="categorise")
    with change(events.CATEGORY_ADDED, by=by) as entry:
        recording = doors.locked(Recording.objects.filter(pk=recording_id)).get()
        check_sealed(recording)
        holds.check_not_let_go(recording)
        return _carry(entry, recording, code, Categorisation.How.DELIVERED)


def _carry(entry: OpenEntry, recording: Recording, code: str, how: str) -> Categorisation:
    cited = policy.categories_at().get(code)
    if cited is None or code == keeping.UNCATEGORISED:
        raise Invalid(_("The policy in force has no such category."), code=[_("Choose one of the list.")])
    if recording.categorisations.filter(code=code, withdrawn_at=None).exists():
        raise WrongState(_("The recording carries this category already."))
    row = Categorisation(
        recording=recording, code=code, how=how, version_id=cited.version_id, since=clock.now()
    )
    row.save(force_insert=True)
    _tell(entry, recording, code)
    return row


def withdraw_category(categorisation_id: uuid.UUID, *, by: Actor) -> Categorisation:
    """Withdraw a category; the row stays. A date that would come nearer by it waits for a dry run."""
    with change(events.CATEGORY_WITHDRAWN, by=by) as entry:
        row = Categorisation.objects.filter(pk=categorisation_id).first()
        recording = doors.recording(
            by, row.recording_id if row else categorisation_id, "withdraw_category", lock=True
        )
        row = Categorisation.objects.select_for_update(of=("self",)).get(pk=categorisation_id)
        check_sealed(recording)
        if not doors.may(by, recording.pk, "open"):
            # Else somebody would open it to themselves by taking off what closes it to them.
            raise Forbidden(
                _("This recording is closed to you, so somebody else must withdraw its category.")
            )
        if row.withdrawn_at:
            raise WrongState(_("This category was withdrawn before."))
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        _tell(entry, recording, row.code)
    return row


def check_sealed(recording: Recording) -> None:
    """Raise WrongState for what was refused, or erased: there is nothing to be kept."""
    if recording.status != Recording.Status.SEALED:
        raise WrongState(_("Only a sealed recording has categories and a day until which it is kept."))


def _tell(entry: OpenEntry, recording: Recording, code: str) -> None:
    """The recording's day and that of its siblings are decided in the same change; the entry says its own."""
    mates = [each.pk for each in belonging.siblings(recording)]
    rows: dict[uuid.UUID, Retention] = retain_now([recording.pk, *mates])
    mine = rows[recording.pk]
    for pk in mates:
        entry.mention("evidence.recording", pk)
    entry.about(
        recording,
        category=code,
        due_on=mine.due_on,
        nearer_on=mine.nearer_on,
        retention_state=mine.state,
        rule=mine.rule,
        version_id=mine.version_id,
    )
