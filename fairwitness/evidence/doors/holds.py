"""The doors to holds: what stands over which recordings, who may see which holds, and what an incident's hold covers."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fairwitness.department import doors as department
from fairwitness.evidence import doors
from fairwitness.evidence.doors.access import MEET_FOR
from fairwitness.evidence.doors.incidents import BELIEVED, end_of
from fairwitness.evidence.doors.reach import going
from fairwitness.evidence.models import Disposal, Held, Hold, IncidentLink, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Reach
from fairwitness.policy import doors as policy

# The states of a hold, which follow from what was done and from the day.
STATES = {
    "stands": gettext_lazy("Stands"),
    "ended": gettext_lazy("Ended"),
    "lifted": gettext_lazy("Lifted"),
}
# Fewer keys than this are asked for by name; where there are more, the whole table is read and compared here.
FEW = 5000
# No recording goes on for longer: so far back is looked for one that was still being made.
RECORDS_FOR = dt.timedelta(hours=24)


def standing() -> Q:
    """The holds that stand: not lifted, and their day has not come."""
    return Q(lifted_at=None) & (Q(until=None) | Q(until__gt=department.today()))


def stands(hold: Hold) -> bool:
    """The same of one hold."""
    return state_of(hold) == "stands"


def state_of(hold: Hold) -> str:
    """Which of STATES a hold is in."""
    if hold.lifted_at:
        return "lifted"
    return "ended" if hold.until and hold.until <= department.today() else "stands"


def _let_out(hold: Any, recording: Any) -> Exists:
    """That a recording was let out of a hold, which then covers it by its incident no more."""
    return Exists(Held.objects.filter(hold=hold, recording=recording, released_at__isnull=False))


def is_held() -> Exists | Q:
    """Of recordings: whether a hold stands over them, by themselves or with their incident. For filters."""
    by_itself = Held.objects.filter(
        recording=OuterRef("pk"), released_at=None, hold__in=Hold.objects.filter(standing())
    )
    linked = IncidentLink.objects.filter(
        recording=OuterRef(OuterRef("pk")), withdrawn_at=None, incident=OuterRef("incident")
    )
    by_incident = Hold.objects.filter(standing(), Exists(linked), incident__isnull=False)
    by_incident = by_incident.filter(~_let_out(OuterRef("pk"), OuterRef(OuterRef("pk"))))
    return Q(Exists(by_itself)) | Q(Exists(by_incident))


def holds_over(recording_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Hold]]:
    """The holds that stand over each of these recordings, the oldest first; one without any is left out.

    By its incident nothing is held that is not there any more.
    """
    found: dict[uuid.UUID, set[Hold]] = defaultdict(set)
    wanted = set(recording_ids)
    # Many are compared here: few recordings of all are held, and a question with a hundred thousand keys takes long.
    named = {"recording__in": list(wanted)} if len(wanted) < FEW else {}
    rows = Held.objects.filter(**named).select_related("hold")
    let_out = {(row.hold_id, row.recording_id) for row in rows if row.released_at}
    for row in rows.filter(released_at=None, hold__in=Hold.objects.filter(standing())):
        found[row.recording_id].add(row.hold)
    over = Hold.objects.filter(standing(), incident__isnull=False)
    links = IncidentLink.objects.filter(
        **named,
        withdrawn_at=None,
        incident__in=over.values("incident"),
        recording__status=Recording.Status.SEALED,
    )
    if named:
        over = over.filter(incident__in=links.values("incident"))
    by_incident = defaultdict(set)
    for hold in over:
        by_incident[hold.incident_id].add(hold)
    for recording_id, incident_id in links.values_list("recording", "incident"):
        found[recording_id] |= {
            hold for hold in by_incident[incident_id] if (hold.pk, recording_id) not in let_out
        }
    held = {pk: holds for pk, holds in found.items() if holds and pk in wanted}
    return {pk: sorted(holds, key=lambda hold: hold.placed_at) for pk, holds in held.items()}


def keeping(recording: Recording) -> list[Hold]:
    """The holds that keep one recording: those over it, and those that come over it when they are looked at again.

    A unit's recording comes under its incident's hold some minutes after dispatch or a shift says that it was there.
    """
    over = set(holds_over([recording.pk]).get(recording.pk, []))
    coming = Hold.objects.filter(standing(), incident__in=incidents_covering(recording))
    over |= set(coming.filter(~_let_out(OuterRef("pk"), recording.pk)))
    return sorted(over, key=lambda hold: hold.placed_at)


def incidents_covering(recording: Recording) -> set[uuid.UUID]:
    """The incidents of which a hold covers this recording: `covered_by`, asked from the other side."""
    links = IncidentLink.objects.filter(recording=recording, withdrawn_at=None)
    found = set(links.values_list("incident", flat=True))
    if recording.owner_id is None or recording.clock not in BELIEVED:
        return found
    ends = end_of(recording) or recording.started + dt.timedelta(microseconds=1)
    scenes = incidents.scenes_between([(recording.owner_id, recording.started, ends)])
    return found | {each.incident.pk for each in scenes if _meet(recording, each.begin, each.end)}


# What an incident's hold covers


def covered_by(incident_id: uuid.UUID) -> list[uuid.UUID]:
    """The sealed recordings that belong to an incident: those linked to it, and those of its units while they were there.

    Direct, never chained: what a recording of another incident overlaps is none of this one.
    """
    linked = IncidentLink.objects.filter(incident=incident_id, withdrawn_at=None).values("recording")
    sealed = Recording.objects.filter(status=Recording.Status.SEALED)
    return sorted({*sealed.filter(pk__in=linked).values_list("pk", flat=True), *_at_the_scene(incident_id)})


def _at_the_scene(incident_id: uuid.UUID) -> set[uuid.UUID]:
    scenes = [
        (scene.member_id, scene.begin, scene.end or scene.begin + incidents.LONGEST)
        for scene in incidents.on_scene(incident_id)
        if scene.member_id
    ]
    wanted = Q(pk__in=[])
    for member_id, begin, end in scenes:
        wanted |= Q(owner=member_id, started__lt=end, started__gt=begin - RECORDS_FOR)
    rows = Recording.objects.filter(wanted, status=Recording.Status.SEALED, clock__in=BELIEVED)
    return {
        row.pk
        for row in rows.only("owner", "started", "ended", "duration_ms")
        if any(row.owner_id == member_id and _meet(row, begin, end) for member_id, begin, end in scenes)
    }


def covering(
    incident_ids: Collection[uuid.UUID], recording_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Those of these incidents that cover each of these recordings: `covered_by` of many at once, in three queries."""
    wanted, found = set(recording_ids), defaultdict(set)
    links = IncidentLink.objects.filter(
        incident__in=list(incident_ids), withdrawn_at=None, recording__status=Recording.Status.SEALED
    )
    for recording_id, incident_id in (*links.values_list("recording", "incident"), *_at_scenes(incident_ids)):
        if recording_id in wanted:
            found[recording_id].add(incident_id)
    return found


