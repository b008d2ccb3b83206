"""The act bring_into_force, and what was in force at which minute."""

import datetime as dt

import pytest

from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import WrongState
from fairwitness.policy import acts, doors
from fairwitness.policy.models import Document
from tests.department.ledger import latest, sentence
from tests.policy.made import approved, bring, changed, in_force, keeping, proposed, read_again, rule, soon
from tests.world import World

MICRO = dt.timedelta(microseconds=1)


def test_it_works(world: World) -> None:
    version = approved(world)
    acts.bring_into_force(version_id=version.pk, by=world.actor("park"))
    kept = read_again(version)
    assert (kept.status, doors.in_force(kept.document)) == ("in_force", kept)
    event, subjects, facts = latest()
    assert (event, facts["number"], facts["n"]) == ("policy.version_in_force", "T-1", 1)
    assert "superseded_id" not in facts
    assert ("policy.version", version.pk) in subjects
    assert sentence() == "Chief Elena Park brought version 1 of T-1 into force"
    public = Entry.objects.order_by("-id")[0].public
    assert public == {"number": "T-1", "n": 1, "sha256": f"sha256:{kept.digest}"}


def test_the_one_before_is_superseded_at_that_moment(world: World) -> None:
    old = in_force(world)
    new = changed(world, old, rule(text="Always."))
    old = read_again(old)
    assert (old.status, old.superseded_at) == ("superseded", read_again(new).in_force_at)
    assert latest()[2]["superseded_id"] == str(old.pk)
    assert ("policy.version", old.pk) in latest()[1]


def test_what_is_not_approved(world: World) -> None:
    with pytest.raises(WrongState, match="not approved"):
        acts.bring_into_force(version_id=proposed(world).pk, by=world.actor("park"))


def test_a_day_that_has_not_come(world: World) -> None:
    version = approved(world, at=soon())
    with pytest.raises(WrongState, match="Its day has not come"):
        acts.bring_into_force(version_id=version.pk, by=world.actor("park"))
    with clock.frozen(soon(2)):
        assert acts.bring_into_force(version_id=version.pk, by=world.actor("park")).status == "in_force"


def test_without_the_clearance_that_changed_retention_wants(world: World) -> None:
    version = approved(world, keeping())
    with pytest.raises(WrongState, match="what it would make due was shown, and approved by a second person"):
        acts.bring_into_force(version_id=version.pk, by=world.actor("park"))
    assert bring(world, read_again(version)).status == "in_force"


def test_which_version_at_which_minute(world: World) -> None:
    old = in_force(world)
    new = read_again(changed(world, old, rule(text="Always.")))
    begun, turned, document = read_again(old).in_force_at, new.in_force_at, new.document
    assert begun and turned
    held = [
        doors.in_force(document, at) for at in (begun - MICRO, begun, turned - MICRO, turned, turned + MICRO)
    ]
    assert held == [None, old, old, new, new]
    texts = {
        at: [c.rule.text for c in doors.rules_at("value", at) if c.number == "T-1"] for at in (begun, turned)
    }
    assert texts == {begun: ["When it rains an umbrella is carried."], turned: ["Always."]}


def test_a_version_on_its_way_was_never_in_force(world: World) -> None:
    version = approved(world, at=soon())
    assert doors.in_force(version.document, soon(2)) is None


def test_what_the_profile_brought_first_was_always_in_force(world: World) -> None:
    document = Document.objects.order_by("number")[0]
    assert doors.in_force(document, dt.datetime(1990, 1, 1, tzinfo=dt.UTC))


@pytest.mark.parametrize(("day", "ambiguous"), [(dt.date(2031, 3, 9), False), (dt.date(2031, 11, 2), True)])
def test_days_on_which_the_clock_changes(world: World, day: dt.date, ambiguous: bool) -> None:
    """The moment counts, not how a clock on the wall shows it: of the hour that comes twice the right one."""
    begin = dt.datetime.combine(day, dt.time(), tzinfo=agency().tz)
    version = approved(world, at=begin)
    assert read_again(version).in_force_at == begin
    with clock.frozen(begin - MICRO), pytest.raises(WrongState, match="day has not come"):
        acts.bring_into_force(version_id=version.pk, by=world.actor("park"))
    first = dt.datetime.combine(day, dt.time(1, 30), tzinfo=agency().tz)
    second = first.replace(fold=1)
    with clock.frozen(first.astimezone(dt.UTC)):
        acts.bring_into_force(version_id=version.pk, by=world.actor("park"))
    new = acts.begin_version(number="T-1", by=world.actor("costa"))
    new = acts.change_rule(version_id=new.pk, rule=rule(text="Always."), was="t.one", by=world.actor("costa"))
    acts.propose_version(version_id=new.pk, because="Rain.", by=world.actor("nair"))
    later = (second if ambiguous else first + dt.timedelta(hours=2)).astimezone(dt.UTC)
    with clock.frozen(later):
        acts.approve_version(version_id=new.pk, digest=new.digest, by=world.actor("hale"))
        acts.bring_into_force(version_id=new.pk, by=world.actor("park"))
    found = [doors.in_force(version.document, at.astimezone(dt.UTC)) for at in (first, later - MICRO, later)]
    assert found == [version, version, new]
