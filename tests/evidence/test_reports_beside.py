"""Reports stand beside the footage: by incident, by officer and time; for who sees the register, or wrote them."""

from typing import Any

import pytest
from django.urls import reverse

from fairwitness.evidence.acts.incident import link_incident, unlink_incident
from fairwitness.evidence.doors.reports import reports_beside
from fairwitness.evidence.models import Recording
from fairwitness.incidents.acts import file_report, withdraw_report
from fairwitness.incidents.models import Incident
from fairwitness.kernel import clock
from tests.evidence.conftest import home
from tests.evidence.holding import film, scene
from tests.evidence.made import readable
from tests.world import CAST, World

__all__ = ["home"]
pytestmark = pytest.mark.django_db
SEES = {"costa", "nair", "sato", "hale", "park", "weber", "okafor", "ruiz", "brandt"}


@pytest.fixture
def found(world: World) -> Incident:
    return scene()


@pytest.fixture
def recording(world: World, found: Incident) -> Recording:
    """Whitfield's, made while the unit was there, and linked to the incident by nobody yet."""
    return readable(film())


def filed(
    world: World, found: Incident, number: str, author: str = "whitfield", kind: str = "incident"
) -> Any:
    return file_report(
        found.pk,
        kind=kind,
        number=number,
        sha256="0" * 64,
        filed_at=clock.now(),
        author_id=world.id(author),
        by=world.actor("costa"),
    )


def beside(world: World, recording: Recording, key: str = "costa") -> list[tuple[str, bool, bool]]:
    """Number, whether its author wore the camera, whether only officer and time suggest it."""
    rows = reports_beside(world.actor(key), [recording])
    return [(each.report.number, bool(each.worn), each.suggested) for each in rows]


def test_by_incident(world: World, found: Incident, recording: Recording) -> None:
    link_incident(recording.pk, found.pk, by=world.actor("costa"))
    filed(world, found, "STOP-1")
    filed(world, found, "STOP-2", "okoye")
    gone = filed(world, found, "STOP-3")
    withdraw_report(gone.pk, by=world.actor("costa"))
    assert beside(world, recording) == [("STOP-1", True, False), ("STOP-2", False, False)]
    page = world.sign_in("costa").get(reverse("recording", args=[recording.pk])).content.decode()
    assert "STOP-1" in page and "who wore this camera" in page and "STOP-3" not in page
    page = world.sign_in("costa").get(reverse("incident-cameras", args=[found.pk])).content.decode()
    assert f"who wore the camera of {recording.number}" in page or "who wore this camera" in page


def test_by_officer_and_time_where_nothing_is_linked_yet(
    world: World, found: Incident, recording: Recording
) -> None:
    filed(world, found, "STOP-1")
    assert beside(world, recording) == [("STOP-1", True, True)]
    page = world.sign_in("costa").get(reverse("recording", args=[recording.pk])).content.decode()
    assert "by officer and time: not linked yet" in page
    link = link_incident(recording.pk, found.pk, by=world.actor("costa"))
    assert beside(world, recording) == [("STOP-1", True, False)]
    unlink_incident(link.pk, by=world.actor("costa"))


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_for_whom(world: World, found: Incident, recording: Recording, part: Any) -> None:
    """An officer sees what they filed themselves; a complaint is for who sees the register."""
    link_incident(recording.pk, found.pk, by=world.actor("costa"))
    filed(world, found, "STOP-1", "whitfield")
    filed(world, found, "GRUMBLE-1", "whitfield", kind="complaint")
    seen = {number for number, _worn, _suggested in beside(world, recording, part.key)}
    if part.key in SEES:
        assert seen == {"STOP-1", "GRUMBLE-1"}
    else:
        assert seen == ({"STOP-1"} if part.key == "whitfield" else set())
