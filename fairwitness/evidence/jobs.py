"""Work that evidence leaves for later: reading recordings in the child process, and making what pages need of them."""

import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from fairwitness.department import doors as department
from fairwitness.evidence import doors
from fairwitness.evidence.acts import (
    clip,
    disposal,
    dry_run,
    erasing,
    hold,
    incident,
    preservation,
    view,
    watch,
)
from fairwitness.evidence.acts import probe as acts
from fairwitness.evidence.acts import retain as retaining
from fairwitness.evidence.doors import belonging, holds, incidents, keeping, watching
from fairwitness.evidence.doors import disposal as disposals
from fairwitness.evidence.doors import preservation as asked
from fairwitness.evidence.doors.measures import measures
from fairwitness.evidence.models import (
    Clip,
    Derivative,
    Disposal,
    DisposalList,
    DryRun,
    IncidentLink,
    Recording,
)
from fairwitness.kernel import actors, blobs, child, clock
from fairwitness.kernel.blobs import keys, named
from fairwitness.kernel.refusals import (
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    Refusal,
    StoreFull,
    Unavailable,
    WrongState,
)
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
    if recording.readable not in acts.UNREAD or recording.status == Recording.Status.ERASED:
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
    if recording.status == Recording.Status.ERASED:
        return
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
    try:
        acts.keep_derivative(
            recording.pk, kind, blob, MEDIA_TYPES[kind], facts, by=actors.system("evidence.derive")
        )
    except Gone:
        # Its recording was erased while this was made of it.
        _let_go_of(blob.sha256)


def make_clip(clip_id: str, tried: int = TRIES - 1) -> None:
    """Cut a clip out of its recording. What cannot be cut is noted; a clip that is there is left as it is.

    `tried` says how often it was tried before. Raises `child.MediaRefused` for what may pass, as `probe` does.
    """
    by = actors.system("evidence.make_clip")
    found = Clip.objects.select_related("recording").get(pk=uuid.UUID(clip_id))
    if found.status != Clip.Status.WAITING or found.recording.status == Recording.Status.ERASED:
        return
    with tempfile.TemporaryDirectory(dir=_workshop()) as folder, suppress(WrongState):
        output = Path(folder) / "clip"
        try:
            cut = _cut(found, output)
        except child.MediaRefused as refused:
            if refused.reason_code in MAY_PASS and tried + 1 < TRIES:
                raise
            cut = {"made": False, "reason_code": refused.reason_code, "reason": refused.sentence}
        if not cut["made"]:
            with suppress(Gone):
                clip.fail_clip(found.pk, cut["reason_code"], cut["reason"], by=by)
            return
        with output.open("rb") as file:
            blob = blobs.store().put(file)
        try:
            clip.keep_clip(found.pk, blob, cut, by=by)
        except (Gone, WrongState):
            _let_go_of(blob.sha256)


def _cut(found: Clip, output: Path) -> dict[str, Any]:
    exact = int(found.wanted == Clip.Way.ENCODED)
    options = {"begins_ms": found.begins_ms, "ends_ms": found.ends_ms, "exact": exact}
    return _read("clip", found.recording, {"clip": output}, options)


def _let_go_of(sha256: str) -> None:
    """Erase what was made of a recording while that was erased, unless something else names it."""
    if not named.still_named(sha256):
        for place in blobs.store().all:
            blobs.store().erase_in(place.name, sha256)


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


def _read(
    verb: str, recording: Recording, outputs: dict[str, Path], options: dict[str, int] | None = None
) -> dict[str, Any]:
    walls = settings.FAIRWITNESS_ACCEPT_MISSING_WALLS
    with blobs.store().open(recording.sha256) as source:
        return child.read_media(verb, source, outputs, options=options, accept_missing_walls=walls)


