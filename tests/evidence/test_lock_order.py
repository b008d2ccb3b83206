"""Acts that lock several recordings lock them in one run, in the order of their keys: nobody waits in a circle."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import transaction

from fairwitness.evidence import doors
from fairwitness.evidence.acts.hold import place_hold
from fairwitness.evidence.acts.incident import link_suggested
from fairwitness.evidence.doors import holds
from fairwitness.evidence.models import Recording
from tests.evidence.disposals import dated
from tests.evidence.holding import film, scene
from tests.evidence.made import sealed
from tests.evidence.test_retain_race import Beside
from tests.incidents.made import dispatch, incident
from tests.locks import until_one_waits
from tests.world import World

ROW = "26-001,3/4/2026,13:05,Noise,12 Main St,4A12,13:06,,13:12,13:40,"
LOCK = "SELECT 1 FROM {} WHERE {} = %s FOR NO KEY UPDATE"
RECORDING = LOCK.format("evidence_recording", "id")


@contextmanager
def waiting_for(address: str, first: Recording, do: Callable[[], object]) -> Iterator[psycopg.Connection]:
    """Somebody else, who has locked `first`, once `do` waits for it; when they let go, it has to come to its end."""
    with psycopg.connect(address) as other:
        other.execute("SET lock_timeout = '5s'")
        other.execute(RECORDING, [first.pk])
        beside = Beside(do)
        until_one_waits(address, beside.failed)
        yield other
    beside.done()


@pytest.fixture
def two(own_world: World) -> tuple[Recording, Recording]:
    """A recording of an incident, and one made after it, of another wearer."""
    dispatch(ROW)
    return sealed(b"first", incident="26-001"), sealed(b"second")


def test_a_hold_over_what_was_chosen_and_an_incident(
    own_world: World, own_database: str, two: tuple[Recording, Recording]
) -> None:
    brought, chosen = two
    by, found = own_world.actor("weber"), incident().pk
    with waiting_for(
        own_database,
        brought,
        lambda: place_hold(kind="court", reason="x", recordings=[chosen.pk], incident_id=found, by=by),
    ) as other:
        # Had the hold taken the later one first, both would wait for ever.
        other.execute(RECORDING, [chosen.pk])
    assert set(holds.holds_over([brought.pk, chosen.pk])) == {brought.pk, chosen.pk}


def test_suggestions_that_are_accepted_together(own_world: World, own_database: str) -> None:
    """Beside somebody who categorises the second: they hold the recording, and want its siblings' days."""
    scene(ROW)
    first, second = film(b"first"), film(b"second")
    for each in (first, second):
        dated(each, days=30)
    by, found = own_world.actor("costa"), incident().pk
    with waiting_for(
        own_database,
        second,
        lambda: link_suggested([(first.pk, found), (second.pk, found)], by=by),
    ) as other:
        other.execute(LOCK.format("evidence_retention", "recording_id"), [first.pk])
    assert first.incident_links.count() == second.incident_links.count() == 1


def test_a_row_that_names_a_locked_recording_waits_for_nobody(
    own_world: World, own_database: str, two: tuple[Recording, Recording]
) -> None:
    _first, other = two
    with transaction.atomic():
        list(doors.locked(Recording.objects.filter(pk=other.pk)))
        with psycopg.connect(own_database) as beside:
            beside.execute("SELECT 1 FROM evidence_recording WHERE id = %s FOR KEY SHARE NOWAIT", [other.pk])
            with pytest.raises(psycopg.errors.LockNotAvailable):
                beside.execute(RECORDING + " NOWAIT", [other.pk])
