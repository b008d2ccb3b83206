"""The act leave."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from fairwitness.department import acts, doors, forms, jobs
from fairwitness.department.models import Assignment, Member
from fairwitness.kernel import clock, notices
from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, WrongState
from fairwitness.kernel.roles import Role
from tests.department.ledger import latest
from tests.department.test_reach import HOLDER
from tests.world import BY, World


def test_it_works(world: World) -> None:
    okoye, today = world.id("okoye"), doors.today()
    browser = world.sign_in("okoye")
    acts.leave(member_id=okoye, by=world.actor("chen"))
    member = Member.objects.get(pk=okoye)
    assert (member.left_on, member.user and member.user.is_active) == (today, False)
    assert doors.roles_today(okoye) == frozenset()
    assert doors.unit_on(okoye, today) is None
    assert not Assignment.objects.filter(member=okoye, until=None).exists()
    assert okoye not in doors.chain_below(world.id("ruiz"))
    assert doors.actor_of(member.user) == PUBLIC
    assert browser.get("/people/").status_code != 200, "the open session opens nothing more"
    facts = {"member_id": str(okoye), "left_on": today.isoformat(), "roles_ended": 1, "cameras_returned": 1}
    assert latest() == (
        "department.member_left",
        {("department.member", okoye), ("department.camera", world.cameras["AX-0102"].pk)},
        facts,
    )


def test_while_others_report_to_them_is_refused(world: World) -> None:
    with pytest.raises(WrongState, match="3 members report"):
        acts.leave(member_id=world.id("ruiz"), by=world.actor("chen"))


def test_on_a_day_to_come_all_goes_on_until_then(world: World) -> None:
    """The day is recorded; it ends by itself when it has come, once, and with whatever was added meanwhile."""
    okoye, on = world.id("okoye"), doors.today() + dt.timedelta(days=3)
    world.sign_in("okoye")
    acts.leave(member_id=okoye, on=on, by=world.actor("chen"))
    assert latest()[0] == "department.member_leaving"
    assert doors.roles_today(okoye) == {Role.OFFICER}
    assert sign_in_of(okoye) != PUBLIC
    jobs.end_services(0)
    assert latest()[0] == "department.member_leaving", "nothing has ended yet"
    acts.grant_role(member_id=okoye, role=Role.RECORDS_OFFICER, by=world.actor("chen"))
    with clock.frozen(dt.datetime.combine(on, dt.time(0, 1), tzinfo=agency().tz)):
        assert sign_in_of(okoye) == PUBLIC, "also before the job has run"
        jobs.end_services(0)
        jobs.end_services(0)
        assert doors.roles_today(okoye) == frozenset()
        assert doors.posting_on(okoye, on) is None
        assert not Assignment.objects.filter(member=okoye, until=None).exists()
        member = Member.objects.get(pk=okoye)
        assert member.user is not None and not member.user.is_active
    assert Entry.objects.filter(event="department.member_left").count() == 1
    assert latest()[2]["roles_ended"] == 2


def sign_in_of(pk: uuid.UUID) -> Actor:
    """The actor behind the sign-in of a member now."""
    return doors.actor_of(Member.objects.get(pk=pk).user)


def test_the_day_before_they_still_serve_everywhere(world: World) -> None:
    li, on = world.id("li"), doors.today() + dt.timedelta(days=1)
    acts.leave(member_id=li, on=on, by=world.actor("chen"))
    assert doors.list_members(world.actor("chen"), doors.Sought(text="103")).count() == 1
    assert "Is to leave" in world.sign_in("chen").get(reverse("member", args=[li])).content.decode()
    assert "Li, Wei (103)" in [label for _pk, label in forms.WearerForm().fields["member"].choices]  # type: ignore[attr-defined]


def test_another_day_may_be_recorded_and_taken_back(world: World) -> None:
    li, by = world.id("li"), world.actor("chen")
    acts.leave(member_id=li, on=doors.today() + dt.timedelta(days=9), by=by)
    acts.leave(member_id=li, on=doors.today() + dt.timedelta(days=5), by=by)
    acts.stay(member_id=li, by=by)
    assert Member.objects.get(pk=li).left_on is None
    assert latest() == ("department.member_stays", {("department.member", li)}, {"member_id": str(li)})
    with pytest.raises(WrongState, match="No day is recorded"):
        acts.stay(member_id=li, by=by)


def test_what_has_come_is_not_taken_back(world: World) -> None:
    acts.leave(member_id=world.id("li"), by=world.actor("chen"))
    with pytest.raises(WrongState, match="No day is recorded"):
        acts.stay(member_id=world.id("li"), by=world.actor("chen"))


def test_only_who_records_leaving_takes_it_back(world: World) -> None:
    acts.leave(member_id=world.id("li"), on=doors.today() + dt.timedelta(days=9), by=world.actor("chen"))
    with pytest.raises(Forbidden):
        acts.stay(member_id=world.id("li"), by=world.actor("costa"))


def test_service_does_not_end_before_its_day(world: World) -> None:
    with pytest.raises(WrongState, match="serves"):
        acts.end_service(member_id=world.id("li"), by=BY)


class TestOpenWork:
    """What somebody leaves behind: shown before, told to their supervisor after."""

    def test_it_is_shown_before_and_told_after(self, world: World) -> None:
        okoye = world.id("okoye")
        chen = world.sign_in("chen")
        shown = chen.get(reverse("member-leave", args=[okoye])).content.decode()
        assert "To take back by hand: AX-0102" in shown
        chen.post(reverse("member-leave", args=[okoye]), {"on": doors.today().isoformat()})
        told = notices.unread(world.id("ruiz"))[0]
        assert "Officer Sam Okoye has left" in told.sentence
        page = world.sign_in("ruiz").get(told.link)
        assert page.status_code == 200
        assert "To take back by hand: AX-0102" in page.content.decode()
        assert world.sign_in("brandt").get(told.link).status_code == 404

    def test_a_camera_that_somebody_else_wears_is_not_to_be_taken_back(self, world: World) -> None:
        okoye = Member.objects.get(pk=world.id("okoye"))
        acts.leave(member_id=okoye.pk, by=world.actor("chen"))
        okoye.refresh_from_db()
        assert [work.label for work in doors.open_work(okoye)][0] == "Cameras"
        camera = world.cameras["AX-0102"].pk
        acts.assign_camera(camera_id=camera, member_id=world.id("haddad"), by=world.actor("costa"))
        assert "Cameras" not in [work.label for work in doors.open_work(okoye)]

    def test_every_room_says_what_it_knows(self, world: World) -> None:
        ruiz = Member.objects.get(pk=world.id("ruiz"))
        seen = {work.label: work.count for work in doors.open_work(ruiz)}
        assert seen["Cameras"] == 1 and seen["People who report to them"] == 3
        assert len(doors.OPEN_WORK) == 5
        labels = {str(work.label) for room in doors.OPEN_WORK for work in room(ruiz, doors.today())}
        assert {"Open viewings", "Uploads that they began and did not finish"} <= labels
        assert "Recordings that their camera still holds" in labels

    @pytest.mark.parametrize("role", list(Role))
    def test_who_may_see_it(self, world: World, role: Role) -> None:
        acts.leave(member_id=world.id("okoye"), by=world.actor("chen"))
        sees = {
            Role.ACCOUNT_ADMINISTRATOR,
            Role.CHIEF,
            Role.COMMAND_STAFF,
        }  # the holder of SUPERVISOR is looked at
        browser = world.sign_in(HOLDER[role])
        answer = browser.get(reverse("member-open-work", args=[world.id("okoye")])).status_code
        above = HOLDER[role] in ("okafor", "ruiz")
        assert answer == (200 if role in sees or above else 404)


def test_twice_is_refused(world: World) -> None:
    acts.leave(member_id=world.id("li"), by=world.actor("chen"))
    with pytest.raises(WrongState, match="has left"):
        acts.leave(member_id=world.id("li"), by=world.actor("chen"))


def test_ones_own_is_refused(world: World) -> None:
    with pytest.raises(Forbidden, match="their own"):
        acts.leave(member_id=world.id("chen"), by=world.actor("chen"))


def test_the_bwc_unit_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.leave(member_id=world.id("li"), by=world.actor("costa"))
