"""Asking after one's own request: by its reference alone, and the same answer whatever there is and was decided."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fairwitness.evidence import jobs
from fairwitness.evidence.acts import preservation as acts
from fairwitness.evidence.doors import preservation
from fairwitness.evidence.models import PreservationRequest
from fairwitness.kernel import clock
from fairwitness.kernel.refusals import NotFound
from tests.evidence.holding import asked, film, scene
from tests.evidence.test_hold_pages import _bare
from tests.incidents.made import local
from tests.world import World

PAGE = "/preserve/follow/"


@pytest.fixture(autouse=True)
def fresh() -> None:
    """No look-up of another test counts."""
    cache.clear()


def look_up(reference: str) -> Any:
    """What a browser of its own is answered."""
    return Client().post(PAGE, {"reference": reference})


def test_it_works(world: World, client: Client) -> None:
    sent = client.post(reverse("preserve-incident"), {"step": "send", "incident_number": "26-001"})
    request = PreservationRequest.objects.get()
    reference = preservation.reference(request)
    assert reference in client.get(sent["Location"]).content.decode()
    assert reverse("preserve-follow") in client.get(reverse("preserve")).content.decode()
    answer = look_up(reference)
    page = answer.content.decode()
    assert answer.status_code == 200 and "Received on" in page and "kept for 90 days" in page
    # In the page alone: in no address, and not for the next who presses Back.
    assert reference not in page and "no-store" in answer["Cache-Control"]


def test_small_letters_and_missing_strokes_are_read(world: World) -> None:
    request = asked()
    reference = preservation.reference(request)
    for typed in (reference.lower(), reference.replace("-", ""), f" {reference.replace('-', ' ')} "):
        assert preservation.by_reference(typed).pk == request.pk


def test_the_same_answer_whatever_there_is_and_was_decided(world: World) -> None:
    """To the byte: matched and confirmed and longer, matched and lifted, nothing matched, not looked for yet."""
    with clock.frozen(local("2026-03-05T12:00")):
        scene()
        film()
        # No two senders the same, so that none waits.
        kept, lifted, nothing, closed, waiting = [
            asked(incident_number=number, sender=f"{n:064}")
            for n, number in enumerate(("26-001", "26-001", "99-999", "99-998", "26-001"))
        ]
        for request in (kept, lifted, nothing, closed):
            jobs.match_preservation(str(request.pk))
        kept.refresh_from_db()
        assert kept.hold and kept.hold.until and not PreservationRequest.objects.get(pk=nothing.pk).hold
        weber = world.actor("weber")
        later = kept.hold.until.replace(year=2030)
        acts.confirm_preservation(kept.pk, "A claim is likely", until=later, by=weber)
        acts.lift_preservation(lifted.pk, "Not needed", by=weber)
        acts.lift_preservation(closed.pk, "There is none", by=weber)
        answers, counts = [], []
        for request in (kept, lifted, nothing, closed, waiting):
            with CaptureQueriesContext(connection) as asked_for:
                answer = look_up(preservation.reference(request))
            answers.append((answer.status_code, sorted(answer.headers), _bare(answer, {})))
            counts.append([query["sql"].partition("WHERE")[0] for query in asked_for])
    assert answers.count(answers[0]) == len(answers)
    assert counts.count(counts[0]) == len(counts), "nor is anything else looked at"
    assert not any("hold" in sql for sql in counts[0])
    assert not any(word in answers[0][2] for word in ("onfirmed", "ifted", "claim", "26-001"))


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "PR",
        "PR-2026-000777",
        "PR-2026-999999-AAAA-AAAA-AAAA",
        "x" * 80,
        "PR-２０２６-1",
        "' OR 1=1",
        "\ud83d",
    ],
)
def test_what_is_no_reference(world: World, wrong: str) -> None:
    request = asked()
    if wrong:
        with pytest.raises(NotFound):
            preservation.by_reference(wrong)
    answer = Client().post(PAGE, {"reference": wrong.encode("utf-8", "replace").decode()})
    assert answer.status_code == 422
    assert request.number not in answer.content.decode()


def test_a_wrong_letter_and_a_wrong_number_are_answered_alike(world: World) -> None:
    right = preservation.reference(asked())
    letter = right[:-1] + ("A" if right[-1] != "A" else "B")
    number = right.replace("-000001-", "-000777-")
    assert number != right
    answers = [look_up(each) for each in (letter, number)]
    assert [answer.status_code for answer in answers] == [422, 422]
    bare = [_bare(a, {"place": typed}) for a, typed in zip(answers, (letter, number), strict=True)]
    assert bare[0] == bare[1]


def test_who_tries_many_has_to_wait(world: World) -> None:
    reference = preservation.reference(asked())
    assert {look_up("PR-2026-000001-AAAA-AAAA-AAAA").status_code for _each in range(20)} == {422}
    answer = look_up(reference)
    assert answer.status_code == 429 and answer["Retry-After"] == "900"
