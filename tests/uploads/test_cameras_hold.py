"""What was recorded and never uploaded: who sees which, what counts as overdue, the page, its filters and its card."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.urls import reverse

from fairwitness.department import acts as department
from fairwitness.department.models import Dock
from fairwitness.kernel import clock
from fairwitness.kernel.refusals import Forbidden, WrongState
from fairwitness.kernel.roles import Role
from fairwitness.site import cards
from fairwitness.uploads import acts, doors
from fairwitness.uploads.acts import CameraSaid, FileSaid, Report
from fairwitness.uploads.doors import HeldSought
from fairwitness.uploads.models import Sighting
from fairwitness.uploads.pages.held import PAGE_ROWS
from tests.department.ledger import latest, sentence
from tests.department.test_reach import HOLDER
from tests.evidence.made import sealed
from tests.world import BY, World

HOUR = dt.timedelta(hours=1)
Tell = Callable[..., None]


@pytest.fixture
def dock(world: World) -> Dock:
    return department.add_dock(serial="D-1", name="Front desk", by=BY)


@pytest.fixture
def tell(dock: Dock) -> Tell:
    def report(cameras: dict[str, list[FileSaid]], *, connected: bool = True) -> None:
        said = tuple(
            CameraSaid(serial, connected, len(files), 0, tuple(files)) for serial, files in cameras.items()
        )
        acts.report_holdings(Report("1", clock.now(), None, said), dock=dock, by=BY)

    return report


def _file(name: str = "A.MP4", **more: object) -> FileSaid:
    return FileSaid(name, 1000, clock.now().replace(microsecond=0) - HOUR, **more)


@pytest.fixture
def everywhere(tell: Tell) -> None:
    """A file on the cameras of Whitfield, Okoye, Ruiz and Haddad, on the spare, and on one that nobody knows."""
    serials = ("AX-0101", "AX-0102", "AX-0021", "AX-0111", "AX-0900", "ZZ-9")
    with clock.frozen(clock.now() - 13 * HOUR):
        tell({serial: [_file()] for serial in serials})


ALL = {"AX-0101", "AX-0102", "AX-0021", "AX-0111", "AX-0900", "ZZ-9"}
SEES: dict[str, set[str]] = {
    "whitfield": {"AX-0101"},
    "li": set(),
    "ruiz": {"AX-0101", "AX-0102", "AX-0021"},
    "brandt": {"AX-0111"},
    "okafor": {"AX-0101", "AX-0102", "AX-0021", "AX-0111"},
    **dict.fromkeys(("costa", "park", "hale", "sato"), ALL),
}


@pytest.mark.usefixtures("everywhere")
@pytest.mark.parametrize("who", [*SEES, "weber", "adeyemi", "novak", "chen"])
def test_who_sees_which(world: World, who: str) -> None:
    actor, expected = world.actor(who), SEES.get(who)
    assert {row.serial for row in doors.list_held(actor, HeldSought())} == (expected or set())
    assert doors.may_see_held(actor) is (expected is not None)
    browser = world.sign_in(who)
    wanted = 403 if expected is None else 200
    assert browser.get(reverse("cameras-hold")).status_code == wanted
    assert browser.post(reverse("cameras-hold-csv")).status_code == wanted


def test_the_square_is_written_down_a_second_time() -> None:
    may = {
        *(Role.OFFICER, Role.SUPERVISOR, Role.BWC_UNIT, Role.COMMAND_STAFF, Role.CHIEF),
        Role.INTERNAL_AUDITOR,
    }
    assert set(doors.REACH["see_held"]) == may
    assert set(doors.REACH["explain_held"]) == {Role.BWC_UNIT}
    assert may <= set(HOLDER)


class TestOverdue:
    """In a dock and on its way is in good time; taken out unsent, or waiting too long, is not."""

    def seen(self, world: World, **more: object) -> list[str]:
        return [row.name for row in doors.list_held(world.actor("whitfield"), HeldSought(**more))]

    def test_in_the_dock_and_new_is_not(self, world: World, tell: Tell) -> None:
        tell({"AX-0101": [_file()]})
        assert self.seen(world) == []
        assert self.seen(world, which="open") == ["A.MP4"]

    def test_taken_out_unsent_is(self, world: World, tell: Tell) -> None:
        tell({"AX-0101": [_file()]})
        tell({"AX-0101": [_file()]}, connected=False)
        assert self.seen(world) == ["A.MP4"]

    def test_in_a_dock_that_fell_silent_is(self, world: World, tell: Tell) -> None:
        with clock.frozen(clock.now() - HOUR):
            tell({"AX-0101": [_file()]})
        assert self.seen(world) == ["A.MP4"]

    def test_waiting_too_long_is_though_it_is_in_the_dock(self, world: World, tell: Tell) -> None:
        file = _file()
        with clock.frozen(clock.now() - 13 * HOUR):
            tell({"AX-0101": [file]})
        tell({"AX-0101": [file]})
        assert self.seen(world) == ["A.MP4"]

    def test_sealed_is_not(self, world: World, tell: Tell) -> None:
        file = _file(sha256=sealed().sha256)
        with clock.frozen(clock.now() - 13 * HOUR):
            tell({"AX-0101": [file]})
        assert self.seen(world, which="open") == []

    def test_vanished_unsent_is_for_good(self, world: World, tell: Tell) -> None:
        with clock.frozen(clock.now() - 13 * HOUR):
            tell({"AX-0101": [_file(gone=True)]})
        assert self.seen(world, status="gone") == ["A.MP4"]
        assert self.seen(world, status="held") == []


@pytest.mark.usefixtures("everywhere")
class TestPage:
    """The list as people use it."""

    def test_filters_narrow_and_say_so(self, world: World) -> None:
        browser, address = world.sign_in("costa"), reverse("cameras-hold")
        for query, expected in {
            f"camera={world.cameras['AX-0102'].pk}": {"AX-0102"},
            f"wearer={world.id('haddad')}": {"AX-0111"},
            "status=gone": set(),
            "status=held": ALL,
        }.items():
            context = browser.get(f"{address}?{query}").context
            assert {row.serial for row, _tone in context["rows"]} == expected
            assert [chip["remove_url"] for chip in context["chips"]] == ["?"]

    @pytest.mark.parametrize("query", ["camera=x", "wearer=1", "status=x", "after=x", "before=x", "which=x"])
    def test_what_cannot_be_read_does_not_narrow(self, world: World, query: str) -> None:
        assert world.sign_in("costa").get(f"{reverse('cameras-hold')}?{query}").context["count"] == len(ALL)

    def test_nobody_is_offered_what_they_do_not_reach(self, world: World) -> None:
        shown = world.sign_in("ruiz").get(reverse("cameras-hold")).content.decode()
        assert "AX-0102" in shown
        assert "AX-0111" not in shown
        assert "Haddad" not in shown

    def test_the_csv_has_the_same_rows(self, world: World) -> None:
        browser, address = world.sign_in("ruiz"), f"{reverse('cameras-hold-csv')}?wearer={world.id('okoye')}"
        assert browser.get(address).status_code == 405, "taking it is recorded, so it is posted"
        data = b"".join(browser.post(address))
        lines = data.decode().splitlines()
        assert len(lines) == 2
        assert lines[1].startswith("AX-0102,Officer Sam Okoye,102,A.MP4,1000,")
        event, subjects, facts = latest()
        assert (event, subjects) == (
            "uploads.holdings_exported", {("department.member", world.id("ruiz"))})  # fmt: skip
        assert facts == {"count": 1, "sha256": f"sha256:{hashlib.sha256(data).hexdigest()}"}


class TestExplaining:
    """Why a file is not waited for: said by the BWC Unit, and only until something new is known."""

    @pytest.fixture
    def gone(self, tell: Tell) -> Sighting:
        with clock.frozen(clock.now() - 13 * HOUR):
            tell({"AX-0101": [_file(gone=True)]})
        return Sighting.objects.get()

    def overdue(self, world: World, **more: object) -> int:
        return doors.list_held(world.actor("whitfield"), HeldSought(**more)).count()

    def test_it_leaves_the_list_and_the_entry_says_why(self, world: World, gone: Sighting) -> None:
        acts.explain_held(gone.pk, "damaged", by=world.actor("costa"))
        assert (self.overdue(world), self.overdue(world, which="explained")) == (0, 1)
        camera = world.cameras["AX-0101"]
        subjects = {("uploads.sighting", gone.pk), ("department.camera", camera.pk)}
        facts = {"camera_id": str(camera.pk), "explanation": "damaged"}
        assert latest() == ("uploads.holding_explained", subjects, facts)
        assert sentence().endswith("AX-0101 is not waited for: the camera or its card is damaged")

    def test_a_second_time_is_refused(self, world: World, gone: Sighting) -> None:
        acts.explain_held(gone.pk, "lost", by=world.actor("costa"))
        with pytest.raises(WrongState, match="already"):
            acts.explain_held(gone.pk, "damaged", by=world.actor("costa"))

    def test_said_again_it_stays_explained_and_new_it_is_waited_for(
        self, world: World, gone: Sighting, tell: Tell
    ) -> None:
        acts.explain_held(gone.pk, "lost", by=world.actor("costa"))
        same = FileSaid(gone.name, gone.size, gone.modified, gone=True)
        tell({"AX-0101": [same]})
        assert Sighting.objects.get().explained == "lost"
        tell({"AX-0101": [replace(same, gone=False)]})
        assert Sighting.objects.get().explained == ""

    @pytest.mark.parametrize("who", ["whitfield", "ruiz", "park", "hale", "sato"])
    def test_who_sees_it_may_not_explain_it(self, world: World, gone: Sighting, who: str) -> None:
        with pytest.raises(Forbidden):
            acts.explain_held(gone.pk, "lost", by=world.actor(who))
        assert world.sign_in(who).get(reverse("cameras-hold-explain", args=[gone.pk])).status_code == 403

    @pytest.mark.parametrize("who", ["weber", "adeyemi", "novak", "chen", "haddad"])
    def test_who_does_not_see_it_finds_nothing(self, world: World, gone: Sighting, who: str) -> None:
        assert world.sign_in(who).get(reverse("cameras-hold-explain", args=[gone.pk])).status_code == 404

    def test_by_the_page(self, world: World, gone: Sighting) -> None:
        browser, address = world.sign_in("costa"), reverse("cameras-hold-explain", args=[gone.pk])
        assert address in browser.get(reverse("cameras-hold")).content.decode()
        assert browser.post(address, {"explanation": "x"}).status_code == 422
        assert browser.post(address, {"explanation": "no_recording"}).status_code == 302
        assert browser.post(address, {"explanation": "lost"}).status_code == 422
        shown = browser.get(f"{reverse('cameras-hold')}?which=explained").content.decode()
        assert "It is no recording" in shown


def test_pages_forth_and_back_show_everything_once_oldest_first(world: World, tell: Tell) -> None:
    with clock.frozen(clock.now() - 13 * HOUR):
        tell({"AX-0101": [_file(f"{n:03}.MP4") for n in range(2 * PAGE_ROWS + 1)]})
    browser, address, forth = world.sign_in("whitfield"), reverse("cameras-hold"), []
    query = ""
    while True:
        context = browser.get(f"{address}?{query}").context
        forth.append([row.name for row, _tone in context["rows"]])
        if not context["after"]:
            break
        query = f"after={context['after']}"
    assert [len(page) for page in forth] == [PAGE_ROWS, PAGE_ROWS, 1]
    assert sum(forth, []) == sorted(sum(forth, []))
    back = browser.get(f"{address}?before={context['before']}").context
    assert [row.name for row, _tone in back["rows"]] == forth[1]


@pytest.mark.usefixtures("everywhere")
def test_the_card_says_whose(world: World) -> None:
    def titles(who: str) -> dict[str, int]:
        return {card.title: card.count for card in cards.cards(world.actor(who))}

    own = next(card for card in cards.cards(world.actor("whitfield")) if "Your camera still" in card.title)
    assert own.words == "Dock it again."
    assert titles("whitfield")["Your camera still holds recordings"] == 1
    assert titles("ruiz")["Recorded, never uploaded"] == 3
    assert titles("costa")["Recorded, never uploaded"] == 6
    assert not {"Recorded, never uploaded", "Your camera still holds recordings"} & set(titles("weber"))
    assert "Your camera still holds recordings" in world.sign_in("whitfield").get("/").content.decode()
