"""Mail, to a real SMTP server: at once, once a day, never twice, again when it was down, refused addresses seen."""

import datetime as dt
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as configured
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.department import acts, doors, jobs
from fairwitness.department.models import Telling
from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry, Notice
from fairwitness.kernel.refusals import Refusal, Unavailable
from fairwitness.kernel.roles import Role
from tests.world import World

pytestmark = pytest.mark.enable_socket
How = Telling.How


class Post:
    """What a mail server does here: keeps what it is given, and answers as the test says."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str]] = []
        self.answer: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if refusal := self.answer.get("RCPT", ""):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if refusal := self.answer.pop("DATA once", self.answer.get("DATA", "")):
            return refusal
        self.kept.append((envelope.rcpt_tos[0], envelope.content.decode()))
        return "250 OK"


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    """A mail server on this machine, named in the settings."""
    handler = Post()
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.FAIRWITNESS_MAIL = True
    settings.FAIRWITNESS_ADDRESS = "https://bwc.example.gov/"
    yield handler
    controller.stop()


def told(world: World, role: Role = Role.RECORDS_OFFICER) -> None:
    """Whitfield is told something: that a role was granted."""
    acts.grant_role(member_id=world.id("whitfield"), role=role, by=world.actor("chen"))


def left() -> list[str]:
    """The members for whom a change has left a mail to be sent."""
    return [job.args["member_id"] for job in ProcrastinateJob.objects.filter(task_name="department.mail")]


def send(world: World, key: str = "whitfield") -> None:
    jobs.mail(str(world.id(key)))


def test_at_once_and_nothing_of_what_it_is(world: World, post: Post) -> None:
    told(world)
    assert left() == [str(world.id("whitfield"))]
    send(world)
    ((to, text),) = post.kept
    assert to == "whitfield@police.example"
    assert "Subject: You have a new notice in Fairwitness" in text
    assert "https://bwc.example.gov/notices/" in text
    for particular in ("Records", "officer", "Dana", "Whitfield", "Chen", "granted"):
        assert particular not in text.replace("whitfield@police.example", "")


def test_twice_is_once(world: World, post: Post) -> None:
    told(world)
    send(world)
    send(world)
    assert len(post.kept) == 1


def test_what_was_rolled_back_is_not_mailed(world: World, post: Post) -> None:
    with pytest.raises(Refusal), transaction.atomic():
        told(world)
        told(world)
    assert left() == []
    send(world)
    assert post.kept == []


def test_what_was_read_meanwhile_is_not_mailed(world: World, post: Post) -> None:
    told(world)
    Notice.objects.update(read=clock.now())
    send(world)
    assert post.kept == []


def test_several_at_a_time_are_one_mail(world: World, post: Post) -> None:
    told(world)
    told(world, Role.COMMUNITY_SUPERVISOR)
    send(world)
    assert [text.count("You have 2 new notices") for _to, text in post.kept] == [2]


def test_what_comes_right_after_a_mail_waits_a_few_minutes_and_goes_together(
    world: World, post: Post
) -> None:
    told(world)
    send(world)
    for role in (Role.COMMUNITY_SUPERVISOR, Role.CHIEF):
        told(world, role)
        send(world)
    assert len(post.kept) == 1
    with clock.frozen(clock.now() + dt.timedelta(minutes=6)):
        jobs.mails(0)
        jobs.mails(0)
    assert len(post.kept) == 2 and "You have 2 new notices" in post.kept[1][1]


def test_an_alarm_waits_for_nothing(world: World, post: Post) -> None:
    for code in ("storage.damage", "disk.low"):
        acts.raise_alarm(code, "It is damaged.", by=jobs.BY)
        send(world, "costa")
    assert len(post.kept) == 2


def test_one_that_cannot_be_sent_keeps_no_other_waiting(world: World, post: Post) -> None:
    acts.grant_role(member_id=world.id("li"), role=Role.RECORDS_OFFICER, by=world.actor("chen"))
    told(world)
    post.answer["DATA once"] = "451 later"
    with pytest.raises(Unavailable):
        jobs.mails(0)
    assert len(post.kept) == 1


def test_a_server_that_is_down_is_tried_again_and_nothing_is_lost(
    world: World, post: Post, settings: Any
) -> None:
    told(world)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    with pytest.raises(Unavailable, match="The mail server does not answer"):
        send(world)
    assert Notice.objects.get().mailed is None
    settings.EMAIL_PORT = port
    send(world)
    assert len(post.kept) == 1 and Notice.objects.get().mailed


@pytest.mark.parametrize(
    ("when", "answer", "said"),
    [
        ("RCPT", "451 later", "put an address off"),
        ("DATA", "451 later", "did not take a mail .451."),
        ("DATA", "554 no", "did not take a mail .554."),
    ],
)
def test_a_server_that_puts_off_is_tried_again(
    world: World, post: Post, when: str, answer: str, said: str
) -> None:
    told(world)
    post.answer[when] = answer
    with pytest.raises(Unavailable, match=said):
        send(world)
    post.answer.clear()
    send(world)
    assert len(post.kept) == 1 and not doors.refused_addresses()


def test_an_address_that_refuses_is_seen_until_it_is_corrected(world: World, post: Post) -> None:
    told(world)
    post.answer["RCPT"] = "550 no such mailbox"
    send(world)
    send(world)
    refused = doors.refused_addresses().get()
    assert (refused.member_id, refused.refused_code) == (world.id("whitfield"), "550")
    assert Entry.objects.filter(event="department.address_refused").count() == 1
    page = world.sign_in("chen").get("/mail/").content.decode()
    assert "whitfield@police.example" in page and "550" in page
    named = {"given_name": "Dana", "family_name": "Whitfield", "rank": "patrol_officer", "title": "Officer"}
    acts.change_member(
        member_id=world.id("whitfield"), **named, email="dana@police.example", by=world.actor("chen")
    )
    assert not doors.refused_addresses().exists()
    post.answer.clear()
    send(world)
    assert [to for to, _text in post.kept] == ["dana@police.example"]
    assert Entry.objects.filter(event="department.address_takes_mail").count() == 1


def at(hour: int, day: int = 2) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, 30, tzinfo=agency().tz)


def test_once_a_day_at_the_agencys_hour(world: World, post: Post) -> None:
    mine = world.actor("whitfield")
    with clock.frozen(at(8)):
        acts.choose_telling(how=How.DAILY, hour=7, by=mine)
    with clock.frozen(at(9)):
        Notice.objects.create(member=mine.person, sentence="Dana", link="/", at=clock.now())
    with clock.frozen(at(10)):
        Notice.objects.create(member=mine.person, sentence="Dana", link="/", at=clock.now())
        send(world)
        jobs.mails(0)
    with clock.frozen(at(6, day=3)):
        jobs.mails(0)
    assert post.kept == []
    with clock.frozen(at(7, day=3)):
        jobs.mails(0)
        jobs.mails(0)
    ((_to, text),) = post.kept
    assert "You have 2 new notices" in text


def test_in_the_product_only_and_yet_alarms_at_once(world: World, post: Post) -> None:
    acts.choose_telling(how=How.PRODUCT, by=world.actor("costa"))
    acts.grant_role(member_id=world.id("costa"), role=Role.RECORDS_OFFICER, by=world.actor("chen"))
    send(world, "costa")
    assert post.kept == []
    acts.raise_alarm("storage.damage", "A copy of R-2026-000001 is damaged.", key="main", by=jobs.BY)
    send(world, "costa")
    ((_to, text),) = post.kept
    assert "Subject: Fairwitness has raised an alarm" in text and "storage.damage" in text
    assert "R-2026" not in text
    assert Notice.objects.filter(member=world.id("costa"), mailed=None).count() == 1, (
        "the other is in the product"
    )


def test_what_came_before_the_choice_is_not_mailed_by_it(world: World, post: Post) -> None:
    acts.choose_telling(how=How.PRODUCT, by=world.actor("whitfield"))
    told(world)
    acts.choose_telling(how=How.AT_ONCE, by=world.actor("whitfield"))
    send(world)
    assert post.kept == []


def test_nobody_without_an_address_and_nobody_who_left(world: World, post: Post) -> None:
    told(world)
    acts.leave(member_id=world.id("whitfield"), by=world.actor("chen"))
    send(world)
    assert post.kept == []


def test_without_a_server_nothing_is_tried(world: World, post: Post, settings: Any) -> None:
    settings.FAIRWITNESS_MAIL = False
    told(world)
    send(world)
    assert post.kept == [] and not doors.refused_addresses()


def test_what_cannot_be_sent_for_a_quarter_of_an_hour_is_a_fault(world: World, post: Post) -> None:
    told(world)
    assert doors.unsent().count() == 0
    with clock.frozen(clock.now() + dt.timedelta(minutes=16)):
        assert doors.unsent().count() == 1
        acts.choose_telling(how=How.DAILY, by=world.actor("whitfield"))
        assert doors.unsent().count() == 0


def test_the_page_keeps_the_choice(world: World) -> None:
    browser = world.sign_in("whitfield")
    assert "whitfield@police.example" in browser.get("/notices/telling/").content.decode()
    assert browser.post("/notices/telling/", {"how": "daily", "hour": "18"}).status_code == 302
    chosen = doors.telling_of(world.id("whitfield"))
    assert (chosen.how, chosen.hour) == (How.DAILY, 18)
    assert browser.post("/notices/telling/", {"how": "pigeon", "hour": "24"}).status_code == 422
    assert Client().get("/notices/telling/").status_code == 302


def test_the_demo_lays_its_mails_into_its_home() -> None:
    assert configured.EMAIL_FILE_PATH.startswith(str(configured.FAIRWITNESS_HOME))


@given(st.integers(1_600_000_000, 1_900_000_000), st.integers(0, 23))
def test_the_hour_struck_less_than_a_day_ago(moment: int, hour: int) -> None:
    now = dt.datetime.fromtimestamp(moment, dt.UTC)
    struck = doors.last_digest(now, hour)
    assert struck <= now
    # A day of the clock has 25 hours once a year.
    assert now - struck <= dt.timedelta(hours=25)
    assert struck.hour == hour