def _at_scenes(incident_ids: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, uuid.UUID]]:
    """(recording, incident) of what units made while they were at these incidents."""
    scenes: dict[uuid.UUID, list[tuple[uuid.UUID, dt.datetime, dt.datetime]]] = defaultdict(list)
    rows = incidents.scenes_at(Incident.objects.filter(pk__in=list(incident_ids)))
    for incident_id, member_id, begin, last in rows.values_list("event__incident", "member", "begin", "last"):
        scenes[member_id].append((incident_id, begin, max(begin, last)))
    if not scenes:
        return
    times = [(begin, end) for of in scenes.values() for _incident, begin, end in of]
    made = Recording.objects.filter(
        owner__in=list(scenes),
        started__gt=min(begin for begin, _end in times) - RECORDS_FOR,
        started__lt=max(end for _begin, end in times),
        status=Recording.Status.SEALED,
        clock__in=BELIEVED,
    )
    for row in made.only("owner", "started", "ended", "duration_ms").iterator(chunk_size=5000):
        for incident_id, begin, end in scenes[row.owner_id] if row.owner_id else ():
            if begin - RECORDS_FOR < row.started < end and _meet(row, begin, end):
                yield row.pk, incident_id


def _meet(recording: Recording, begin: dt.datetime, end: dt.datetime) -> bool:
    """Whether a recording and a time at the scene share enough; one whose end is not known need only begin in it.

    On purpose more than what makes siblings (`belonging.incidents_of`: an end that is known, and ten seconds): a hold
    errs on the side of keeping, and what it covers needlessly a person lets out again. Whatever is shorter than ten
    seconds, or of which nobody knows the end, may be the very thing that the hold is for.
    """
    ends = end_of(recording)
    if ends is None:
        return begin <= recording.started < end
    shared = min(ends, end) - max(recording.started, begin)
    return shared > dt.timedelta() and shared >= min(MEET_FOR, ends - recording.started)


