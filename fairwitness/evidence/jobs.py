"""Work that evidence leaves for later: reading recordings in the child process, and making what pages need of them."""

import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from fairwitness.evidence import doors
from fairwitness.evidence.acts import dry_run, hold, incident, preservation, view, watch
from fairwitness.evidence.acts import probe as acts
from fairwitness.evidence.acts import retain as retaining
from fairwitness.evidence.doors import holds, incidents, keeping, watching
from fairwitness.evidence.doors import preservation as asked
from fairwitness.evidence.doors.measures import measures
from fairwitness.evidence.models import Derivative, DryRun, IncidentLink, Recording
from fairwitness.kernel import actors, blobs, child, clock
from fairwitness.kernel.refusals import WrongState
from fairwitness.policy import acts as policy
from fairwitness.storage import acts as storage

MEDIA_TYPES = {
    "filmstrip": "image/jpeg",
    "still": "image/jpeg",
    "waveform": "image/png",
    "viewing_copy": "video/mp4",
}


# What may be the machine's state and not the recording's: a reading that ends so is tried again.
MAY_PASS = {"timeout", "cpu", "memory", "crashed"}
TRIES = 3
# So many copies that nobody kept count of are looked for at a time.
OLDER = 1000


def probe(recording_id: str, tried: int = TRIES - 1) -> None:
    """Read a sealed recording. Whatever the bytes do to the child, the recording ends readable or not.

    `tried` says how often it was tried before; unsaid, this is the last time. Raises `child.MediaRefused` for what
    may pass, until it was tried `TRIES` times: the job is then done again.
    """
    by = actors.system("evidence.probe")
    recording = Recording.objects.get(pk=uuid.UUID(recording_id))
    if recording.readable not in acts.UNREAD:
        return
    try:
        found = _read("probe", recording, {})
    except child.MediaRefused as refused:
        if refused.reason_code in MAY_PASS and tried + 1 < TRIES:
            raise
        acts.note_unreadable(recording.pk, refused.reason_code, refused.sentence, by=by)
        return
    acts.note_probe(recording.pk, found, by=by)


def derive(recording_id: str, kind: str) -> None:
    """Make a filmstrip, waveform or viewing copy. What cannot be made is left out; the evidence is what it was."""
    recording = Recording.objects.get(pk=uuid.UUID(recording_id))
    store = blobs.store()
    with tempfile.TemporaryDirectory(dir=_workshop()) as folder:
        output = Path(folder) / kind
        try:
            facts = _read(kind, recording, {"copy" if kind == "viewing_copy" else "picture": output})
        except child.MediaRefused:
            return
        if not output.exists():
            return
        with output.open("rb") as file:
            blob = store.put(file)
    acts.keep_derivative(
        recording.pk, kind, blob, MEDIA_TYPES[kind], facts, by=actors.system("evidence.derive")
    )


def rebuild(sha256: str) -> None:
    """Make anew what was made of recordings and is damaged: what can be made again is never repaired.

    Bytes that were also sealed are left as they are, whatever was made of them: those are repaired.
    """
    if doors.is_evidence(sha256):
        return
    blobs.store().set_aside(sha256)
    for made in Derivative.objects.filter(sha256=sha256):
        derive(str(made.recording_id), made.kind)
    storage.outgrow(sha256, by=actors.system("evidence.rebuild"))


def match_incidents(entry_id: str) -> None:
    """Link recordings to the incidents that an entry brought, by number. May be done twice: what is linked stays."""
    by = actors.system("evidence.match_incidents")
    for recording_id, incident_id in incidents.to_be_matched(uuid.UUID(entry_id)):
        with suppress(WrongState):
            incident.link_incident(recording_id, incident_id, how=IncidentLink.How.NUMBER, by=by)


def confirm_older(timestamp: int) -> None:
    """Every hour: find and confirm the copies of what was sealed before copies were kept count of."""
    storage.find_copies(doors.uncounted(OLDER), by=actors.system("evidence.confirm_older"))


def end_viewings(timestamp: int) -> None:
    """Every minute: end the viewings that were left without a word."""
    view.end_left_viewings()


def end_locked(incident_id: str) -> None:
    """After a marking: end what the involved have open. May be done twice; what has ended stays so."""
    view.end_locked_viewings(by=actors.system("evidence.end_locked"))


def watch_access(timestamp: int) -> None:
    """Every Monday: look through the access of the week that ended. A week that was looked through is left."""
    watch.watch_week(watching.last_week(), by=actors.system("evidence.watch_access"))


def _read(verb: str, recording: Recording, outputs: dict[str, Path]) -> dict[str, Any]:
    with blobs.store().open(recording.sha256) as source:
        return child.read_media(
            verb, source, outputs, accept_missing_walls=settings.FAIRWITNESS_ACCEPT_MISSING_WALLS
        )


def _workshop() -> Path:
    folder: Path = settings.FAIRWITNESS_HOME / "workshop"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def retain(timestamp: int) -> None:
    """Every five minutes: what came in gets the category of its label, and its day; dry runs that are due apply."""
    by = actors.system("evidence.retain")
    try:
        new = keeping.undecided()
        retaining.categorise_delivered(new, by=by)
        retaining.decide_retention(new, by=by)
    except WrongState:
        return  # no policy in force says how long: nothing is due
    apply_due()


def apply_due() -> None:
    """Apply the dry runs whose cooling-off is over; one that cannot be yet waits."""
    by = actors.system("evidence.retain")
    due = DryRun.objects.filter(status=DryRun.Status.APPROVED, applies_at__lte=clock.now())
    for pk in due.order_by("applies_at").values_list("pk", flat=True):
        with suppress(WrongState):
            dry_run.apply_dry_run(pk, by=by)


def retain_all(timestamp: int) -> None:
    """Every night: every recording is asked about anew, for what changed around it; and the figures of keeping."""
    by = actors.system("evidence.retain")
    with suppress(WrongState):
        retaining.decide_retention(Recording.objects.filter(status=Recording.Status.SEALED), by=by)
    measure_keeping(by)


def measure_keeping(by: actors.Actor) -> None:
    """Report what the rules of evidence came to, as things stand."""
    for measure, numerator, denominator in measures():
        policy.report_figure(
            measure=measure, numerator=numerator, denominator=denominator, room="evidence", by=by
        )


def cover_holds(timestamp: int) -> None:
    """Every ten minutes: what came to incidents and requests since comes under their holds. May be done twice."""
    by = actors.system("evidence.cover_holds")
    for pk in holds.to_be_covered().values_list("pk", flat=True):
        hold.cover(pk, by=by)
    for pk in asked.to_be_matched().values_list("pk", flat=True):
        preservation.look_again(pk, by=by)


def cover_incident(incident_id: str) -> None:
    """After a link: the holds over one incident, at once."""
    for pk in holds.to_be_covered(uuid.UUID(incident_id)).values_list("pk", flat=True):
        hold.cover(pk, by=actors.system("evidence.cover_holds"))


def match_preservation(request_id: str) -> None:
    """Look for what a resident's request asks for, and hold it. A second time changes nothing."""
    with suppress(WrongState):
        preservation.match_preservation(
            uuid.UUID(request_id), by=actors.system("evidence.match_preservation")
        )


def measure_preservation(timestamp: int) -> None:
    """Every night: how many of the requests that were due were decided in time."""
    found = asked.in_time()
    if found.due:
        policy.report_figure(
            measure="preservation_in_time",
            numerator=found.decided,
            denominator=found.due,
            since=found.since,
            until=found.until,
            room="evidence",
            by=actors.system("evidence.measure_preservation"),
        )
