"""Guests: invited once and for a time, signed in by themselves, seeing what is shared and nothing else."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.accounts.models import SignInLog
from fairwitness.cases.models import Case
from fairwitness.evidence.acts.category import add_category
from fairwitness.evidence.acts.note import add_note
from fairwitness.evidence.acts.order import record_order, withdraw_order
from fairwitness.kernel import actors, clock, history
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import Notice
from fairwitness.kernel.refusals import Forbidden, Gone, Invalid, NotFound, Unauthorized, WrongState
from fairwitness.sharing import acts, doors
from fairwitness.sharing.models import Guest, Invitation, Opening, Package, Share
from tests.cases.made import opened, sealed_file
from tests.evidence.cutting import made as cut
from tests.evidence.made import readable
from tests.evidence.test_court_order import PROTECTED
from tests.sharing.made import (
    EMAIL,
    PASSWORD,
    accepted,
    asked,
    browser_of,
    day,
    guest,
    made,
    recordings,
    shared,
    written,
)
from tests.world import World


@pytest.fixture
def package(world: World, case: Case) -> Package:
    return made(world, case)


def test_who_may_only_view_does_not_download(world: World, package: Package) -> None:
    share, secret = shared(world, package, how="view")
    browser = browser_of(secret)
    assert b"Download all of it" not in browser.get(reverse("guest-package", args=[share.pk])).content
    assert browser.post(reverse("guest-download", args=[share.pk])).status_code == 403


# Invitations


def test_an_invitation_is_good_once(world: World, package: Package) -> None:
    _share, secret = shared(world, package)
    browser_of(secret)
    for method in ("get", "post"):
        answer = getattr(Client(), method)(reverse("guest-invitation", args=[secret]))
        assert answer.status_code == 410
        assert "used already" in answer.content.decode()
    for kind, pk in (("sharing.guest", guest().pk), ("sharing.package", package.pk)):
        refused = history.of(kind, pk)[-1]
        assert refused.event == "sharing.invitation_refused"
        assert "used before" in refused.sentence
    assert told(world, "lindqvist", "Somebody used a link of Olive Defender that is good no more")


def test_a_dead_link_is_noted_once_in_a_quarter_of_an_hour(world: World, package: Package) -> None:
    share, secret = shared(world, package)
    second = acts.invite_again(share.guest_id, by=world.actor("lindqvist"))
    accepted(second)
    for minutes, times in ((0, 1), (14, 1), (16, 2), (30, 2), (32, 3)):
        with clock.frozen(share.since + dt.timedelta(minutes=minutes, seconds=30)):
            assert Client().get(reverse("guest-invitation", args=[secret])).status_code == 410
        assert events(package).count("sharing.invitation_refused") == times, minutes
    assert Client().get(reverse("guest-invitation", args=[second])).status_code == 410
    assert events(package).count("sharing.invitation_refused") == 4, "each link for itself"


def test_an_invitation_runs_out(world: World, package: Package) -> None:
    _share, secret = shared(world, package)
    with clock.frozen(clock.now() + doors.guests.INVITED_FOR + dt.timedelta(seconds=1)):
        answer = Client().get(reverse("guest-invitation", args=[secret]))
        assert answer.status_code == 410
        assert "ran out" in answer.content.decode()
        with pytest.raises(Gone):
            acts.accept_invitation(secret, PASSWORD, by=actors.PUBLIC)
    assert guest().password == ""


@pytest.mark.parametrize("how", ["taken back", "withdrawn", "run out"])
def test_a_link_to_nothing_is_good_no_more(world: World, package: Package, case: Case, how: str) -> None:
    share, secret = shared(world, package, until=day(1))
    by, days = world.actor("lindqvist"), 0
    if how == "taken back":
        acts.end_share(share.pk, by=by)
    elif how == "withdrawn":
        acts.withdraw_package(package.pk, "Wrong case.", by=by)
    else:
        days = 2
    url, said = reverse("guest-invitation", args=[secret]), {"password": PASSWORD, "again": PASSWORD}
    with clock.frozen(clock.now() + dt.timedelta(days=days)):
        for answer in (Client().get(url), Client().post(url, said)):
            assert answer.status_code == 410
            assert "taken back" in answer.content.decode()
        assert guest().password == ""
        # What is shared anew has a link of its own.
        _share, second = shared(world, made(world, case))
        assert Client().get(url).status_code == 410
        accepted(second)


def test_a_link_to_what_others_share_stays_good(world: World, package: Package, beside: Package) -> None:
    share, secret = shared(world, package)
    shared(world, beside, by="whitfield")
    acts.end_share(share.pk, by=world.actor("lindqvist"))
    accepted(secret)


def test_a_link_for_another_password_does_not_outlive_what_it_opened(
    world: World, package: Package, beside: Package
) -> None:
    share, secret = shared(world, package)
    accepted(secret)
    second = acts.invite_again(share.guest_id, by=world.actor("lindqvist"))
    acts.withdraw_package(package.pk, "Wrong case.", by=world.actor("lindqvist"))
    shared(world, beside, by="whitfield")
    with pytest.raises(Gone):
        acts.accept_invitation(second, "another battery staple", by=actors.PUBLIC)


def test_another_link_takes_the_place_of_the_first(world: World, package: Package) -> None:
    share, secret = shared(world, package)
    second = acts.invite_again(share.guest_id, by=world.actor("lindqvist"))
    assert Client().get(reverse("guest-invitation", args=[secret])).status_code == 410
    accepted(second)


def test_who_forgot_their_password_gets_a_link_for_another(world: World, package: Package) -> None:
    """From whoever shares with them, and from nobody else; the old one is right until it is used, and no longer."""
    share, secret = shared(world, package)
    browser = browser_of(secret)
    item = package.items.filter(because="").first()
    assert item
    opening = acts.view_item(share.pk, item.pk, by=actors.guest(share.guest_id))
    with pytest.raises(NotFound):
        acts.invite_again(share.guest_id, by=world.actor("whitfield"))
    page = world.sign_in("lindqvist").post(reverse("guest-invite", args=[share.pk])).content.decode()
    found = re.search(r"/guests/invitation/([^/]+)/", page)
    assert found
    acts.sign_in(EMAIL, PASSWORD, by=actors.PUBLIC)
    assert browser.get(reverse("guest-home")).status_code == 200
    other = "another battery staple"
    with clock.frozen(clock.now() + dt.timedelta(seconds=1)):
        acts.accept_invitation(found[1], other, by=actors.PUBLIC)
        assert browser.get(reverse("guest-home")).status_code == 302, "signed out everywhere"
        opening.refresh_from_db()
        assert opening.ended
        with pytest.raises(Unauthorized):
            acts.sign_in(EMAIL, PASSWORD, by=actors.PUBLIC)
        acts.sign_in(EMAIL, other, by=actors.PUBLIC)


# Who makes a link: it opens everything that is shared with the guest, by whomever.


@pytest.fixture
def beside(world: World, home: Path) -> Package:
    """A package of a case that another officer leads, of which the detective knows nothing."""
    case = opened(world, lead="whitfield")
    sealed_file(case, world.actor("whitfield"), b"a plan", "plan.jpg")
    return made(world, case, by="whitfield")


def events(package: Package) -> list[str]:
    return [line.event for line in history.of("sharing.package", package.pk)]


def told(world: World, who: str, words: str) -> bool:
    return Notice.objects.filter(member=world.id(who), sentence__contains=words).exists()


def test_who_shares_a_part_makes_no_link_to_the_whole(
    world: World, package: Package, beside: Package
) -> None:
    share, secret = shared(world, package)
    accepted(secret)
    other, none = shared(world, beside, by="whitfield")
    assert none == ""
    for who in ("whitfield", "lindqvist"):
        with pytest.raises(Forbidden, match="BWC Unit"):
            acts.invite_again(share.guest_id, by=world.actor(who))
    browser = world.sign_in("whitfield")
    page = browser.get(reverse("package", args=[beside.pk])).content.decode()
    assert "A link for another password" not in page
    assert "A link for them is made by the BWC Unit" in page
    assert browser.post(reverse("guest-invite", args=[other.pk])).status_code == 403
    acts.end_share(other.pk, by=world.actor("whitfield"))
    with pytest.raises(Forbidden):  # also who shared something with them once
        acts.invite_again(share.guest_id, by=world.actor("whitfield"))
    acts.invite_again(share.guest_id, by=world.actor("lindqvist"))


def test_a_link_for_another_password_is_told_to_all_who_share(
    world: World, package: Package, beside: Package
) -> None:
    share, secret = shared(world, package)
    accepted(secret)
    shared(world, beside, by="whitfield")
    assert not told(world, "lindqvist", "another password")
    second = acts.invite_again(share.guest_id, by=world.actor("costa"))
    for who in ("whitfield", "lindqvist"):
        assert told(world, who, "Ana Costa made a link by which Olive Defender can choose another password")
    assert not told(world, "costa", "another password")
    accepted(second)
    for each, times in ((package, 2), (beside, 1)):
        assert events(each).count("sharing.guest_invited") == times
        assert events(each).count("sharing.invitation_accepted") == times


def test_who_shares_beside_leaves_the_link_that_is_good(
    world: World, package: Package, beside: Package
) -> None:
    _share, secret = shared(world, package)
    said = {"email": EMAIL, "name": "Olive", "how": "view", "until": day().isoformat()}
    page = world.sign_in("whitfield").post(reverse("package-share", args=[beside.pk]), said, follow=True)
    assert "The link that they were given stays good" in page.content.decode()
    assert Invitation.objects.count() == 1
    actor = accepted(secret)
    assert doors.guests.shares_of(actor).count() == 2


def test_where_no_link_is_good_who_shares_beside_is_refused(
    world: World, package: Package, beside: Package
) -> None:
    shared(world, package)
    with clock.frozen(clock.now() + doors.guests.INVITED_FOR + dt.timedelta(seconds=1)):
        with pytest.raises(Forbidden, match="a link opens them all"):
            shared(world, beside, by="whitfield")
        assert Share.objects.count() == 1
        _share, secret = shared(world, beside, by="costa")
        assert told(world, "lindqvist", "made another link for Olive Defender")
        accepted(secret)


def test_where_nothing_is_shared_now_there_is_no_other_link(world: World, package: Package) -> None:
    share, _secret = shared(world, package)
    acts.end_share(share.pk, by=world.actor("lindqvist"))
    with pytest.raises(WrongState):
        acts.invite_again(share.guest_id, by=world.actor("lindqvist"))


@pytest.mark.parametrize("secret", ["x", "%00", "../..", "a" * 3000, "田"])
def test_what_is_no_invitation_is_not_found(db: None, secret: str) -> None:
    assert Client().get(f"/guests/invitation/{secret}/").status_code == 404


def test_the_secret_is_kept_nowhere(world: World, package: Package) -> None:
    _share, secret = shared(world, package)
    row = Invitation.objects.get()
    assert secret not in str(vars(row))
    assert row.secret_sha256 == doors.guests.digest_of(secret)


@pytest.mark.parametrize(
    ("password", "words"), [("short", "at least 12"), ("password1234", "common"), (EMAIL, "similar")]
)
def test_a_poor_password_is_refused_and_the_link_stays_good(
    world: World, package: Package, password: str, words: str
) -> None:
    _share, secret = shared(world, package)
    answer = Client().post(
        reverse("guest-invitation", args=[secret]), {"password": password, "again": password}
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    accepted(secret)


# Signing in


def test_a_guest_signs_in_and_out(world: World, package: Package) -> None:
    _share, secret = shared(world, package)
    accepted(secret)
    browser = Client()
    assert browser.get(reverse("guest-home")).status_code == 302
    answer = browser.post(
        reverse("guest-sign-in"), {"email": f" {EMAIL.upper()}", "password": PASSWORD}, follow=True
    )
    assert package.number in answer.content.decode()
    other = Client()
    other.post(reverse("guest-sign-in"), {"email": EMAIL, "password": PASSWORD})
    browser.post(reverse("guest-sign-out"))
    assert browser.get(reverse("guest-home")).status_code == 302
    assert other.get(reverse("guest-home")).status_code == 302  # in every browser
    assert [line.event for line in history.of("sharing.guest", guest().pk)].count(
        "sharing.guest_signed_in"
    ) == 3


def test_five_failures_close_it_for_a_quarter_of_an_hour(world: World, package: Package) -> None:
    _share, secret = shared(world, package)
    accepted(secret)
    for _ in range(5):
        with pytest.raises(Unauthorized):
            acts.sign_in(EMAIL, "wrong", by=actors.PUBLIC)
    with pytest.raises(Unauthorized):
        acts.sign_in(EMAIL, PASSWORD, by=actors.PUBLIC)
    with clock.frozen(clock.now() + dt.timedelta(minutes=15, seconds=1)):
        acts.sign_in(EMAIL, PASSWORD, by=actors.PUBLIC)
    assert SignInLog.objects.filter(outcome="failed", detail="guest").count() == 6


@pytest.mark.parametrize("email", ["nobody@law.example", "", "\0", "x" * 250, EMAIL])
def test_nobody_signs_in_without_a_password(world: World, package: Package, email: str) -> None:
    shared(world, package)  # not accepted yet
    with pytest.raises(Unauthorized):
        acts.sign_in(email, "", by=actors.PUBLIC)


def test_a_sign_in_left_idle_is_over(world: World, package: Package) -> None:
    _share, secret = shared(world, package)
    browser = browser_of(secret)
    with clock.frozen(clock.now() + dt.timedelta(minutes=29)):
        assert browser.get(reverse("guest-home")).status_code == 200
    with clock.frozen(clock.now() + dt.timedelta(minutes=58)):
        assert browser.get(reverse("guest-home")).status_code == 200
    with clock.frozen(clock.now() + dt.timedelta(minutes=89)):
        assert browser.get(reverse("guest-home")).status_code == 302


def test_who_is_sent_bytes_is_not_idle(world: World, inside: tuple[Share, Actor, Opening]) -> None:
    share, _actor, opening = inside
    browser, now = Client(), clock.now()
    browser.post(reverse("guest-sign-in"), {"email": EMAIL, "password": PASSWORD})
    for minutes in (25, 50):
        with clock.frozen(now + dt.timedelta(minutes=minutes)):
            acts.count_bytes(opening.pk, 1)
    url = reverse("guest-package", args=[share.pk])
    with clock.frozen(now + dt.timedelta(minutes=79)):
        assert browser.get(url).status_code == 200
    with clock.frozen(now + dt.timedelta(minutes=110)):
        page = browser.get(url)
        assert page.status_code == 401
        assert f'href="{reverse("guest-sign-in")}"' in page.content.decode()


def test_who_is_sent_bytes_is_signed_out_in_the_end(
    world: World, inside: tuple[Share, Actor, Opening]
) -> None:
    _share, actor, opening = inside
    began = clock.now()
    with clock.frozen(began + doors.guests.LONGEST + dt.timedelta(seconds=1)):
        acts.count_bytes(opening.pk, 1)
        assert doors.guests.actor_of_sign_in(str(actor.guest_id), began, clock.now()) is None


def test_a_member_is_no_guest_in_the_same_browser(world: World, package: Package) -> None:
    _share, secret = shared(world, package)
    browser = world.sign_in("lindqvist")
    assert browser.get(reverse("guest-invitation", args=[secret])).status_code == 409
    assert browser.get(reverse("guest-sign-in")).status_code == 409


# What a guest does not see


def test_a_guest_sees_nothing_else(world: World, package: Package, case: Case) -> None:
    share, secret = shared(world, package)
    browser = browser_of(secret)
    for name, args in (
        ("recordings", []),
        ("packages", []),
        ("package", [package.pk]),
        ("case", [case.pk]),
        ("recording", [recordings(case)[0].pk]),
        ("members", []),
    ):
        answer = browser.get(reverse(name, args=args))
        assert answer.status_code == 302 and "login" in answer["Location"], name


def test_another_guest_sees_nothing_of_it(world: World, package: Package, case: Case) -> None:
    share, _secret = shared(world, package)
    other_package = made(world, case)
    _other, secret = shared(world, other_package, email="other@law.example", name="Other")
    browser = browser_of(secret)
    assert browser.get(reverse("guest-package", args=[share.pk])).status_code == 404
    assert browser.post(reverse("guest-download", args=[share.pk])).status_code == 404
    item = package.items.filter(because="").first()
    assert item
    assert browser.post(reverse("guest-open", args=[share.pk, item.pk])).status_code == 404
    own = Share.objects.get(guest__email="other@law.example")
    assert browser.post(reverse("guest-open", args=[own.pk, item.pk])).status_code == 404


def test_what_was_left_out_does_not_open(world: World, case: Case) -> None:
    first = recordings(case)[0]
    package = made(world, case, leave_out={first.number: doors.planning.LeaveOut("privileged")})
    share, secret = shared(world, package)
    guest_ = accepted(secret)
    with pytest.raises(NotFound):
        acts.view_item(share.pk, package.items.get(recording=first).pk, by=guest_)


def test_what_was_written_after_it_was_asked_for_is_not_in_it(world: World, case: Case) -> None:
    first = recordings(case)[0]
    add_note(first.pk, 0, "He runs.", by=world.actor("ruiz"))
    package = made(world, case, with_notes=True)
    add_note(first.pk, 0, "What counsel advised.", by=world.actor("ruiz"))
    share, secret = shared(world, package)
    browser = browser_of(secret)
    item = package.items.get(recording=first)
    assert [moment.text for moment in doors.content.moments_of(item)] == ["He runs."]
    page = browser.post(reverse("guest-open", args=[share.pk, item.pk]), follow=True).content.decode()
    assert "He runs." in page
    assert "What counsel advised." not in page
    exhibit = doors.content.disclosure_of(package).exhibits[0]
    assert [moment.text for moment in exhibit.moments] == ["He runs."]


def test_with_a_clip_nothing_is_said_of_its_recording(world: World, case: Case) -> None:
    first = readable(recordings(case)[0])
    cut(first, world.actor("lindqvist"))
    package = made(world, case, leave_out={first.number: doors.planning.LeaveOut("clips")})
    item = package.items.get(clip__isnull=False)
    assert doors.content.facts_of(item) == []
    assert doors.content.facts_of(package.items.filter(because="", recording__isnull=False, clip=None)[0])


# Taken back, run out, withdrawn


@pytest.fixture
def inside(world: World, package: Package) -> Iterator[tuple[Share, Actor, Opening]]:
    """A guest who has something open."""
    share, secret = shared(world, package)
    actor = accepted(secret)
    item = package.items.filter(file__isnull=False).first()
    assert item
    yield share, actor, acts.view_item(share.pk, item.pk, by=actor)


def test_taken_back_it_is_closed_at_once(world: World, inside: tuple[Share, Actor, Opening]) -> None:
    share, actor, opening = inside
    assert doors.guests.is_open(actor, opening.pk)
    acts.end_share(share.pk, by=world.actor("lindqvist"))
    assert not doors.guests.is_open(actor, opening.pk)
    assert not acts.count_bytes(opening.pk, 1)
    with pytest.raises(Gone, match="taken back. Ask Det. Grace Lindqvist|taken back. Ask"):
        doors.guests.share_of(actor, share.pk)
    with pytest.raises(WrongState):
        acts.end_share(share.pk, by=world.actor("lindqvist"))
    assert list(doors.guests.shares_of(actor)) == []


def test_it_runs_out_on_its_day(world: World, inside: tuple[Share, Actor, Opening]) -> None:
    share, actor, opening = inside
    with clock.frozen(clock.now() + dt.timedelta(days=31)):
        assert not doors.guests.is_open(actor, opening.pk)
        with pytest.raises(Gone, match="run out"):
            doors.guests.share_of(actor, share.pk)


def test_a_withdrawn_package_is_closed_to_guests(world: World, inside: tuple[Share, Actor, Opening]) -> None:
    share, actor, opening = inside
    acts.withdraw_package(share.package_id, "Wrong case.", by=world.actor("lindqvist"))
    assert not doors.guests.is_open(actor, opening.pk)
    with pytest.raises(Gone, match="withdrawn"):
        doors.guests.share_of(actor, share.pk)


def test_what_is_left_open_is_ended(world: World, inside: tuple[Share, Actor, Opening]) -> None:
    by = actors.system("sharing.end_left")
    assert acts.end_left(by=by) == 0
    with clock.frozen(clock.now() + doors.guests.LEFT_AFTER + dt.timedelta(seconds=1)):
        assert acts.end_left(by=by) == 1
        assert acts.end_left(by=by) == 0


def test_when_the_order_goes_the_defence_is_shut_out(world: World, case: Case) -> None:
    first = recordings(case)[0]
    add_category(first.pk, PROTECTED, by=world.actor("costa"))
    order = record_order(
        first.pk,
        court="Middlesex",
        docket="26-1",
        ordered_on=day(-1),
        sha256="ab" * 32,
        by=world.actor("weber"),
    )
    package = written(asked(world, case, by="costa"))
    share, secret = shared(world, package, by="costa")
    actor = accepted(secret)
    doors.guests.share_of(actor, share.pk)
    withdraw_order(order.pk, by=world.actor("weber"))
    with pytest.raises(Forbidden, match="97D"):
        doors.guests.share_of(actor, share.pk)
    with pytest.raises(Forbidden, match="97D"):
        shared(world, package, by="costa", email="second@law.example")


# Sharing


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no address"},
        {"email": ""},
        {"name": " "},
        {"name": "x" * 121},
        {"how": "own"},
        {"until": day(0)},
        {"until": day(367)},
    ],
    ids=str,
)
def test_what_cannot_be_shared_so_is_refused(world: World, package: Package, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        shared(world, package, **wrong)
    assert not Guest.objects.exists()


def test_the_other_side_is_kept_apart(world: World, package: Package, case: Case) -> None:
    shared(world, package)
    prosecution = made(world, case, side="prosecution")
    with pytest.raises(Invalid, match="is of Defence"):
        shared(world, prosecution)


def test_it_is_shared_once_at_a_time(world: World, package: Package) -> None:
    share, _secret = shared(world, package)
    with pytest.raises(WrongState):
        shared(world, package)
    acts.end_share(share.pk, by=world.actor("lindqvist"))
    shared(world, package)


def test_a_guest_with_a_password_gets_no_link(world: World, package: Package, case: Case) -> None:
    _share, secret = shared(world, package)
    accepted(secret)
    second, none = shared(world, made(world, case))
    assert (none, second.guest) == ("", guest())


def test_before_it_is_made_it_is_not_shared(world: World, case: Case) -> None:
    with pytest.raises(WrongState):
        shared(world, asked(world, case))


@pytest.mark.parametrize("who", ["sato", "whitfield", "weber", "adeyemi", "novak", "chen"])
def test_who_may_not_share(world: World, package: Package, who: str) -> None:
    with pytest.raises((Forbidden, NotFound)):
        shared(world, package, by=who)


def test_who_may_not_take_it_may_not_share_it(world: World, package: Package) -> None:
    """Command opens no recording by its role, and none by sharing it with an address of its own."""
    with pytest.raises(Forbidden):
        acts.take_package(package.pk, by=world.actor("hale"))
    with pytest.raises(Forbidden, match="not open to you: 3"):
        shared(world, package, by="hale")
    assert not Guest.objects.exists()
    page = world.sign_in("hale").get(reverse("package", args=[package.pk])).content.decode()
    assert "Somebody to whom they are shares it" in page
    assert reverse("package-share", args=[package.pk]) not in page


def test_the_sharer_sees_what_guests_did(world: World, inside: tuple[Share, Actor, Opening]) -> None:
    share, _actor, opening = inside
    seen = doors.guests.openings_for(world.actor("lindqvist"), share.package)
    assert list(seen) == [opening]
    with pytest.raises(NotFound):
        doors.guests.openings_for(world.actor("weber"), share.package)
