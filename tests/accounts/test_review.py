"""The yearly review of roles: begun, every role kept or ended, finished (CJIS AC-2, AC-6(7))."""

import csv
import datetime as dt
import io
import uuid

import pytest
from django.urls import reverse

from fairwitness.accounts import acts, doors
from fairwitness.accounts.jobs import review_roles
from fairwitness.accounts.models import Decision, Review
from fairwitness.department import acts as department_acts
from fairwitness.department import doors as department
from fairwitness.department.models import RoleHeld
from fairwitness.kernel import clock, notices
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Role
from tests.department.ledger import latest
from tests.department.test_reach import HOLDER
from tests.world import CAST, World

SEES = {Role.ACCOUNT_ADMINISTRATOR, Role.INTERNAL_AUDITOR, Role.CHIEF}
DECIDES = {Role.ACCOUNT_ADMINISTRATOR, Role.CHIEF}


def held(world: World, key: str) -> uuid.UUID:
    """The role that one of the cast holds today."""
    return RoleHeld.objects.get(department.holding_on(department.today()), member=world.id(key)).pk


def decide(world: World, review: Review, key: str, keep: bool, by: str = "chen") -> Decision:
    return acts.decide(review_id=review.pk, held_id=held(world, key), keep=keep, by=world.actor(by))


def test_every_role_is_looked_at_and_the_review_finished(world: World) -> None:
    review = acts.begin_review(by=world.actor("chen"))
    assert latest()[0] == "accounts.review_begun" and latest()[2]["roles"] == len(CAST)
    assert "has begun" in notices.unread(world.id("park"))[0].sentence
    for part in CAST:
        decide(world, review, part.key, True, by="park" if part.key == "chen" else "chen")
    acts.finish_review(review_id=review.pk, by=world.actor("chen"))
    assert latest()[:1] == ("accounts.review_finished",)
    assert latest()[2] == {"kept": len(CAST), "ended": 0}


def test_ending_ends_the_role_in_the_same_change(world: World) -> None:
    review = acts.begin_review(by=world.actor("chen"))
    decide(world, review, "okoye", False)
    assert department.roles_today(world.id("okoye")) == frozenset()
    last = Entry.objects.get(event="department.role_ended")
    assert last.caused_by == Entry.objects.get(event="accounts.role_reviewed").id
    assert latest()[0] in {"department.role_ended", "accounts.role_reviewed"}


def test_a_decision_may_be_changed_until_it_is_finished(world: World) -> None:
    chen, li, until = world.actor("chen"), world.id("li"), department.today() + dt.timedelta(days=20)
    department_acts.end_role(member_id=li, role=Role.OFFICER, until=until, by=chen)
    review = acts.begin_review(by=chen)
    ended = decide(world, review, "li", False)
    acts.decide(review_id=review.pk, held_id=ended.held_id, keep=True, by=chen)
    assert department.roles_today(li) == {Role.OFFICER}
    again = RoleHeld.objects.get(pk=held(world, "li"))
    assert again.until == until, "with the end it had before"
    assert Decision.objects.get(review=review).held == again
    decide(world, review, "li", False)
    assert department.roles_today(li) == frozenset()
    assert Decision.objects.filter(review=review).count() == 1


def test_nobody_decides_on_their_own(world: World) -> None:
    review = acts.begin_review(by=world.actor("chen"))
    for key in ("chen", "park"):
        with pytest.raises(Forbidden, match="of their own"):
            decide(world, review, key, True, by=key)


def test_the_chief_keeps_and_does_not_end(world: World) -> None:
    review = acts.begin_review(by=world.actor("chen"))
    decide(world, review, "li", True, by="park")
    with pytest.raises(Forbidden):
        decide(world, review, "li", False, by="park")
    assert department.roles_today(world.id("li")) == {Role.OFFICER}


def test_it_is_not_finished_while_a_role_is_open_also_one_granted_since(world: World) -> None:
    chen = world.actor("chen")
    review = acts.begin_review(by=chen)
    for part in CAST:
        decide(world, review, part.key, True, by="park" if part.key == "chen" else "chen")
    department_acts.grant_role(member_id=world.id("li"), role=Role.SUPERVISOR, by=chen)
    with pytest.raises(WrongState, match="1 roles are not decided"):
        acts.finish_review(review_id=review.pk, by=chen)


def test_what_is_finished_stays(world: World) -> None:
    review = acts.begin_review(by=world.actor("chen"))
    for part in CAST:
        decide(world, review, part.key, True, by="park" if part.key == "chen" else "chen")
    acts.finish_review(review_id=review.pk, by=world.actor("park"))
    with pytest.raises(WrongState, match="is finished"):
        decide(world, review, "li", False)
    with pytest.raises(WrongState, match="is finished"):
        acts.finish_review(review_id=review.pk, by=world.actor("chen"))
    assert len(doors.review_rows(world.actor("sato"), review)) == len(CAST)


def test_two_at_a_time_are_refused(world: World) -> None:
    acts.begin_review(by=world.actor("chen"))
    with pytest.raises(WrongState, match="under way"):
        acts.begin_review(by=world.actor("park"))


