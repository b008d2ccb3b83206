"""Notices: who is given or loses a camera or a role is told, and who oversees sees every role that opens evidence."""

import pytest
from django.urls import reverse

from fairwitness.department import acts
from fairwitness.evidence import doors as evidence
from fairwitness.kernel import actors
from fairwitness.kernel.models import Notice
from fairwitness.kernel.roles import OPENS_EVIDENCE, Reach, Role
from tests.world import World

CHEN = "chen"


def told(world: World) -> dict[str, list[str]]:
    """What each of the cast was told, in order."""
    keys = {pk: key for key in world.members for pk in [world.id(key)]}
    said: dict[str, list[str]] = {}
    for notice in Notice.objects.order_by("pk"):
        said.setdefault(keys[notice.member], []).append(notice.sentence)
    return said


def test_a_grant_that_opens_evidence_goes_to_who_oversees(world: World) -> None:
    acts.grant_role(member_id=world.id("weber"), role=Role.BWC_UNIT, by=world.actor(CHEN))
    seen = ["Jonas Weber was granted the role BWC Unit, which opens recordings."]
    assert told(world) == {"weber": ["You were granted the role BWC Unit."], "park": seen, "sato": seen}


def test_a_grant_that_opens_nothing_goes_to_the_member_alone(world: World) -> None:
    acts.grant_role(member_id=world.id("li"), role=Role.RECORDS_OFFICER, by=world.actor(CHEN))
    assert told(world) == {"li": ["You were granted the role Records officer."]}


def test_an_end_is_told_likewise(world: World) -> None:
    acts.end_role(member_id=world.id("sato"), role=Role.INTERNAL_AUDITOR, by=world.actor(CHEN))
    assert told(world) == {
        "sato": ["Your role Internal auditor was ended."],
        "park": ["The role Internal auditor of Ken Sato, which opens recordings, was ended."],
    }


def test_a_camera_assigned_and_taken_back(world: World) -> None:
    camera = world.cameras["AX-0101"].pk
    acts.return_camera(camera_id=camera, by=world.actor("costa"))
    acts.assign_camera(camera_id=camera, member_id=world.id("okoye"), by=world.actor("costa"))
    assert told(world) == {
        "whitfield": ["The camera AX-0101 was taken back from you."],
        "okoye": ["The camera AX-0101 is assigned to you."],
    }


def test_the_bell_counts_it_and_the_page_leads_there(world: World) -> None:
    acts.grant_role(member_id=world.id("weber"), role=Role.BWC_UNIT, by=world.actor(CHEN))
    browser = world.sign_in("park")
    assert "1 unread notice" in browser.get(reverse("home")).content.decode()
    page = browser.get(reverse("notices")).content.decode()
    assert "Jonas Weber was granted the role BWC Unit" in page
    assert f'href="{reverse("member", args=[world.id("weber")])}"' in page
    assert browser.get(reverse("member", args=[world.id("weber")])).status_code == 200


def test_nobody_is_told_what_they_did_themselves(world: World) -> None:
    both = actors.member(world.id("park"), frozenset({Role.ACCOUNT_ADMINISTRATOR}))
    acts.grant_role(member_id=world.id("weber"), role=Role.BWC_UNIT, by=both)
    assert set(told(world)) == {"weber", "sato"}


def test_what_was_refused_is_not_told(world: World) -> None:
    with pytest.raises(Exception, match="already"):
        acts.grant_role(member_id=world.id("li"), role=Role.OFFICER, by=world.actor(CHEN))
    assert not Notice.objects.exists()


def test_the_roles_that_open_evidence_are_those_that_evidence_opens_for() -> None:
    assert {role for role, how in evidence.REACH["open"].items() if how > Reach.NONE} == OPENS_EVIDENCE
