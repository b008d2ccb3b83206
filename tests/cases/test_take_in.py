"""Taking recordings into a case and out again, the incidents that it is about, and what follows from both."""

import datetime as dt

import pytest

from fairwitness.cases import acts, doors
from fairwitness.cases.models import Case, Item
from fairwitness.evidence.acts import view
from fairwitness.evidence.acts.category import add_category
from fairwitness.evidence.acts.disposal import propose_disposals
from fairwitness.evidence.doors import disposal
from fairwitness.evidence.models import Recording, Viewing
from fairwitness.incidents.acts import mark_critical
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.cases.made import facts_of, opened, opens, sealed_file, stop
from tests.evidence.disposals import approve, due, erase, row
from tests.evidence.holding import BEGINS, film, scene
from tests.evidence.made import BY, grown, rows, try_to_seal
from tests.world import World

pytestmark = pytest.mark.django_db


def test_it_works(world: World, case: Case) -> None:
    """A detective with three cameras and one stop."""
    scene()
    films, costa, lead = stop(), world.actor("costa"), world.actor("lindqvist")
    acts.link_incident(case.pk, films[0].incident_links.get().incident_id, by=costa)
    assert (doors.missing(lead, case).count, doors.missing(lead, case).others) == (0, 3)
    assert doors.missing(costa, case).count == 3
    assert acts.take_in_all(case.pk, by=costa) == 3
    assert doors.missing(lead, case) == doors.Missing([], 0, 0)
    assert all(opens(lead, each) for each in films)
    assert doors.opened_among(lead, [each.pk for each in films]) == {each.pk for each in films}
    assert Entry.objects.filter(event="cases.recording_taken_in").count() == 3
    assert facts_of("cases.recordings_taken_in")["count"] == 3
    assert doors.amounts(case) == doors.Amounts(3, 0, sum(each.size for each in films))
    with pytest.raises(WrongState, match="nothing more"):
        acts.take_in_all(case.pk, by=costa)


def test_the_viewing_says_by_what_it_opened(world: World, case: Case) -> None:
    recording = film()
    acts.take_in(case.pk, recording.pk, by=world.actor("costa"))
    view.view(recording.pk, Viewing.Purpose.INVESTIGATION, "s", by=world.actor("lindqvist"))
    assert facts_of("evidence.viewing_begun")["linked"] == "cases"
    view.view(recording.pk, Viewing.Purpose.REPORT, "s", by=world.actor("whitfield"))
    assert "linked" not in facts_of("evidence.viewing_begun")


class TestRefuses:
    """What is refused, and then nothing is written."""

    @pytest.fixture(autouse=True)
    def before(self, world: World, case: Case) -> None:
        self.world, self.case = world, case

    def _refuses(self, error: type[Exception], recording: Recording, key: str, match: str = ".") -> None:
        before = rows()
        with pytest.raises(error, match=match):
            acts.take_in(self.case.pk, recording.pk, by=self.world.actor(key))
        assert grown(before) == {}

    def test_what_one_cannot_find(self) -> None:
        self._refuses(NotFound, film(), "lindqvist")

    def test_what_one_finds_and_may_not_open(self) -> None:
        acts.add_member(self.case.pk, self.world.id("hale"), "member", by=self.world.actor("costa"))
        self._refuses(Forbidden, film(), "hale", "not open to you")

    def test_who_is_not_in_the_case(self) -> None:
        self._refuses(NotFound, film(), "whitfield")

    def test_who_is_named_in_it_takes_in_what_is_open_to_them_alone(self) -> None:
        """Else the BWC Unit would open to itself what its role does not."""
        recording = film()
        add_category(recording.pk, "confidential-investigation", by=self.world.actor("costa"))
        acts.add_member(self.case.pk, self.world.id("nair"), "member", by=self.world.actor("costa"))
        assert not opens(self.world.actor("nair"), recording)
        self._refuses(Forbidden, recording, "nair")

    def test_twice(self) -> None:
        recording = film()
        acts.take_in(self.case.pk, recording.pk, by=self.world.actor("costa"))
        self._refuses(WrongState, recording, "costa", "is in this case")

    def test_what_was_refused_on_delivery(self) -> None:
        self._refuses(WrongState, try_to_seal(b"").recording, "costa", "Only a sealed")

    def test_what_was_erased(self) -> None:
        recording = due(b"gone")
        found = propose_disposals(by=BY)
        assert found
        approve(found, self.world.actor("weber"), self.world.actor("hale"))
        erase(found)
        self._refuses(WrongState, recording, "costa", "erased")

    def test_a_reason_that_is_too_long(self) -> None:
        with pytest.raises(Invalid):
            acts.take_in(self.case.pk, film().pk, "x" * 501, by=self.world.actor("costa"))


def test_it_is_taken_out_with_a_reason_and_comes_again(world: World, case: Case) -> None:
    costa, recording = world.actor("costa"), film()
    item = acts.take_in(case.pk, recording.pk, "Shows the car", by=costa)
    with pytest.raises(Invalid):
        acts.take_out(item.pk, "", by=costa)
    acts.take_out(item.pk, "Another car", by=costa)
    with pytest.raises(WrongState, match="before"):
        acts.take_out(item.pk, "Again", by=costa)
    assert not doors.items(case).exists() and doors.withdrawn_items(case).count() == 1
    acts.take_in(case.pk, recording.pk, by=costa)
    assert Item.objects.filter(case=case).count() == 2
    with pytest.raises(NotFound):
        acts.take_out(doors.items(case).get().pk, "Mine", by=world.actor("li"))