def _workshop() -> Path:
    folder: Path = settings.FAIRWITNESS_HOME / "workshop"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def retain(timestamp: int) -> None:
    """Every five minutes: what came in gets the category of its label, and its day; dry runs that are due apply."""
    by = actors.system("evidence.retain")
    try:
        new = keeping.undecided()
        few = list(new.values_list("pk", flat=True)[: holds.FEW])
        retaining.categorise_delivered(new, by=by)
        retaining.decide_retention(new, by=by)
        # What came in may bring a category to the recordings of its incident; of very many, all are asked about.
        rows = Recording.objects.filter(status=Recording.Status.SEALED)
        if few and len(few) < holds.FEW:
            rows = rows.filter(pk__in=belonging.around(few))
        if few:
            retaining.decide_retention(rows, by=by)
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


def make_dry_run(member_id: str, version_id: str = "") -> None:
    """Make the dry run that a member asked for, in their name and with the roles that they hold now.

    What cannot be any more (the version went on its way, a role ended, nothing waits) is left: the page says so.
    """
    pk = uuid.UUID(member_id)
    by = actors.member(pk, department.roles_today(pk))
    with suppress(Forbidden, Invalid, NotFound, WrongState):
        if version_id:
            dry_run.try_version(uuid.UUID(version_id), by=by, tell=True)
        else:
            dry_run.try_recordings(by=by, tell=True)


def retain_all(timestamp: int) -> None:
    """Every night: every recording is asked about anew, for what changed around it; and the figures of keeping."""
    by = actors.system("evidence.retain")
    with suppress(WrongState):
        retaining.decide_retention(Recording.objects.filter(status=Recording.Status.SEALED), by=by)
    measure_keeping(by)


def retain_anew() -> None:
    """After an import, or a version of the policy that came into force: every recording is asked about anew."""
    with suppress(WrongState):
        retaining.decide_retention(
            Recording.objects.filter(status=Recording.Status.SEALED), by=actors.system("evidence.retain")
        )


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


# Disposal


def propose_disposals(timestamp: int) -> None:
    """Every night: draw a list of what is due, and take off the lists what may go no more."""
    by = actors.system("evidence.propose_disposals")
    with suppress(WrongState):  # no policy in force says how long: nothing is due
        for pk in _lists(DisposalList.Status.PROPOSED, DisposalList.Status.GRACE):
            disposal.drop_unfit(pk, by=by)
        disposal.propose_disposals(by=by)
    live = Disposal.objects.filter(status__in=(Disposal.Status.PROPOSED, Disposal.Status.GRACE))
    for pk in (
        live.filter(list__status=DisposalList.Status.WITHDRAWN).values_list("list", flat=True).distinct()
    ):
        take_back_rest(str(pk))


def begin_grace(list_id: str) -> None:
    """Note of each recording of an approved list that it is in its grace; what may go no more is taken off."""
    by = actors.system("evidence.begin_grace")
    rows = Disposal.objects.filter(list=uuid.UUID(list_id), status=Disposal.Status.PROPOSED)
    for pk in list(rows.order_by("id").values_list("pk", flat=True)):
        try:
            disposal.begin_grace(pk, by=by)
        except WrongState:
            with suppress(WrongState):
                disposal.drop_if_unfit(pk, by=by)


def take_back_rest(list_id: str) -> None:
    """Note of each recording on a list that was taken back that it is kept. Broken off anywhere, it goes on."""
    live = (Disposal.Status.PROPOSED, Disposal.Status.GRACE)
    rows = Disposal.objects.filter(list=uuid.UUID(list_id), status__in=live)
    for pk in list(rows.order_by("id").values_list("pk", flat=True)):
        with suppress(WrongState):
            disposal.take_back_with_list(pk, by=actors.system("evidence.take_back_rest"))


def erase(timestamp: int) -> None:
    """Every hour: erase what is left on the lists whose grace is over. Broken off anywhere, the next round goes on."""
    by = actors.system("evidence.erase")
    due = DisposalList.objects.filter(status=DisposalList.Status.GRACE, erased_from__lte=clock.now())
    for pk in list(due.values_list("pk", flat=True)):
        begin_grace(str(pk))
        with suppress(WrongState):
            erasing.begin_list(pk, by=by)
    for pk in _lists(DisposalList.Status.ERASING):
        begin_grace(str(pk))
        for each in _left(pk):
            _erase_one(each, by)
        with suppress(WrongState):
            erasing.end_list(pk, by=by)


