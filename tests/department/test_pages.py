"""Every page for every role, and what a person can do on them."""

import csv
import io
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from fairwitness.department import acts, doors
from fairwitness.department.models import Assignment, Camera, Course, Dock, Member, RoleHeld, Unit
from fairwitness.kernel.listing import PAGE_ROWS
from fairwitness.kernel.models import SavedSearch
from fairwitness.kernel.roles import Role
from tests.conftest import shared
from tests.department.test_reach import HOLDER
from tests.world import BY, World

LISTERS = {role for role in Role if role not in (Role.COMMUNITY_SUPERVISOR, Role.EXTERNAL_AUDITOR)}
CAMERA_FINDERS = {Role.COMMAND_STAFF, Role.CHIEF, Role.INTERNAL_AUDITOR, Role.BWC_UNIT, Role.RECORDS_OFFICER}
DOCK_FINDERS = {Role.COMMAND_STAFF, Role.CHIEF, Role.INTERNAL_AUDITOR, Role.BWC_UNIT}
CAMERA_LISTERS = CAMERA_FINDERS | {Role.SUPERVISOR, Role.OFFICER}
COVERERS = {
    *(
        Role.COMMAND_STAFF,
        Role.CHIEF,
        Role.INTERNAL_AUDITOR,
        Role.BWC_UNIT,
        Role.SUPERVISOR,
        Role.EXTERNAL_AUDITOR,
    )
}
KEEPERS, ADMIN, BWC = (
    {Role.ACCOUNT_ADMINISTRATOR, Role.BWC_UNIT},
    {Role.ACCOUNT_ADMINISTRATOR},
    {Role.BWC_UNIT},
)
# Page, the key of what it is about, who may see it, and how the others are told that they may not.
PAGES: list[tuple[str, str, set[Role], int]] = [
    ("members", "", LISTERS, 403),
    ("members-csv", "", LISTERS, 403),
    ("units", "", LISTERS, 403),
    ("member", "li", LISTERS, 404),
    ("cameras", "", CAMERA_LISTERS, 403),
    ("cameras-csv", "", CAMERA_LISTERS, 403),
    ("camera", "AX-0900", CAMERA_FINDERS, 404),
    ("coverage", "", COVERERS, 403),
    ("coverage-csv", "", COVERERS, 403),
    ("member-add", "", KEEPERS, 403),
    ("unit-add", "", KEEPERS, 403),
    ("roster", "", KEEPERS, 403),
    ("course-add", "", BWC, 403),
    ("camera-add", "", BWC, 403),
    ("member-change", "li", KEEPERS, 403),
    ("member-post", "li", KEEPERS, 403),
    ("role-grant", "li", ADMIN, 403),
    ("sign-in-give", "li", ADMIN, 403),
    ("member-leave", "li", ADMIN, 403),
    ("member-stay", "li", ADMIN, 403),
    ("course-complete", "li", BWC, 403),
    ("member-assign", "li", BWC, 403),
    ("camera-change", "AX-0900", BWC, 403),
    ("camera-move", "AX-0900", BWC, 403),
    ("camera-assign", "AX-0900", BWC, 403),
    ("camera-return", "AX-0900", BWC, 403),
    ("docks", "", DOCK_FINDERS, 403),
    ("docks-csv", "", DOCK_FINDERS, 403),
    ("dock", "D-1", DOCK_FINDERS, 404),
    ("dock-add", "", BWC, 403),
    ("dock-change", "D-1", BWC, 403),
    ("dock-retire", "D-1", BWC, 403),
]


def _address(world: World, page: str, key: str) -> str:
    thing = {**world.members, **world.cameras, "D-1": Dock.objects.filter(serial="D-1").first()}.get(key)
    return reverse(page, args=[thing.pk] if thing else [])