def test_an_incident_is_linked_once_and_withdrawn_once(world: World, case: Case) -> None:
    costa, found = world.actor("costa"), scene()
    with pytest.raises(NotFound):
        acts.link_incident(case.pk, found.pk, by=world.actor("lindqvist"))
    link = acts.link_incident(case.pk, found.pk, by=costa)
    with pytest.raises(WrongState, match="already"):
        acts.link_incident(case.pk, found.pk, by=costa)
    assert doors.cases_of_incident(costa, found) == [case]
    assert doors.cases_of_incident(world.actor("li"), found) == []
    acts.unlink_incident(link.pk, by=costa)
    with pytest.raises(WrongState, match="before"):
        acts.unlink_incident(link.pk, by=costa)
    assert doors.links_of(case) == []


# What follows


def test_an_open_case_keeps_what_it_holds_and_what_its_incidents_have(world: World, case: Case) -> None:
    costa = world.actor("costa")
    held, about, free = due(b"held"), due(b"about"), due(b"free")
    acts.take_in(case.pk, held.pk, by=costa)
    found = scene()
    Recording.objects.get(pk=about.pk)
    from_incident = film(b"of the incident", incident="26-001")
    acts.link_incident(case.pk, found.pk, by=costa)
    kept = set(Recording.objects.filter(doors.kept()).values_list("pk", flat=True))
    assert kept == {held.pk, from_incident.pk}
    made = propose_disposals(by=BY)
    assert made and {each.recording_id for each in made.disposals.all()} == {about.pk, free.pk}
    acts.close_case(case.pk, "Over", by=costa)
    assert not Recording.objects.filter(doors.kept()).exists()


def test_a_case_in_the_grace_takes_it_off_the_list(world: World, case: Case) -> None:
    kept, free = due(b"kept"), due(b"free")
    made = propose_disposals(by=BY)
    assert made
    approve(made, world.actor("weber"), world.actor("hale"))
    acts.take_in(case.pk, kept.pk, by=world.actor("costa"))
    erase(made)
    kept.refresh_from_db()
    assert kept.status == Recording.Status.SEALED
    assert row(made, free).status == "erased"


def test_bytes_that_a_file_names_too_are_let_go_and_not_erased(world: World, case: Case) -> None:
    data = b"a recording and a document"
    recording = due(data)
    file = sealed_file(case, world.actor("lindqvist"), data, "copy.bin", kind="other")
    assert file.file and doors.naming(recording.sha256, recording.pk) == [f"the file {file.file.number}"]
    made = propose_disposals(by=BY)
    assert made
    approve(made, world.actor("weber"), world.actor("hale"))
    erase(made)
    recording.refresh_from_db()
    assert recording.status == Recording.Status.ERASED
    assert acts.take_file(file.pk, by=world.actor("lindqvist")).sha256 == recording.sha256


def test_statute_and_restricted_class_stay_closed(world: World, case: Case) -> None:
    costa, lead = world.actor("costa"), world.actor("lindqvist")
    ordinary, narrow = film(b"1"), film(b"2")
    add_category(narrow.pk, "restricted", by=costa)
    for each in (ordinary, narrow):
        acts.take_in(case.pk, each.pk, by=costa)
    assert opens(lead, ordinary) and not opens(lead, narrow)


def test_who_is_locked_out_sees_neither_footage_nor_case(world: World, case: Case) -> None:
    found, costa = scene(), world.actor("costa")
    recording = film(incident="26-001")
    acts.add_member(case.pk, world.id("whitfield"), "member", by=costa)
    acts.take_in(case.pk, recording.pk, by=costa)
    assert doors.case(world.actor("whitfield"), case.pk) == case
    mark_critical(found.pk, [world.id("whitfield")], by=world.actor("ruiz"))
    with pytest.raises(NotFound):
        doors.case(world.actor("whitfield"), case.pk)
    assert not opens(world.actor("whitfield"), recording)
    assert not doors.list_cases(world.actor("whitfield"), doors.Sought()).exists()
    assert doors.case(world.actor("lindqvist"), case.pk) == case


def test_footage_of_the_scene_that_nobody_linked_hides_its_case_too(world: World, case: Case) -> None:
    """Whitfield's unit was on scene; his film came without a number, so only time says where it belongs."""
    found, costa = scene(), world.actor("costa")
    recording = film()
    acts.add_member(case.pk, world.id("okoye"), "member", by=costa)
    acts.take_in(case.pk, recording.pk, by=costa)
    assert doors.case(world.actor("okoye"), case.pk) == case
    mark_critical(found.pk, [world.id("okoye")], by=world.actor("ruiz"))
    assert not opens(world.actor("okoye"), recording)
    with pytest.raises(NotFound):
        doors.case(world.actor("okoye"), case.pk)
    assert not doors.list_cases(world.actor("okoye"), doors.Sought()).exists()


def test_footage_of_the_scene_that_nobody_linked_is_kept_and_told_of(world: World, case: Case) -> None:
    found, costa = scene(), world.actor("costa")
    recording, elsewhere = film(), film(b"other", started=BEGINS + dt.timedelta(hours=3))
    acts.link_incident(case.pk, found.pk, by=costa)
    assert doors.missing(costa, case).mine == [recording]
    kept = Recording.objects.filter(disposal.is_kept())
    assert list(kept) == [recording]
    acts.close_case(case.pk, "Pleaded", by=costa)
    assert not kept.all().exists() and elsewhere.pk


def test_where_a_recording_is(world: World, case: Case) -> None:
    recording, other = film(), opened(world, lead="haddad")
    for each in (case, other):
        acts.take_in(each.pk, recording.pk, by=world.actor("costa"))
    assert doors.cases_of_recording(world.actor("lindqvist"), recording.pk) == [case]
    assert set(doors.cases_of_recording(world.actor("sato"), recording.pk)) == {case, other}
