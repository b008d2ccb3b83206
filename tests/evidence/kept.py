"""What tests of keeping need made: recordings that came in promptly, their days, versions that change a length."""

import datetime as dt
from typing import Any

from fairwitness.evidence import jobs
from fairwitness.evidence.models import Recording, Retention
from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.policy import acts as policy
from fairwitness.policy.models import Document, Version
from tests.evidence.made import sealed
from tests.world import World

_made = iter(range(10**9))


def prompt(label: str = "", **more: Any) -> Recording:
    """A recording that ended half an hour before it was sealed: nothing about its clock is in doubt."""
    ended = clock.now() - dt.timedelta(minutes=30)
    said = {
        "started": ended - dt.timedelta(minutes=10),
        "ended": ended,
        "device": "AX-0101",
        "label": label,
        **more,
    }
    return sealed(b"prompt %d" % next(_made), **said)


def decided(*, anew: bool = False) -> None:
    """Let the jobs decide: about what came in, or about everything anew."""
    (jobs.retain_all if anew else jobs.retain)(0)


def row(recording: Recording) -> Retention:
    """How long a recording is kept."""
    return Retention.objects.get(recording=recording)


def days(count: int) -> dt.date:
    """The day so many days after today, where the agency is."""
    return clock.now().astimezone(agency().tz).date() + dt.timedelta(days=count)


def version_with(
    world: World, keep: str, category: str = "uncategorised", at_most: str | None = None
) -> Version:
    """A draft of the document of evidence in which a category is kept for another length."""
    document = next(
        version.document
        for version in Version.objects.filter(status="in_force")
        if any(r["kind"] == "retention" for r in version.content["rules"])
    )
    version = policy.begin_version(number=document.number, by=world.actor("costa"))
    rule = next(
        each
        for each in version.content["rules"]
        if each["kind"] == "retention" and each["parameters"]["category"] == category
    )
    parameters = {"category": category, "keep": keep, **({"at_most": at_most} if at_most else {})}
    said = {**rule, "parameters": parameters}
    return policy.change_rule(version_id=version.pk, rule=said, was=rule["id"], by=world.actor("costa"))


def document() -> Document:
    """The document that says how long recordings are kept."""
    return next(
        v.document
        for v in Version.objects.filter(status="in_force").select_related("document")
        if any(r["kind"] == "retention" for r in v.content["rules"])
    )


def approved(world: World, version: Version) -> Version:
    """The same, proposed and approved by others."""
    policy.propose_version(
        version_id=version.pk, because="The council asked for it.", by=world.actor("costa")
    )
    version.refresh_from_db()
    return policy.approve_version(version_id=version.pk, digest=version.digest, by=world.actor("park"))