def test_what_is_held_no_more_is_refused(world: World) -> None:
    review, gone = acts.begin_review(by=world.actor("chen")), held(world, "li")
    department_acts.end_role(member_id=world.id("li"), role=Role.OFFICER, by=world.actor("chen"))
    with pytest.raises(WrongState, match="does not hold"):
        acts.decide(review_id=review.pk, held_id=gone, keep=True, by=world.actor("chen"))
    with pytest.raises(NotFound):
        acts.decide(review_id=review.pk, held_id=uuid.uuid4(), keep=True, by=world.actor("chen"))
    with pytest.raises(NotFound):
        acts.decide(review_id=uuid.uuid4(), held_id=held(world, "okoye"), keep=True, by=world.actor("chen"))


@pytest.mark.parametrize("role", [role for role in Role if role not in DECIDES])
def test_others_decide_nothing(world: World, role: Role) -> None:
    review, by = acts.begin_review(by=world.actor("chen")), world.actor(HOLDER[role])
    for do in (
        lambda: acts.begin_review(by=by),
        lambda: acts.decide(review_id=review.pk, held_id=held(world, "nair"), keep=True, by=by),
        lambda: acts.finish_review(review_id=review.pk, by=by),
    ):
        with pytest.raises(Forbidden):
            do()


def test_it_begins_by_itself_a_year_after_the_last_and_tells_once_when_overdue(world: World) -> None:
    review_roles(0)
    review_roles(0)
    review = Review.objects.get()
    with clock.frozen(clock.now() + dt.timedelta(days=29)):
        review_roles(0)
        assert not Entry.objects.filter(event="accounts.review_overdue").exists()
    with clock.frozen(clock.now() + dt.timedelta(days=31)):
        review_roles(0)
        review_roles(0)
        assert Entry.objects.filter(event="accounts.review_overdue").count() == 1
        assert "is overdue" in notices.unread(world.id("chen"))[0].sentence
        for part in CAST:
            decide(world, review, part.key, True, by="park" if part.key == "chen" else "chen")
        acts.finish_review(review_id=review.pk, by=world.actor("chen"))
        review_roles(0)
    with clock.frozen(clock.now() + dt.timedelta(days=364)):
        review_roles(0)
        assert Review.objects.count() == 1
    with clock.frozen(clock.now() + dt.timedelta(days=366)):
        review_roles(0)
        assert Review.objects.count() == 2


class TestPage:
    """The page, by form and as its script asks."""

    @pytest.mark.parametrize("role", list(Role))
    def test_who_may(self, world: World, role: Role) -> None:
        review, browser = acts.begin_review(by=world.actor("chen")), world.sign_in(HOLDER[role])
        sees = 200 if role in SEES else 403
        for page, args in (("reviews", []), ("review", [review.pk]), ("review-csv", [review.pk])):
            assert browser.get(reverse(page, args=args)).status_code == sees
        keep = browser.post(reverse("review-decide", args=[review.pk, held(world, "nair")]), {"keep": "yes"})
        assert keep.status_code == (302 if role in DECIDES else 403)
        finish = browser.post(reverse("review-finish", args=[review.pk]))
        assert finish.status_code == (302 if role in DECIDES else 403)
        assert Review.objects.get().finished_at is None

    def test_one_key_is_one_act(self, world: World) -> None:
        browser = world.sign_in("chen")
        browser.post(reverse("review-begin"))
        review = Review.objects.get()
        page = browser.get(reverse("review", args=[review.pk]))
        assert page.context["total"] == len(CAST) and page.context["decided"] == 0
        assert "Your own: somebody else decides." in page.content.decode()
        url = reverse("review-decide", args=[review.pk, held(world, "li")])
        said = browser.post(url, {"keep": "yes"}, headers={"Accept": "application/json"}).json()
        assert (said["state"], said["decided"], said["total"]) == ("kept", 1, len(CAST))
        plain = browser.post(url, {"keep": "yes"})
        assert plain["Location"].endswith(f"#role-{held(world, 'li')}")
        shown = browser.get(reverse("review", args=[review.pk]) + "?state=kept").context["rows"]
        assert [row.held.member_id for row in shown] == [world.id("li")]

    def test_the_csv_says_what_was_decided(self, world: World) -> None:
        review = acts.begin_review(by=world.actor("chen"))
        decide(world, review, "li", True)
        answer = world.sign_in("sato").get(reverse("review-csv", args=[review.pk]))
        rows = list(csv.reader(io.StringIO(b"".join(answer).decode())))  # type: ignore[arg-type]
        li = next(row for row in rows if row[0] == "103")
        assert li[1:3] == ["Officer Wei Li", "Officer"] and li[7] == "kept" and li[9] == "Ivy Chen"
        assert len(rows) == len(CAST) + 1

    def test_the_home_page_says_what_is_left(self, world: World) -> None:
        review = acts.begin_review(by=world.actor("chen"))
        decide(world, review, "li", True)
        cards = {str(card.title): card for card in world.sign_in("chen").get("/").context["cards"]}
        assert (
            cards["Roles to review"].count == len(CAST) - 1 and cards["Roles to review"].tone == "attention"
        )
        with clock.frozen(clock.now() + dt.timedelta(days=40)):
            cards = {str(card.title): card for card in world.sign_in("chen").get("/").context["cards"]}
            assert cards["Roles to review"].tone == "bad"