@pytest.mark.parametrize("role", list(Role))
def test_the_square(world: World, role: Role) -> None:
    """What one may not find looks as if it were not there; what one may find but not do is forbidden."""
    browser = world.sign_in(HOLDER[role])
    acts.add_dock(serial="D-1", name="Front desk", by=BY)
    finds = {
        "": True,
        "li": role in LISTERS,
        "AX-0900": role in CAMERA_FINDERS,
        "D-1": role in DOCK_FINDERS,
    }
    expected = {
        page: 200 if role in who else refused if finds[key] else 404 for page, key, who, refused in PAGES
    }
    found = {page: browser.get(_address(world, page, key)).status_code for page, key, _who, _refused in PAGES}
    assert found == expected


def test_the_public_is_asked_to_sign_in(world: World) -> None:
    acts.add_dock(serial="D-1", name="Front desk", by=BY)
    for page, key, _who, _refused in PAGES:
        answer = Client().get(_address(world, page, key))
        assert (answer.status_code, urlsplit(answer["Location"]).path) == (302, reverse("account_login"))


def _sent(browser: Client, page: str, pk: object = None, **entered: object) -> HttpResponse:
    return browser.post(reverse(page, args=[pk] if pk else []), entered)  # type: ignore[arg-type, return-value]


def _text(answer: HttpResponse) -> str:
    return answer.content.decode()


class TestList:
    """The list of people."""

    def test_a_search_keeps_words_out_of_the_address(self, world: World) -> None:
        browser = world.sign_in("ruiz")
        answer = _sent(browser, "members", text="okoye", unit=world.units["patrol_1"].pk)
        address = answer["Location"]
        assert "okoye" not in address
        assert set(parse_qs(urlsplit(address).query)) == {"q", "unit"}
        shown = _text(browser.get(address))
        assert "Okoye, Sam" in shown
        assert "Whitfield, Dana" not in shown

    def test_somebody_elses_search_is_not_shown(self, world: World) -> None:
        kept = _sent(world.sign_in("ruiz"), "members", text="okoye")["Location"]
        assert "Whitfield, Dana" in _text(world.sign_in("brandt").get(kept))

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("unit={patrol_1}", {"Ruiz, Maria", "Whitfield, Dana", "Okoye, Sam", "Li, Wei"}),
            ("rank=detective", {"Lindqvist, Grace"}),
            ("role=chief", {"Park, Elena"}),
            ("left=left", set()),
            ("unit={patrol_1}&role=supervisor", {"Ruiz, Maria"}),
        ],
    )
    def test_filters(self, world: World, query: str, found: set[str]) -> None:
        query = query.format(patrol_1=world.units["patrol_1"].pk)
        context = world.sign_in("park").get(f"/people/?{query}").context
        assert {f"{m.family_name}, {m.given_name}" for m in context["rows"]} == found
        assert context["count"] == len(found)
        assert [chip["remove_url"] for chip in context["chips"]][:1]

    @pytest.mark.parametrize(
        "query", ["unit=x", "unit=", "rank=x", "q=x", "sort=x", "after=x", "before=x", "left=x"]
    )
    def test_what_cannot_be_read_does_not_narrow(self, world: World, query: str) -> None:
        assert world.sign_in("park").get(f"/people/?{query}").context["count"] == len(world.members)

    @pytest.mark.parametrize("sort", ["name", "-name", "badge", "-badge", "rank", "-rank", "unit", "-unit"])
    def test_pages_forth_and_back_show_everyone_once(self, world: World, sort: str) -> None:
        header = "badge,given name,family name,rank\n"
        rows = "".join(f"Z{n:03},Given{n % 7},Family{n % 11},detective\n" for n in range(2 * PAGE_ROWS))
        columns = {"badge": 0, "given_name": 1, "family_name": 2, "rank": 3}
        acts.import_roster(data=(header + rows).encode(), columns=columns, by=BY)
        browser = world.sign_in("park")
        forth, query = [], ""
        while True:
            context = browser.get(f"/people/?sort={sort}{query}").context
            forth += [member.pk for member in context["rows"]]
            last = context
            if not context["after"]:
                break
            query = f"&after={context['after']}"
        assert len(forth) == len(set(forth)) == Member.objects.count()
        back, context = [member.pk for member in last["rows"]], last
        while context["before"]:
            context = browser.get(f"/people/?sort={sort}&before={context['before']}").context
            back = [member.pk for member in context["rows"]] + back
        assert back == forth

    def test_the_csv_is_a_roster(self, world: World) -> None:
        answer = world.sign_in("park").get(f"/people.csv?unit={world.units['patrol_1'].pk}")
        rows = list(csv.reader(io.StringIO(b"".join(answer).decode())))  # type: ignore[arg-type]
        assert rows[0] == [
            *("Badge", "Given name", "Family name", "Title", "Rank group", "Unit", "Email", "Joined on"),
            *("Camera serial", "Roles"),
        ]
        assert [row[2] for row in rows[1:]] == ["Li", "Okoye", "Ruiz", "Whitfield"]
        assert rows[2][5:] == [
            *("Patrol 1 (Day)", "okoye@police.example", world.since.isoformat(), "AX-0102", "Officer")
        ]

    def test_naughty_searches_are_answered(self, world: World) -> None:
        texts = json.loads(shared("data/conformance/strings/blns.json").read_text("utf-8"))
        for text in texts:
            assert len(doors.list_members(BY, doors.Sought(text=text))) <= len(world.members)
            assert len(doors.list_cameras(BY, doors.CamerasSought(text=text))) <= len(world.cameras)
        browser = world.sign_in("park")
        for text in texts[::20]:
            answer = browser.post(reverse("members"), {"text": text}, follow=True)
            assert answer.status_code == (200 if len(text.strip()) <= 200 else 422)

    @pytest.mark.parametrize("page", ["members", "cameras"])
    @pytest.mark.parametrize("text", ["nul\0", "x" * 201])
    def test_words_that_nothing_can_hold_are_refused_and_not_kept(
        self, world: World, page: str, text: str
    ) -> None:
        answer = _sent(world.sign_in("park"), page, text=text)
        assert answer.status_code == 422
        assert "These words cannot be searched for." in _text(answer)
        assert not SavedSearch.objects.exists()


