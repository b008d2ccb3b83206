"""The doors to the yearly review of roles (CJIS AC-2, AC-6(7)): which roles are looked at, and what was decided."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from fairwitness.accounts.doors.reach import check_may, may
from fairwitness.accounts.models import Decision, Review, Session
from fairwitness.department import doors as department
from fairwitness.department.models import Posting, RoleHeld
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import NotFound
from fairwitness.kernel.roles import WORDS, Role

# A review is begun a year after the last, and finished within so many days.
EVERY = dt.timedelta(days=365)
DUE_WITHIN = dt.timedelta(days=30)


@dataclass(frozen=True)
class ReviewRow:
    """One role held by somebody, as a review looks at it."""

    held: RoleHeld
    unit: str
    unit_id: str
    last_used: dt.datetime | None
    # The roles beside it that must not meet it in one person.
    meets: str
    decision: Decision | None
    mine: bool

    @property
    def state(self) -> str:
        """`kept`, `ended` or `open`."""
        return "open" if self.decision is None else "kept" if self.decision.kept else "ended"


def list_reviews(actor: Actor) -> QuerySet[Review]:
    """Every review, the latest first. Raises Forbidden."""
    check_may(actor, "see_review")
    return Review.objects.order_by("-begun_at")


def review_for(actor: Actor, pk: uuid.UUID) -> Review:
    """One of them. Raises Forbidden, NotFound."""
    return _one(list_reviews(actor), pk)


def lock_review(pk: uuid.UUID) -> Review:
    """The review, locked until the change ends. Raises NotFound."""
    require_change("locking a review")
    return _one(Review.objects.select_for_update(), pk)


def _one(reviews: QuerySet[Review], pk: uuid.UUID) -> Review:
    found = reviews.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return found


def open_review() -> Review | None:
    """The review that is under way."""
    return Review.objects.filter(finished_at=None).first()


def review_due_since() -> dt.date | None:
    """Since when a review ought to have been begun: a year after the last, or after the first role was granted.

    None while one is under way, and before that day.
    """
    if open_review() is not None:
        return None
    last = Review.objects.order_by("-begun_at").values_list("begun_at", flat=True).first()
    first = RoleHeld.objects.order_by("since").values_list("since", flat=True).first()
    begin = agency().day(last) if last else first
    return begin + EVERY if begin and begin + EVERY <= department.today() else None


def roles_looked_at(review: Review) -> QuerySet[RoleHeld]:
    """The roles that `review` looks at: while it is under way those held today, also if granted since it began.

    With those that were decided on; once it is finished these alone.
    """
    decided = RoleHeld.objects.filter(decisions__review=review)
    if review.finished_at is None:
        decided |= RoleHeld.objects.filter(department.holding_on(department.today()))
    order = ("member__family_name", "member__given_name", "role", "pk")
    return decided.distinct().select_related("member").order_by(*order)


def undecided(review: Review) -> QuerySet[RoleHeld]:
    """The roles held today on which nothing was decided in `review`."""
    held = RoleHeld.objects.filter(department.holding_on(department.today()))
    return held.exclude(pk__in=Decision.objects.filter(review=review).values("held"))


def review_rows(actor: Actor, review: Review) -> list[ReviewRow]:
    """Every role that `review` looks at, by name, in five queries whatever their number."""
    held = list(roles_looked_at(review))
    day = department.today()
    holding = [each for each in held if each.since <= day and (each.until is None or each.until > day)]
    meets = department.meeting(holding)
    posted = Posting.objects.filter(department.holding_on(day)).select_related("unit")
    units = {posting.member_id: (posting.unit.name, str(posting.unit_id)) for posting in posted}
    seen = dict(Session.objects.values("member").annotate(last=Max("seen")).values_list("member", "last"))
    decided = Decision.objects.filter(review=review).select_related("decided_by")
    decisions = {decision.held_id: decision for decision in decided}
    return [
        ReviewRow(
            held=each,
            unit=units.get(each.member_id, ("", ""))[0],
            unit_id=units.get(each.member_id, ("", ""))[1],
            last_used=seen.get(each.member_id),
            meets=", ".join(str(WORDS[Role(other.role)][0]) for other in meets.get(each.pk, [])),
            decision=decisions.get(each.pk),
            mine=each.member_id == actor.member_id,
        )
        for each in held
    ]


def may_review(actor: Actor) -> bool:
    """Whether `actor` may decide on roles of others."""
    return may(actor, "review_roles")
