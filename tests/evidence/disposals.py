"""What tests of disposal need made: a recording whose day has come, a list, approvals, the erasing."""

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.evidence import jobs
from fairwitness.evidence.acts import disposal as acts
from fairwitness.evidence.acts.probe import keep_derivative
from fairwitness.evidence.doors import disposal as doors
from fairwitness.evidence.models import Disposal, DisposalList, Recording, Retention, Settlement
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.events import event
from fairwitness.policy import doors as policy
from fairwitness.site import naming
from tests.evidence.made import BY, sealed, stored
from tests.world import World

assert naming  # who names bytes is asked of every room
KEPT = event("test.retention_kept", "{actor} dated a recording")
WHY = "A test has its reasons."
# Whatever is not kept for ever is over by then.
LONG_AGO = dt.datetime(1926, 1, 1, tzinfo=dt.UTC)


def dated(recording: Recording, days: int = -1, category: str = "uncategorised", **more: Any) -> Recording:
    """The recording with its date: so many days from today. Cites the rule that is in force."""
    cited = policy.retention_in(_versions())[category]
    values = {
        "state": Retention.State.DATED,
        "due_on": department.today() + dt.timedelta(days=days),
        "category": category,
        "rule": cited.rule.id,
        "version_id": cited.version_id,
        "decided_at": clock.now(),
        **more,
    }
    with change(KEPT, by=BY) as entry:
        if days < 0 and not recording.settlements.filter(withdrawn_at=None).exists():
            # The rules have to say so too: two people settled that it was made long ago.
            one, other = Member.objects.order_by("badge")[:2]
            Settlement(
                recording=recording,
                ended=LONG_AGO,
                because=WHY,
                proposed_by=one,
                proposed_at=clock.now(),
                confirmed_by=other,
                confirmed_at=clock.now(),
            ).save()
        Retention.objects.update_or_create(recording=recording, defaults=values)
        entry.about(recording)
    return recording


def _versions() -> list[Any]:
    return [
        version for document in policy.documents() for version in document.versions.filter(status="in_force")
    ]


def due(data: bytes = b"a recording", **words: Any) -> Recording:
    """A sealed recording whose day has come."""
    return dated(sealed(data, **words))


def proposed(*data: bytes) -> DisposalList:
    """A list of new recordings whose day has come."""
    for each in data or (b"a recording",):
        due(each)
    made = acts.propose_disposals(by=BY)
    assert made
    return made


def row(found: DisposalList, data: bytes | Recording) -> Disposal:
    """The disposal of one recording on a list."""
    if isinstance(data, Recording):
        return Disposal.objects.get(list=found, recording=data)
    return Disposal.objects.get(list=found, recording__sha256=hashlib.sha256(data).hexdigest())


def approve(found: DisposalList, *actors: Actor) -> DisposalList:
    """The list, approved as it is by each of them."""
    for actor in actors:
        found = acts.approve_list(found.pk, doors.digest_of(found), by=actor)
    return found


def in_grace(world: World, *data: bytes) -> DisposalList:
    """A list that two people approved, each recording of it in its grace."""
    found = approve(proposed(*data), world.actor("weber"), world.actor("hale"))
    jobs.begin_grace(str(found.pk))
    return found


def after_grace(found: DisposalList) -> dt.datetime:
    """A moment after the grace of a list."""
    found.refresh_from_db()
    assert found.erased_from
    return found.erased_from + dt.timedelta(minutes=1)


def erase(found: DisposalList) -> None:
    """The round of erasing after the grace of a list."""
    with clock.frozen(after_grace(found)):
        jobs.erase(0)


def erased(world: World, data: bytes = b"a recording") -> Recording:
    """A recording that was disposed of."""
    found = in_grace(world, data)
    erase(found)
    recording = row(found, data).recording
    assert recording.status == Recording.Status.ERASED, Disposal.objects.get(list=found).status
    return recording


def made_of(recording: Recording, data: bytes, kind: str = "waveform") -> None:
    """Something made of a recording."""
    keep_derivative(recording.pk, kind, stored(data), "image/png", {}, by=BY)


def written_json(path: Path, value: Any) -> Path:
    """A JSON file."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path