def _lists(*states: str) -> list[uuid.UUID]:
    return list(
        DisposalList.objects.filter(status__in=states).order_by("number").values_list("pk", flat=True)
    )


def _left(list_id: uuid.UUID) -> list[uuid.UUID]:
    """What is still to be erased of a list; what was begun first."""
    rows = Disposal.objects.filter(list=list_id, status__in=(Disposal.Status.ERASING, Disposal.Status.GRACE))
    return list(rows.order_by("status", "id").values_list("pk", flat=True))


def _erase_one(pk: uuid.UUID, by: actors.Actor) -> None:
    if _kept_after_all(pk, by):
        return
    found = Disposal.objects.select_related("recording").get(pk=pk)
    if found.status == Disposal.Status.GRACE:
        try:
            found = erasing.begin_erasing(pk, by=by)
        except WrongState:
            with suppress(WrongState):
                disposal.drop_if_unfit(pk, by=by)
            return
    erasing.end_viewings(found.recording_id, by=by)
    read_back = _erase_bytes(found, by)
    # Nothing is said before it is so: where something was not read back as absent, the next round tries again.
    with suppress(WrongState):
        erasing.bytes_erased(pk, read_back, by=by)


def _kept_after_all(pk: uuid.UUID, by: actors.Actor) -> bool:
    try:
        erasing.keep_after_all(pk, by=by)
    except WrongState:
        return False
    return True


def _let_go(found: Disposal, going: list[str], by: actors.Actor) -> bool:
    """Whether stores may erase from now on. While none of them answers, nothing is let go, and it can still be kept."""
    places = blobs.store().all
    if going and not any(_answers(place.name, going[0], by) for place in places):
        return False
    try:
        erasing.let_go(found.pk, by=by)
    except WrongState:
        _kept_after_all(found.pk, by)
        return False
    return True


def _answers(place: str, sha256: str, by: actors.Actor) -> bool:
    try:
        blobs.store().absent_in(place, sha256)
    except (Refusal, StoreFull, Unavailable) as away:
        erasing.note_not_erased(place, away.sentence, by=by)
        return False
    return True


def _erase_bytes(disposal_: Disposal, by: actors.Actor) -> list[erasing.ReadBack]:
    """Erase in every store, and beside them; then ask each store anew. What is not absent raises an alarm."""
    recording = disposal_.recording
    digests = [row[1] for row in disposals.bytes_of(recording)]
    going = [sha256 for sha256 in dict.fromkeys(digests) if not named.still_named(sha256, recording.pk)]
    if not _let_go(disposal_, going, by):
        return []
    if named.clear_beside(recording.pk):
        erasing.note_not_erased("uploads", "Staged bytes of an erased recording could not be removed.", by=by)
        return []
    store, found = blobs.store(), []
    store.sweep_staging()
    for place in store.all:
        try:
            for sha256 in going:
                store.erase_in(place.name, sha256)
            # Only now, when all was asked for: what a store says of its own erasing is not believed.
            there = [sha256 for sha256 in going if not store.absent_in(place.name, sha256)]
        except (Refusal, StoreFull, Unavailable) as away:
            erasing.note_not_erased(place.name, away.sentence, by=by)
            continue
        if there:
            sentence = "The store {name} says that it erased bytes, and still has them. It is tried again."
            erasing.note_not_erased(place.name, sentence.format(name=place.name), by=by)
            continue
        erasing.note_erased_again(place.name, by=by)
        found += [erasing.ReadBack(place.name, sha256, clock.now()) for sha256 in going]
    if len(found) == len(going) * len(store.all):
        # Last: an encrypted copy that came back from anywhere could be read by nobody.
        for sha256 in going:
            keys.erase(sha256)
    return found