class TestPerson:
    """A person's page, and the acts on it."""

    def test_it_works(self, world: World) -> None:
        shown = _text(world.sign_in("costa").get(reverse("member", args=[world.id("okoye")])))
        for words in (
            *("Officer Sam Okoye", "Patrol 1 (Day)", "Sgt. Maria Ruiz", "AX-0102", "Body-worn camera, basic"),
            *("Trained", "granted Officer Sam Okoye the role", "badge 102"),
        ):
            assert words in shown

    def test_a_colleague_sees_no_training_and_no_history(self, world: World) -> None:
        shown = _text(world.sign_in("whitfield").get(reverse("member", args=[world.id("okoye")])))
        assert "Patrol 1 (Day)" in shown
        assert "Body-worn camera, basic" not in shown
        assert "granted" not in shown

    def test_what_cannot_be_done_says_why(self, world: World) -> None:
        shown = _text(world.sign_in("costa").get(reverse("member", args=[world.id("li")])))
        assert "Officer Wei Li has not completed the training: Body-worn camera, basic." in shown
        own = _text(world.sign_in("chen").get(reverse("member", args=[world.id("chen")])))
        assert "Nobody grants or ends roles of their own." in own

    def test_adding(self, world: World) -> None:
        entered = {"badge": "104", "given_name": "Ji-woo", "family_name": "Han", "rank": "patrol_officer"}
        browser = world.sign_in("chen")
        assert _sent(browser, "member-add", **entered).status_code == 302
        assert Member.objects.get(badge="104").family_name == "Han"
        again = _sent(browser, "member-add", **entered)
        assert again.status_code == 422
        assert "already exists" in _text(again)
        assert "Ji-woo" in _text(again), "what was typed is still there"

    def test_correcting(self, world: World) -> None:
        entered = {
            "given_name": "Samuel",
            "family_name": "Okoye",
            "rank": "patrol_officer",
            "title": "Officer",
        }
        assert _sent(world.sign_in("chen"), "member-change", world.id("okoye"), **entered).status_code == 302
        assert Member.objects.get(pk=world.id("okoye")).given_name == "Samuel"

    def test_posting(self, world: World) -> None:
        browser, ruiz = world.sign_in("chen"), world.id("ruiz")
        entered = {
            "unit": world.units["patrol_2"].pk,
            "reports_to": world.id("okoye"),
            "since": doors.today(),
        }
        refused = _sent(browser, "member-post", ruiz, **entered)
        assert refused.status_code == 422
        assert "would be a circle" in _text(refused)
        assert _sent(browser, "member-post", ruiz, **entered | {"reports_to": ""}).status_code == 302
        assert doors.chain_above(ruiz) == []

    def test_granting_and_ending_a_role(self, world: World) -> None:
        browser, li = world.sign_in("chen"), world.id("li")
        entered = {"role": "supervisor", "since": doors.today()}
        assert _sent(browser, "role-grant", li, **entered).status_code == 302
        assert Role.SUPERVISOR in doors.roles_today(li)
        end = reverse("role-end", args=[li, "supervisor"])
        assert browser.get(end).status_code == 200
        assert browser.post(end, {"until": doors.today()}).status_code == 302
        assert Role.SUPERVISOR not in doors.roles_today(li)
        assert browser.get(reverse("role-end", args=[li, "emperor"])).status_code == 404

    def test_ones_own_roles_stay(self, world: World) -> None:
        entered = {"role": "chief", "since": doors.today()}
        assert _sent(world.sign_in("chen"), "role-grant", world.id("chen"), **entered).status_code == 403
        assert not RoleHeld.objects.filter(member=world.id("chen"), role="chief").exists()

    def test_training_then_a_camera(self, world: World) -> None:
        browser, li = world.sign_in("costa"), world.id("li")
        spare = {"camera": world.spare().pk}
        refused = _sent(browser, "member-assign", li, **spare)
        assert (refused.status_code, Assignment.objects.filter(member=li).exists()) == (422, False)
        trained = {"course": world.course.pk, "on": doors.today()}
        assert _sent(browser, "course-complete", li, **trained).status_code == 302
        assert _sent(browser, "member-assign", li, **spare).status_code == 302
        assert Assignment.objects.get(member=li).camera == world.spare()

    def test_giving_a_sign_in_shows_the_password_once(self, world: World) -> None:
        browser, li = world.sign_in("chen"), world.id("li")
        answer = _sent(browser, "sign-in-give", li, username="wli")
        # Nobody above them has a sign-in here, so no other half can be told.
        password = answer.context["made"].shown  # type: ignore[attr-defined]
        assert password in _text(answer)
        assert answer["Cache-Control"] == "no-store"
        assert Client().login(username="wli", password=password)
        again = _sent(browser, "sign-in-give", li, username="wli2")
        assert again.status_code == 422
        assert password not in _text(browser.get(reverse("member", args=[li])))

    def test_leaving(self, world: World) -> None:
        browser = world.sign_in("chen")
        assert _sent(browser, "member-leave", world.id("ruiz"), on=doors.today()).status_code == 422
        assert _sent(browser, "member-leave", world.id("li"), on=doors.today()).status_code == 302
        assert "Has left" in _text(browser.get(reverse("member", args=[world.id("li")])))
        assert [m.pk for m in browser.get("/people/?left=left").context["rows"]] == [world.id("li")]


