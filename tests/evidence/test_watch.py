"""The misuse watch: the acts watch_week and decide_watch, each sign by its figures, and who sees what."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from fairwitness.evidence import jobs
from fairwitness.evidence.acts import view
from fairwitness.evidence.acts.watch import decide_watch, watch_week
from fairwitness.evidence.doors import watching
from fairwitness.evidence.models import Recording, Viewing, Watch
from fairwitness.incidents import acts as incidents
from fairwitness.kernel import clock
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from fairwitness.policy.models import Figure
from tests.evidence.made import BY, sealed
from tests.evidence.test_access_square import carry
from tests.world import World

HERE = view.session_mark("this sign-in")


@pytest.fixture(autouse=True)
def wednesday(world: World) -> Iterator[dt.datetime]:
    """Within the last whole week, at noon: what is opened in a test is opened then."""
    _begin, end = watching.span(watching.last_week())
    with clock.frozen(end - dt.timedelta(days=4, hours=12)) as moment:
        yield moment


def look(world: World, recording: Recording, key: str, played_ms: int = 60_000) -> Viewing:
    """Open and close it; what was played is written as the meter has it."""
    opened = view.view(recording.pk, "report", HERE, by=world.actor(key))
    with clock.frozen(clock.now() + dt.timedelta(minutes=5)):
        view.beat(opened, played_ms)
        view.end_viewing(opened.pk, "closed", by=world.actor(key))
    return opened


def this_week() -> dt.date:
    """The week of the frozen moment."""
    day = clock.now().date()
    return day - dt.timedelta(days=day.weekday())


def found() -> list[tuple[str, str, int]]:
    watch_week(this_week(), by=BY)
    return sorted((row.member.badge, row.sign, row.found["count"]) for row in Watch.objects.all())


def test_an_ordinary_week_leaves_nothing(world: World) -> None:
    look(world, sealed(device="AX-0101"), "whitfield")
    assert found() == []
    assert not Entry.objects.filter(event="evidence.access_watched").exists()


@pytest.mark.parametrize(("times", "signs"), [(watching.UNFINISHED - 1, 0), (watching.UNFINISHED, 1)])
def test_purposes_that_were_never_finished(world: World, times: int, signs: int) -> None:
    recording = sealed(device="AX-0101")
    for _again in range(times):
        look(world, recording, "whitfield", played_ms=0)
    look(world, recording, "whitfield")
    assert found() == [("101", "unfinished", times)][:signs]


@pytest.mark.parametrize(("how_many", "signs"), [(watching.MANY - 1, 0), (watching.MANY, 1)])
def test_many_without_a_link(world: World, how_many: int, signs: int) -> None:
    for n in range(how_many):
        look(world, sealed(b"%d" % n, device="AX-0101"), "ruiz")
    look(world, sealed(b"own", device="AX-0021"), "ruiz")
    assert found() == [("21", "many", how_many)][:signs]


def test_a_class_that_one_seldom_opens(world: World) -> None:
    recording = carry(sealed(device="AX-0101"), "medical")
    look(world, recording, "whitfield")
    look(world, recording, "ruiz")
    assert found() == [("21", "seldom", 1)]


def test_who_opens_that_class_often_is_no_sign(world: World) -> None:
    recording = carry(sealed(device="AX-0101"), "medical")
    with clock.frozen(clock.now() - dt.timedelta(days=20)):
        for _again in range(watching.SELDOM):
            look(world, recording, "ruiz")
    look(world, recording, "ruiz")
    assert found() == []


@pytest.mark.parametrize(("days", "signs"), [(1, 1), (4, 0)])
def test_right_after_ones_own_lockout(world: World, days: int, signs: int) -> None:
    opened = clock.now() - dt.timedelta(days=9)
    incident = incidents.add_incident(number="26-001", opened=opened, by=world.actor("costa"))
    recording = sealed(device="AX-0101", incident="26-001", started=opened)
    incidents.mark_critical(incident.pk, [world.id("whitfield")], by=world.actor("costa"))
    stated = clock.now() - dt.timedelta(days=days)
    incidents.file_statement(
        incident.pk, world.id("whitfield"), stated_at=stated, sha256="0" * 64, by=world.actor("ruiz")
    )
    look(world, recording, "whitfield")
    assert found() == [("101", "after_lockout", 1)][:signs]


def idle(world: World, key: str = "whitfield") -> None:
    recording = sealed(device="AX-0101")
    for _again in range(watching.UNFINISHED):
        look(world, recording, key, played_ms=0)


def test_a_week_is_written_once_in_one_entry(world: World) -> None:
    idle(world)
    idle_by_hale = Watch.objects.count()
    assert idle_by_hale == 0
    assert watch_week(this_week(), by=BY) == 1
    assert watch_week(this_week(), by=BY) == 0
    assert Watch.objects.count() == 1
    entry = Entry.objects.get(event="evidence.access_watched")
    assert entry.pk == Watch.objects.get().written_by
    assert set(Watch.objects.get().found) == {"count", "viewings"}, "figures and keys, no words"


def test_the_job_looks_at_the_week_that_ended_and_may_be_done_twice(world: World) -> None:
    idle(world)
    with clock.frozen(clock.now() + dt.timedelta(days=7)):
        for _twice in range(2):
            jobs.watch_access(0)
    assert Watch.objects.get().week == this_week()


def test_killed_before_the_end_nothing_is_half_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    idle(world)

    def dies(*_args: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(Watch.objects, "bulk_create", dies)
        with pytest.raises(KeyboardInterrupt):
            watch_week(this_week(), by=BY)
    assert not Watch.objects.exists()
    assert watch_week(this_week(), by=BY) == 1


@pytest.fixture
def sign(world: World) -> Watch:
    """About Whitfield."""
    idle(world)
    watch_week(this_week(), by=BY)
    return Watch.objects.get()


def test_its_outcome_is_recorded(world: World, sign: Watch) -> None:
    with clock.frozen(clock.now() + dt.timedelta(days=5)):
        decide_watch(sign.pk, outcome="explained", words=" The screen froze. ", by=world.actor("hale"))
    sign.refresh_from_db()
    assert (sign.outcome, sign.words, sign.decided_by_id) == (
        "explained",
        "The screen froze.",
        world.id("hale"),
    )
    assert "froze" not in str(EntryPrivate.objects.values_list("facts", flat=True))
    figure = Figure.objects.filter(measure="misuse_reviewed").order_by("as_of").last()
    assert figure and (figure.numerator, figure.denominator) == (1, 1)
    with pytest.raises(WrongState, match="before"):
        decide_watch(sign.pk, outcome="referred", words="x", by=world.actor("park"))


@pytest.mark.parametrize(("outcome", "words"), [("open", "x"), ("", "x"), ("odd", "x"), ("explained", " ")])
def test_an_outcome_and_words_are_needed(world: World, sign: Watch, outcome: str, words: str) -> None:
    with pytest.raises(Invalid):
        decide_watch(sign.pk, outcome=outcome, words=words, by=world.actor("hale"))


SEE, DECIDE = {"sato", "costa", "hale", "park"}, {"hale", "park"}
EVERYONE = ("whitfield", "ruiz", "costa", "weber", "adeyemi", "hale", "park", "sato", "novak", "chen")


@pytest.mark.parametrize("key", EVERYONE)
def test_who_sees_and_decides(world: World, sign: Watch, key: str) -> None:
    browser = world.sign_in(key)
    seen = 200 if key in SEE else 403
    assert browser.get(reverse("watch")).status_code == seen
    assert browser.get(reverse("sign", args=[sign.pk])).status_code == seen
    assert browser.get(reverse("watch-decide", args=[sign.pk])).status_code == (200 if key in DECIDE else 403)
    said = {"outcome": "reminded", "words": "Told."}
    answer = browser.post(reverse("watch-decide", args=[sign.pk]), said)
    assert answer.status_code == (302 if key in DECIDE else 403)
    if key not in DECIDE:
        with pytest.raises(Forbidden):
            decide_watch(sign.pk, **said, by=world.actor(key))


def test_nobody_sees_or_decides_their_own(world: World) -> None:
    recording = sealed(device="AX-0101")
    view_key = "costa"
    for _again in range(watching.UNFINISHED):
        look(world, recording, view_key, played_ms=0)
    watch_week(this_week(), by=BY)
    own = Watch.objects.get()
    assert not watching.signs_for(world.actor("costa")).exists()
    assert world.sign_in("costa").get(reverse("sign", args=[own.pk])).status_code == 404
    with pytest.raises(NotFound):
        decide_watch(own.pk, outcome="explained", words="x", by=world.actor("costa"))
    assert watching.undecided(world.actor("hale")).count() == 1
