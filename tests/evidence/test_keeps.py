"""What another room keeps: not proposed, taken off lists, no finding; and the certificate says that it was asked."""

import pytest
from django.db.models import Q

from fairwitness.evidence import jobs
from fairwitness.evidence.acts import disposal as acts
from fairwitness.evidence.doors import disposal as doors
from fairwitness.evidence.doors.measures import past_maximum
from fairwitness.evidence.models import Disposal, Recording
from tests.evidence.disposals import approve, due, erase, row
from tests.evidence.made import BY
from tests.evidence.test_past_maximum import bounded
from tests.world import World

pytestmark = pytest.mark.django_db
Status = Disposal.Status


class Cases:
    """A room that keeps recordings, as the room of cases does."""

    def __init__(self) -> None:
        self.kept: set[object] = set()

    def __call__(self) -> Q:
        return Q(pk__in=self.kept)


@pytest.fixture
def cases(monkeypatch: pytest.MonkeyPatch) -> Cases:
    made = Cases()
    monkeypatch.setitem(doors.KEEPS, "cases", made)
    return made


def checks(recording: Recording) -> dict[str, str]:
    """What the certificate says was asked."""
    found = Disposal.objects.get(recording=recording, status=Status.ERASED)
    assert found.certificate
    return {each["check"]: each["result"] for each in found.certificate["checks"]}


def test_what_a_case_keeps_is_not_proposed(world: World, cases: Cases) -> None:
    kept, free = due(b"kept"), due(b"free")
    cases.kept.add(kept.pk)
    made = acts.propose_disposals(by=BY)
    assert made and [each.recording_id for each in made.disposals.all()] == [free.pk]
    approve(made, world.actor("weber"), world.actor("hale"))
    erase(made)
    assert checks(free)["cases"] == "none" and checks(free)["requests"] == "none"


def test_a_case_that_comes_in_the_grace_takes_it_off(world: World, cases: Cases) -> None:
    kept, free = due(b"kept"), due(b"free")
    made = acts.propose_disposals(by=BY)
    assert made
    approve(made, world.actor("weber"), world.actor("hale"))
    jobs.begin_grace(str(made.pk))
    cases.kept.add(kept.pk)
    erase(made)
    assert (row(made, kept).status, row(made, free).status) == (Status.TAKEN_BACK, Status.ERASED)
    kept.refresh_from_db()
    assert kept.status == Recording.Status.SEALED


def test_where_nobody_answers_the_certificate_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(doors.KEEPS, "cases", None)
    recording = due()
    made = acts.propose_disposals(by=BY)
    assert made
    approve(made, world.actor("weber"), world.actor("hale"))
    erase(made)
    said = checks(recording)
    assert (said["cases"], said["requests"]) == ("not kept in this system", "none")


def test_what_a_case_keeps_is_not_past_its_maximum(world: World, cases: Cases) -> None:
    recording = bounded(ago=9)
    assert past_maximum().count() == 1
    cases.kept.add(recording.pk)
    assert not past_maximum().exists()