def uncovered(hold: Hold) -> list[uuid.UUID]:
    """What an incident's hold covers and has no row of it yet; what was let out stays out."""
    if hold.incident_id is None:
        return []
    known = set(hold.held.values_list("recording", flat=True))
    return [pk for pk in covered_by(hold.incident_id) if pk not in known]


def to_be_covered(incident_id: uuid.UUID | None = None) -> "QuerySet[Hold]":
    """The holds over incidents that stand, or those over one incident."""
    found = Hold.objects.filter(standing(), incident__isnull=False)
    return (found.filter(incident=incident_id) if incident_id else found).order_by("pk")


# Who may see and change which


@dataclass(frozen=True)
class Sought:
    """What the list of holds is narrowed to; what is empty does not narrow."""

    kind: str = ""
    state: str = ""
    text: str = ""


def may(actor: Actor, act: str) -> bool:
    """Whether `actor` may do `act` with any hold or request at all."""
    return doors.far(actor, act) > Reach.NONE


def check_may(actor: Actor, act: str) -> None:
    """Raise Forbidden unless `may(actor, act)`; the system may, as the operator starts what it does."""
    if actor.kind != "system" and not may(actor, act):
        raise Forbidden(_("Your roles do not allow this."), act=act)


def narrowed(actor: Actor, act: str = "see_holds") -> "QuerySet[Hold]":
    """The holds with which `actor` may do `act`: over what they reach, and those that they placed. Never locks."""
    how_far = doors.far(actor, act)
    if how_far == Reach.ALL or actor.kind == "system":
        return Hold.objects.all()
    if how_far == Reach.NONE:
        return Hold.objects.none()
    theirs = doors.narrowed(actor, act)
    held = Held.objects.filter(hold=OuterRef("pk"), recording__in=theirs.values("pk"))
    linked = IncidentLink.objects.filter(
        incident=OuterRef("incident"), withdrawn_at=None, recording__in=theirs.values("pk")
    )
    return Hold.objects.filter(Q(placed_by=actor.member_id) | Exists(held) | Exists(linked))


def _in_state(state: str) -> Q:
    """The holds in one of STATES."""
    ended = Q(lifted_at=None, until__lte=department.today())
    return {"stands": standing(), "ended": ended}.get(state, Q(lifted_at__isnull=False))


def list_holds(actor: Actor, sought: Sought) -> "QuerySet[Hold]":
    """The holds that `actor` may see and that are sought. Raises Forbidden where the list is not open to them."""
    check_may(actor, "see_holds")
    found = narrowed(actor).select_related("placed_by", "incident")
    if sought.kind:
        found = found.filter(kind=sought.kind)
    if sought.state:
        found = found.filter(_in_state(sought.state))
    for word in sought.text.replace("\0", " ").split()[:8]:
        found = found.filter(_word(actor, word))
    return found


def _word(actor: Actor, word: str) -> Q:
    """References are found by those who read them; numbers by everybody who sees the hold."""
    number = Q(number__icontains=word) | Q(incident__number__icontains=word)
    return number | Q(reference__icontains=word) if reads_reasons(actor) else number


def reads_reasons(actor: Actor) -> bool:
    """Whether the actor reads why recordings are held: who wore the camera sees that they are, and no more."""
    return doors.far(actor, "see_holds") > Reach.OWN


def hold(actor: Actor, pk: uuid.UUID, act: str = "see_holds", *, lock: bool = False) -> Hold:
    """One hold for one act. NotFound where the actor may not even see it, Forbidden where they may.

    With `lock` the row is locked first and checked after.
    """
    if lock:
        require_change("locking a hold")
        Hold.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    found = narrowed(actor).filter(pk=pk).select_related("placed_by", "lifted_by", "incident").first()
    if found is None:
        hidden = act if Hold.objects.filter(pk=pk).exists() else ""
        raise NotFound(_("There is no such hold, or it is not one that you may see."), hidden=hidden)
    if not narrowed(actor, act).filter(pk=pk).exists():
        raise Forbidden(_("You can see this hold, but your role does not let you do this with it."), act=act)
    return found


