"""What the page and the history of a recording tell each role of what stands around it, by the words on the page.

Whoever may find a recording reads its whole custody history: that it was held, granted, under which order, and by whom,
so that it can be compared with the public log. Why is told to those alone who decide on it: reasons are in no entry.
"""

import datetime as dt

import pytest
from django.urls import reverse

from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.evidence.acts.grant import grant_access
from fairwitness.evidence.acts.ingest import begin_ingest
from fairwitness.evidence.acts.order import record_order
from fairwitness.evidence.acts.seal import settle_owner
from fairwitness.evidence.models import Recording
from tests.evidence.holding import held_over
from tests.evidence.made import BY, sealed
from tests.world import World

REASON, REFERENCE = "Trial of the neighbour", "Docket-Quixote"
GRANTED, COURT, DOCKET = "Asked by the board", "Court of Somewhere", "26-CR-Sancho"
# Whose page has which of these words; whose name is not in the first column finds the recording all the same.
READS = {
    REFERENCE: {"ruiz", "costa", "sato", "weber", "hale", "park"},
    DOCKET: {"costa", "sato", "weber", "hale", "park"},
}
FINDERS = ("whitfield", "ruiz", "costa", "sato", "weber", "hale", "park", "novak")


@pytest.fixture
def around(world: World) -> Recording:
    """A recording of Whitfield's with a hold, a grant and an order around it."""
    recording = sealed(b"a recording")
    settle_owner(recording.pk, Member.objects.get(pk=world.id("whitfield")), by=world.actor("costa"))
    held_over(recording.pk, by=world.actor("weber"), reason=REASON, reference=REFERENCE)
    grant_access(
        world.id("ruiz"),
        kind="named",
        because=GRANTED,
        recording_id=recording.pk,
        by=world.actor("park"),
    )
    day = department.today() - dt.timedelta(days=1)
    record_order(
        recording.pk, court=COURT, docket=DOCKET, ordered_on=day, sha256="a" * 64, by=world.actor("weber")
    )
    return recording


@pytest.mark.parametrize("who", FINDERS)
def test_it_works(world: World, around: Recording, who: str) -> None:
    browser = world.sign_in(who)
    page = browser.get(reverse("recording", args=[around.pk])).content.decode()
    table = browser.get(reverse("recording-history", args=[around.pk])).content.decode()
    for event in ("evidence.recording_held", "evidence.access_granted", "evidence.order_recorded"):
        assert event in table, "that it was done is part of the history"
    for text in (page, table):
        assert REASON not in text and GRANTED not in text, "why is on pages of their own"
    assert REFERENCE not in table and DOCKET not in table, "the ledger has digests of what people write"
    assert {words for words in READS if words in page} == {words for words in READS if who in READS[words]}


@pytest.mark.parametrize(("who", "reads"), [("costa", True), ("sato", True), ("novak", False)])
def test_where_a_delivery_came_from(world: World, who: str, reads: bool) -> None:
    begin_ingest("/deliveries/the neighbour of the chief", by=BY)
    page = world.sign_in(who).get(reverse("deliveries")).content.decode()
    assert ("the neighbour of the chief" in page) is reads and "Begun" in page
