"""Acts of the yearly review of roles: begun, every role kept or ended, finished (CJIS AC-2, AC-6(7))."""

import uuid

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.accounts import doors, events
from fairwitness.accounts.doors.review import DUE_WITHIN, lock_review, undecided
from fairwitness.accounts.models import Decision, Review
from fairwitness.department import acts as department_acts
from fairwitness.department import doors as department
from fairwitness.department.models import RoleHeld
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.models import Entry, EntrySubject
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Role


def begin_review(*, by: Actor) -> Review:
    """Begin the review of all roles held; administrators and the chief are told. Raises WrongState when one goes on."""
    with change(events.REVIEW_BEGUN, by=by) as entry:
        doors.check_may(by, "review_roles")
        if doors.open_review() is not None:
            raise WrongState(_("A review of roles is under way: finish that one first."))
        review = Review(begun_at=clock.now(), due_on=department.today() + DUE_WITHIN)
        review.save(force_insert=True)
        sentence = _("The yearly review of roles has begun; it is due by {day}.").format(day=review.due_on)
        notify(_reviewers() - {by.member_id}, sentence, reverse("review", args=[review.pk]))
        entry.about(review, due_on=review.due_on, roles=undecided(review).count())
    return review


def begin_due_review(*, by: Actor) -> Review | None:
    """Begin the next review when a year has gone by; may be asked as often as one likes."""
    return begin_review(by=by) if doors.review_due_since() else None


def decide(*, review_id: uuid.UUID, held_id: uuid.UUID, keep: bool, by: Actor) -> Decision:
    """Keep a role or end it, in the open review. It may be decided anew until the review is finished.

    An ended role ends today, by `department.acts.end_role` in the same change; if it is then kept after all, it is
    granted anew with the end it had. Raises Forbidden for one's own, WrongState when it is held no more.
    """
    with change(events.ROLE_REVIEWED, by=by) as entry:
        doors.check_may(by, "review_roles")
        review = _open(review_id)
        held = RoleHeld.objects.select_related("member").filter(pk=held_id).first()
        if held is None:
            raise NotFound(_("There is nothing here, or it is not open to you."))
        if held.member_id == by.member_id:
            raise Forbidden(_("Nobody decides on roles of their own."))
        decision = Decision.objects.filter(review=review, held=held).first() or Decision(
            review=review, held=held
        )
        _carry_out(decision, held, keep, by)
        decision.decided_at, decision.decided_by_id = clock.now(), by.member_id
        decision.save()
        said = "kept" if keep else "ended"
        entry.about(review, held.member, member_id=held.member_id, role=held.role, decision=said)
    return decision


def _carry_out(decision: Decision, held: RoleHeld, keep: bool, by: Actor) -> None:
    today, role, was_ended = department.today(), Role(held.role), decision.kept is False
    if keep and was_ended:
        until, member_id = decision.until_before, held.member_id
        if until is not None and until <= today:
            raise WrongState(_("This role would have ended by now: grant it anew."))
        decision.held = department_acts.grant_role(member_id=member_id, role=role, until=until, by=by)
        decision.until_before = None
    elif not was_ended and (held.since > today or (held.until is not None and held.until <= today)):
        raise WrongState(_("{name} does not hold this role any more.").format(name=held.member.name))
    elif not keep and not was_ended:
        decision.until_before = held.until
        department_acts.end_role(member_id=held.member_id, role=role, until=today, by=by)
    decision.kept = keep


def finish_review(*, review_id: uuid.UUID, by: Actor) -> Review:
    """Finish the review, once every role held today is kept or ended, also those granted since it began."""
    with change(events.REVIEW_FINISHED, by=by) as entry:
        doors.check_may(by, "review_roles")
        review = _open(review_id)
        if left := undecided(review).count():
            raise WrongState(_("{count} roles are not decided yet.").format(count=left))
        review.finished_at = clock.now()
        review.save()
        decided = Decision.objects.filter(review=review)
        kept, ended = decided.filter(kept=True).count(), decided.filter(kept=False).count()
        entry.about(review, kept=kept, ended=ended)
    return review


def note_overdue_review(*, by: Actor) -> None:
    """Tell, once, that the open review was due before today. May be asked as often as one likes."""
    review = doors.open_review()
    if review is None or review.due_on >= department.today() or _told(review):
        return
    with change(events.REVIEW_OVERDUE, by=by) as entry:
        left = undecided(review).count()
        sentence = _("The yearly review of roles is overdue: {count} roles are not decided.").format(
            count=left
        )
        notify(_reviewers(), sentence, reverse("review", args=[review.pk]), urgent=True)
        entry.about(review, due_on=review.due_on, roles=left)


def _told(review: Review) -> bool:
    about = EntrySubject.objects.filter(kind="accounts.review", subject=review.pk).values("entry_id")
    return Entry.objects.filter(id__in=about, event=events.REVIEW_OVERDUE.name).exists()


def _open(review_id: uuid.UUID) -> Review:
    review = lock_review(review_id)
    if review.finished_at is not None:
        raise WrongState(_("This review is finished: what was decided stays."))
    return review


def _reviewers() -> set[uuid.UUID]:
    held = (Role.ACCOUNT_ADMINISTRATOR, Role.CHIEF)
    return {each.pk for role in held for each in department.members_holding(role)}
