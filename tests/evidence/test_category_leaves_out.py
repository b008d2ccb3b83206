"""A version that leaves out a category which recordings still carry: refused by name wherever it would go on."""

import uuid

import pytest
from django.urls import reverse

from fairwitness.evidence.acts.category import add_category, withdraw_category
from fairwitness.kernel import clock
from fairwitness.kernel.models import Entry, EntryPrivate, Notice
from fairwitness.kernel.refusals import Forbidden, WrongState
from fairwitness.policy import acts as policy
from fairwitness.policy import doors, jobs
from fairwitness.policy.models import Version
from tests.evidence.made import sealed
from tests.policy.made import APPROVER, AUTHOR, PROPOSER, approve, propose, soon
from tests.world import CAST, World

CODE = "traffic-stop"


def without(world: World, code: str = CODE) -> Version:
    """A draft of the document that has the category, without it and without its retention."""
    holder = doors.categories_at()[code]
    by = world.actor("costa")
    version = policy.begin_version(number=holder.number, by=by)
    for rule in doors.rules_of(version):
        if code in (getattr(rule.parameters, "code", None), getattr(rule.parameters, "category", None)):
            version = policy.remove_rule(version_id=version.pk, rule_id=rule.id, by=by)
    return version


def test_it_is_refused_when_it_is_proposed_and_said_how_many_carry_it(world: World) -> None:
    for n in range(2):
        add_category(sealed(bytes([n])).pk, CODE, by=world.actor("costa"))
    version = without(world)
    with pytest.raises(WrongState, match=r"traffic-stop \(2\)"):
        propose(world, version)
    assert Version.objects.get(pk=version.pk).status == "draft"


def test_one_that_is_withdrawn_does_not_count(world: World) -> None:
    carried = add_category(sealed().pk, CODE, by=world.actor("costa"))
    withdraw_category(carried.pk, by=world.actor("costa"))
    assert propose(world, without(world)).status == "proposed"


def test_what_is_categorised_meanwhile_stops_it_at_every_step(world: World) -> None:
    version = propose(world, without(world))
    carried = add_category(sealed().pk, CODE, by=world.actor("costa"))
    with pytest.raises(WrongState, match=r"traffic-stop \(1\)"):
        approve(world, version)
    withdraw_category(carried.pk, by=world.actor("costa"))
    version = approve(world, version)
    for what in doors.clearances_missing(version):
        policy.give_clearance(version_id=version.pk, what=what, by=world.actor("hale"))
    add_category(sealed(b"another").pk, CODE, by=world.actor("costa"))
    with pytest.raises(WrongState, match=r"traffic-stop \(1\)"):
        policy.bring_into_force(version_id=version.pk, by=world.actor("park"))
    assert CODE in doors.categories_at()


def test_having_no_category_is_one_too(world: World) -> None:
    sealed()
    with pytest.raises(WrongState, match="uncategorised"):
        propose(world, without(world, "uncategorised"))


def held_up(world: World) -> Version:
    """One that is approved, cleared and due, and leaves out what a recording has come to carry since."""
    version = approve(world, propose(world, without(world)))
    for what in doors.clearances_missing(version):
        policy.give_clearance(version_id=version.pk, what=what, by=world.actor("hale"))
    add_category(sealed(b"since").pk, CODE, by=world.actor("costa"))
    return version


def told(version: Version, sentence: str = "waits, although its day has come") -> list[uuid.UUID]:
    """Who was told that it waits."""
    link = reverse("version", args=[version.document.number, version.n])
    rows = Notice.objects.filter(link=link, sentence__contains=sentence)
    return sorted(rows.values_list("member", flat=True))


def test_who_wrote_proposed_and_approved_it_are_told_once_that_it_waits(world: World) -> None:
    version = held_up(world)
    for _round in range(2):
        jobs.bring_due(0)
    version.refresh_from_db()
    assert version.status == "approved"
    assert told(version, "traffic-stop (1)") == sorted(
        {world.id(key) for key in (AUTHOR, PROPOSER, APPROVER)}
    )
    (entry,) = Entry.objects.filter(event="policy.version_held_up")
    facts = EntryPrivate.objects.get(entry_id=entry.pk).facts
    assert (facts["codes"], facts["count"]) == (CODE, 1)
    with pytest.raises(WrongState, match="told before"):
        policy.note_held_up(version_id=version.pk, by=world.actor("park"))


@pytest.mark.parametrize("key", [part.key for part in CAST])
def test_its_page_says_so_to_those_who_write_or_decide(world: World, key: str) -> None:
    version = held_up(world)
    writes = doors.may(world.actor(key), "draft_version")
    page = world.sign_in(key).get(reverse("version", args=[version.document.number, version.n]))
    assert page.status_code == 200 and ("traffic-stop (1)" in page.content.decode()) is writes


def test_what_only_waits_for_its_day_or_its_clearance_is_not_told(world: World) -> None:
    version = approve(world, propose(world, without(world)), soon())
    add_category(sealed().pk, CODE, by=world.actor("costa"))
    jobs.bring_due(0)
    assert told(version) == []
    with clock.frozen(soon(2)):
        jobs.bring_due(0)
        assert len(told(version)) == 3
    with pytest.raises(Forbidden):
        policy.note_held_up(version_id=version.pk, by=world.actor("chen"))
