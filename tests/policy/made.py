"""Versions in every state, made by the real acts; and rules to put into them."""

import datetime as dt
from typing import Any

from fairwitness.kernel import clock
from fairwitness.policy import acts, doors
from fairwitness.policy.models import Version
from tests.world import World

# Who writes, who proposes, who decides.
AUTHOR, PROPOSER, APPROVER, CHIEF = "costa", "nair", "hale", "park"
PARTICULARS: dict[str, Any] = {
    "title": "Carrying of umbrellas",
    "kind": "policy",
    "summary": "Who carries an umbrella.",
    "source": "default, unverified: made up",
}
NUMBER = "T-1"


def rule(key: str = "t.one", **said: Any) -> dict[str, Any]:
    """A rule that nothing reads, with what is to differ."""
    plain: dict[str, Any] = {
        "id": key,
        "kind": "value",
        "title": "Umbrellas are carried",
        "text": "When it rains an umbrella is carried.",
        "source": "default, unverified: made up",
        "basis": "default",
        "parameters": {},
    }
    return {**plain, **said}


def keeping(category: str = "umbrellas", keep: str = "180 days", **said: Any) -> dict[str, Any]:
    """A rule on how long something is kept."""
    return rule("t.keep", kind="retention", parameters={"category": category, "keep": keep}, **said)


def draft(world: World, *rules: dict[str, Any], number: str = NUMBER) -> Version:
    """A draft of a document that is new."""
    by = world.actor(AUTHOR)
    version = acts.add_document(number=number, particulars=PARTICULARS, by=by)
    for each in rules or (rule(),):
        version = acts.change_rule(version_id=version.pk, rule=each, by=by)
    return version


def proposed(world: World, *rules: dict[str, Any], number: str = NUMBER) -> Version:
    """One that is proposed."""
    return propose(world, draft(world, *rules, number=number))


def propose(world: World, version: Version) -> Version:
    """Propose a draft."""
    return acts.propose_version(version_id=version.pk, because="It rained.", by=world.actor(PROPOSER))


def approved(
    world: World, *rules: dict[str, Any], number: str = NUMBER, at: dt.datetime | None = None
) -> Version:
    """One that is approved, for a moment."""
    return approve(world, proposed(world, *rules, number=number), at)


def approve(world: World, version: Version, at: dt.datetime | None = None) -> Version:
    """Approve what was proposed."""
    return acts.approve_version(
        version_id=version.pk, digest=version.digest, in_force_at=at, by=world.actor(APPROVER)
    )


def in_force(world: World, *rules: dict[str, Any], number: str = NUMBER) -> Version:
    """One that is in force."""
    return bring(world, approved(world, *rules, number=number))


def bring(world: World, version: Version) -> Version:
    """Bring into force what was approved, cleared where that is wanted."""
    for what in doors.clearances_missing(version):
        acts.give_clearance(version_id=version.pk, what=what, by=world.actor(CHIEF))
    return acts.bring_into_force(version_id=version.pk, by=world.actor(CHIEF))


def changed(world: World, version: Version, *rules: dict[str, Any]) -> Version:
    """The next version of a document, with other rules, in force."""
    by = world.actor(AUTHOR)
    new = acts.begin_version(number=version.document.number, by=by)
    had = {each.id for each in doors.rules_of(new)}
    for each in rules:
        acts.change_rule(version_id=new.pk, rule=each, was=each["id"] if each["id"] in had else "", by=by)
    new.refresh_from_db()
    return bring(world, approve(world, propose(world, new)))


def in_state(world: World, status: str) -> Version:
    """A version in any state."""
    if status == Version.Status.WITHDRAWN:
        return acts.withdraw_version(version_id=draft(world).pk, by=world.actor(AUTHOR))
    if status == Version.Status.SUPERSEDED:
        old = in_force(world)
        changed(world, old, rule(text="An umbrella is carried whatever the weather."))
        old.refresh_from_db()
        return old
    made = {
        Version.Status.DRAFT: draft,
        Version.Status.PROPOSED: proposed,
        Version.Status.APPROVED: approved,
        Version.Status.IN_FORCE: in_force,
    }
    return made[Version.Status(status)](world)


def soon(hours: int = 1) -> dt.datetime:
    """A moment to come."""
    return clock.now() + dt.timedelta(hours=hours)


def read_again(version: Version) -> Version:
    """The version as the database has it."""
    return Version.objects.select_related("document").get(pk=version.pk)