def check_stands(found: Hold) -> None:
    """Raise WrongState where a hold was lifted, or its day has come."""
    state = state_of(found)
    if state == "lifted":
        raise WrongState(_("This hold was lifted before."))
    if state == "ended":
        raise WrongState(_("This hold ended on its day; place a new one."))


def check_can_be_held(recording: Recording) -> None:
    """Raise WrongState where there is nothing to keep: what was refused or erased, or is being erased from stores."""
    if recording.status != Recording.Status.SEALED:
        raise WrongState(_("Only a sealed recording can be held."))
    if going := let_go(recording.pk):
        raise WrongState(too_late(recording, going))


def let_go(recording_id: uuid.UUID) -> Disposal | None:
    """The disposal by which stores are erasing a recording's bytes, or None while everything can still be kept.

    It is written and asked under the lock of the recording, so that no hold stands over what is erased.
    """
    found = going(recording_id)
    return found if found and found.let_go_at else None


def check_not_let_go(recording: Recording) -> None:
    """Raise WrongState for a recording, locked by the asker, that stores are erasing: nothing keeps it any more."""
    if going := let_go(recording.pk):
        raise WrongState(too_late(recording, going))


def too_late(recording: Recording, going: Disposal) -> str:
    """Why a recording that stores are erasing cannot be kept: since when, and under which rule."""
    cited = policy.citation(going.version_id, going.rule)
    at = going.let_go_at.astimezone(agency().tz) if going.let_go_at else None
    sentence = _("{number} cannot be kept any more: its erasing began on {at} under the rule {rule}.")
    return sentence.format(
        number=recording.number, at=f"{at:%Y-%m-%d %H:%M}", rule=cited.rule.title if cited else going.rule
    )


def came_too_late_for(found: Hold) -> "QuerySet[Held]":
    """The rows of recordings that a hold met while stores were erasing them: let out in the moment they came."""
    return found.held.filter(released_at=F("since")).select_related("recording").order_by("recording__number")


def held_row(actor: Actor, pk: uuid.UUID, *, lock: bool = False) -> Held:
    """One recording under one hold, for who may let it out. Raises NotFound or Forbidden."""
    row = Held.objects.filter(pk=pk).select_related("recording", "hold").first()
    if row is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    row.hold = hold(actor, row.hold_id, "lift_hold", lock=lock)
    row.recording = doors.recording(actor, row.recording_id, "lift_hold", lock=lock)
    row.refresh_from_db(fields=["released_at"])
    return row


def recordings_under(actor: Actor, found: Hold) -> "QuerySet[Recording]":
    """The recordings under a hold, by themselves or with its incident, which the actor may find."""
    by_itself = Held.objects.filter(hold=found, recording=OuterRef("pk"), released_at=None)
    under: Any = Q(Exists(by_itself))
    if found.incident_id and stands(found):
        linked = IncidentLink.objects.filter(
            incident=found.incident_id, withdrawn_at=None, recording=OuterRef("pk")
        )
        under |= Q(Exists(linked)) & ~_let_out(found.pk, OuterRef("pk"))
    if not stands(found):
        under = Q(Exists(Held.objects.filter(hold=found, recording=OuterRef("pk"))))
    rows = doors.narrowed(actor, "find").filter(under)
    return rows.select_related("owner").order_by("started", "id")


def rows_of(found: Hold) -> Mapping[uuid.UUID, Held]:
    """The rows of a hold that were not released, by recording."""
    return {row.recording_id: row for row in found.held.filter(released_at=None)}


def over_incident(actor: Actor, incident_id: uuid.UUID) -> list[Hold]:
    """The holds over an incident that stand and that the actor may see, the oldest first."""
    found = narrowed(actor).filter(standing(), incident=incident_id)
    return list(found.order_by("placed_at", "pk"))


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Holds by number, for histories."""
    return dict(Hold.objects.filter(pk__in=list(ids)).values_list("pk", "number"))