class TestCameras:
    """The cameras' pages."""

    @pytest.mark.parametrize(
        ("query", "count"), [("", 6), ("worn=no", 1), ("worn=yes", 5), ("status=lost", 0)]
    )
    def test_filters(self, world: World, query: str, count: int) -> None:
        assert world.sign_in("costa").get(f"/cameras/?{query}").context["count"] == count

    def test_search(self, world: World) -> None:
        browser = world.sign_in("costa")
        assert browser.get(_sent(browser, "cameras", text="09")["Location"]).context["count"] == 1

    def test_an_officer_finds_their_own_alone(self, world: World) -> None:
        browser = world.sign_in("whitfield")
        assert [c.serial for c, _tone in browser.get("/cameras/").context["rows"]] == ["AX-0101"]
        assert browser.get(reverse("camera", args=[world.cameras["AX-0101"].pk])).status_code == 200
        assert browser.get(reverse("camera", args=[world.cameras["AX-0102"].pk])).status_code == 404

    def test_the_csv(self, world: World) -> None:
        answer = world.sign_in("costa").get("/cameras.csv?worn=yes")
        rows = list(csv.reader(io.StringIO(b"".join(answer).decode())))  # type: ignore[arg-type]
        assert [row[0] for row in rows[1:]] == ["AX-0021", "AX-0022", "AX-0101", "AX-0102", "AX-0111"]
        assert rows[1][4:6] == ["Sgt. Maria Ruiz", "21"]

    def test_one_cameras_life(self, world: World) -> None:
        browser = world.sign_in("costa")
        assert _sent(browser, "camera-add", serial="AX-1000", model="Axon Body 4").status_code == 302
        pk = Camera.objects.get(serial="AX-1000").pk
        assert _sent(browser, "camera-change", pk, model="Axon Body 4", firmware="2.0").status_code == 302
        assert _sent(browser, "camera-assign", pk, member=world.id("li")).status_code == 422
        assert _sent(browser, "camera-assign", pk, member=world.id("ruiz")).status_code == 302
        assert _sent(browser, "camera-move", pk, to="retired").status_code == 422
        assert _sent(browser, "camera-return", pk).status_code == 302
        assert _sent(browser, "camera-return", pk).status_code == 422
        assert _sent(browser, "camera-move", pk, to="retired").status_code == 302
        shown = _text(browser.get(reverse("camera", args=[pk])))
        for words in ("Ana Costa assigned the camera AX-1000 to Sgt. Maria Ruiz", "Retired", "2.0"):
            assert words in shown


class TestUnits:
    """Units, chain of command, coverage."""

    def test_the_chain_is_a_tree(self, world: World) -> None:
        shown = _text(world.sign_in("park").get("/units/"))
        ruiz, li = shown.index("Sgt. Maria Ruiz"), shown.index("Officer Wei Li")
        assert "<ul>" in shown[ruiz:li]

    def test_adding_a_unit(self, world: World) -> None:
        parent = world.units["headquarters"].pk
        assert (
            _sent(world.sign_in("chen"), "unit-add", code="K9", name="Canine", parent=parent).status_code
            == 302
        )
        assert Unit.objects.get(code="K9").parent_id == parent

    def test_adding_a_course(self, world: World) -> None:
        entered = {"code": "BWC-2", "title": "Refresher", "required_for_camera": "on"}
        assert _sent(world.sign_in("costa"), "course-add", **entered).status_code == 302
        assert Course.objects.get(code="BWC-2").required_for_camera

    def test_coverage_says_what_it_found(self, world: World) -> None:
        shown = _text(world.sign_in("novak").get("/coverage/"))
        assert "5 of 11 sworn members wear a camera, and 5 are trained." in shown
        assert "Headquarters is furthest behind: 0 of 3 wear a camera." in shown
        assert "Ruiz" not in shown, "figures name nobody"

    def test_coverage_as_csv(self, world: World) -> None:
        answer = world.sign_in("novak").get("/coverage.csv")
        rows = list(csv.reader(io.StringIO(b"".join(answer).decode())))  # type: ignore[arg-type]
        day = doors.today().isoformat()
        assert rows[1] == ["All", "All sworn members", "11", "5", "5", day]
        assert ["Unit", "Patrol 1 (Day)", "4", "3", "3", day] in rows

    def test_an_empty_department_teaches(self, db: None, world: World) -> None:
        acts.add_course(code="X", title="Unmet", required_for_camera=True, by=BY)
        shown = _text(world.sign_in("park").get("/coverage/"))
        assert "and 0 are trained" in shown
