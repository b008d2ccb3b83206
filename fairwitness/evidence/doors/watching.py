"""The weekly look at unusual access: which signs are looked for, and who sees what was found.

The figures stand here and nowhere else. A sign is no accusation: it is a reason to ask.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence import doors
from fairwitness.evidence.doors import access
from fairwitness.evidence.models import Categorisation, Grant, IncidentLink, Recording, Viewing, Watch
from fairwitness.incidents.models import Incident, Involvement
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.refusals import Forbidden, NotFound
from fairwitness.kernel.roles import Reach

# Opened within so long of one's statement: allowed, and worth a look, because the story is fresh.
AFTER_STATEMENT = dt.timedelta(days=3)
# So many different recordings without an incident, not one's own and not granted: five a working day is more than
# checking cameras takes, and browsing looks like this.
MANY = 25
# A narrow class is seldom opened by whoever opened it on fewer occasions than this in the time before the week.
SELDOM = 2
BEFORE = dt.timedelta(days=90)
# So often opened for a purpose and not a second played: once is a slip, daily is a habit of looking who is there.
UNFINISHED = 5
PLAYED_MS = 1000
# So many viewings are listed with a sign; all are counted.
LISTED = 200

Found = dict[tuple[uuid.UUID, str], list[uuid.UUID]]


def last_week() -> dt.date:
    """The Monday on which the last whole week began, where the agency is."""
    today = department.today()
    return today - dt.timedelta(days=today.weekday() + 7)


def span(monday: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The week's first moment and the next one's."""
    midnight = dt.datetime.combine(monday, dt.time(), agency().tz)
    end = dt.datetime.combine(monday + dt.timedelta(days=7), dt.time(), agency().tz)
    return midnight, end


def was_watched(monday: dt.date) -> bool:
    """Whether that week's signs were written down."""
    return Watch.objects.filter(week=monday).exists()


def signs_of(monday: dt.date) -> Found:
    """The viewings behind each sign of a week, by member and sign."""
    begin, end = span(monday)
    rows = Viewing.objects.filter(begun__gte=begin, begun__lt=end).select_related("recording")
    viewings = list(rows.order_by("begun", "id"))
    found: Found = defaultdict(list)
    for sign, seen in (
        (Watch.Sign.AFTER_LOCKOUT, _after_lockout(viewings, begin)),
        (Watch.Sign.MANY, _many(viewings)),
        (Watch.Sign.SELDOM, _seldom(viewings, begin)),
        (Watch.Sign.UNFINISHED, _unfinished(viewings)),
    ):
        for each in seen:
            found[each.member_id, sign].append(each.pk)
    return found


def _after_lockout(viewings: list[Viewing], begin: dt.datetime) -> list[Viewing]:
    """Of an incident in which the viewer was involved, soon after their statement."""
    stated = Involvement.objects.filter(member__in={each.member_id for each in viewings})
    stated = stated.filter(status=Involvement.Status.STATED, stated_at__gte=begin - AFTER_STATEMENT)
    fresh = [
        (row.member_id, row.stated_at, _viewed_of(row.incident_id, viewings))
        for row in stated
        if row.stated_at
    ]
    return [
        each
        for each in viewings
        if any(
            each.member_id == member
            and each.recording_id in theirs
            and dt.timedelta() <= each.begun - at <= AFTER_STATEMENT
            for member, at, theirs in fresh
        )
    ]


def _viewed_of(incident_id: uuid.UUID, viewings: list[Viewing]) -> set[uuid.UUID]:
    """Which of the viewed recordings belong to an incident, as the lockout understands it."""
    belonging = access.belonging(Incident.objects.filter(pk=incident_id))
    viewed = {each.recording_id for each in viewings}
    return set(Recording.objects.filter(belonging, pk__in=viewed).values_list("pk", flat=True))


def _incidents_of(viewings: list[Viewing]) -> dict[uuid.UUID, list[uuid.UUID]]:
    found: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    links = IncidentLink.objects.filter(
        recording__in={each.recording_id for each in viewings}, withdrawn_at=None
    )
    for recording, incident in links.values_list("recording", "incident"):
        found[recording].append(incident)
    return found


def _many(viewings: list[Viewing]) -> list[Viewing]:
    """Of recordings that are not the viewer's own, have no incident or case, and were not granted: MANY of them."""
    incidents = _incidents_of(viewings)
    granted = set(
        Grant.objects.filter(recording__in={each.recording_id for each in viewings}).values_list(
            "member", "recording"
        )
    )
    worked = set(_worked(viewings))
    loose: dict[uuid.UUID, list[Viewing]] = defaultdict(list)
    for each in viewings:
        own = each.recording.owner_id == each.member_id
        if (
            not own
            and not incidents[each.recording_id]
            and (each.member_id, each.recording_id) not in granted | worked
        ):
            loose[each.member_id].append(each)
    return [
        each
        for theirs in loose.values()
        if len({one.recording_id for one in theirs}) >= MANY
        for each in theirs
    ]


def _worked(viewings: list[Viewing]) -> Iterator[tuple[uuid.UUID, uuid.UUID]]:
    """(viewer, recording) where the viewer's work, such as an open case, links them to it."""
    viewed = Recording.objects.filter(pk__in={each.recording_id for each in viewings})
    for member_id in {each.member_id for each in viewings}:
        for way in access.linked_to(member_id).values():
            for recording_id in viewed.filter(way).values_list("pk", flat=True):
                yield member_id, recording_id


def _seldom(viewings: list[Viewing], begin: dt.datetime) -> list[Viewing]:
    """Of a class narrower than ordinary, not the viewer's own, by somebody who seldom opened that class before."""
    others = [each for each in viewings if each.recording.owner_id != each.member_id]
    narrow = _narrow(others)
    mine = [each for each in others if each.recording_id in narrow]
    earlier = Viewing.objects.filter(
        member__in={each.member_id for each in mine}, begun__gte=begin - BEFORE, begun__lt=begin
    ).select_related("recording")
    before = [each for each in earlier if each.recording.owner_id != each.member_id]
    known = _narrow(before)
    counted: dict[tuple[uuid.UUID, str], int] = defaultdict(int)
    for each in before:
        if each.recording_id in known:
            counted[each.member_id, known[each.recording_id]] += 1
    return [each for each in mine if counted[each.member_id, narrow[each.recording_id]] < SELDOM]


def _narrow(viewings: Iterable[Viewing]) -> dict[uuid.UUID, str]:
    """The class of each of these recordings whose class is narrower than ordinary, as it is now."""
    others = {each.recording_id for each in viewings}
    codes: dict[uuid.UUID, list[str]] = defaultdict(list)
    rows = Categorisation.objects.filter(recording__in=others, withdrawn_at=None)
    for recording, code in rows.values_list("recording", "code"):
        codes[recording].append(code)
    book = access.book()
    classes = {recording: book.class_of(carried) for recording, carried in codes.items()}
    return {recording: name for recording, name in classes.items() if name != access.CLASSES[0]}


def _unfinished(viewings: list[Viewing]) -> list[Viewing]:
    """Opened for a purpose, ended, and not a second of it played: UNFINISHED times by one person."""
    idle: dict[uuid.UUID, list[Viewing]] = defaultdict(list)
    for each in viewings:
        if each.ended and each.played_ms < PLAYED_MS:
            idle[each.member_id].append(each)
    return [each for theirs in idle.values() if len(theirs) >= UNFINISHED for each in theirs]


# Who sees them


def may_see(actor: Actor) -> bool:
    """Whether the watch is open to the actor."""
    return doors.far(actor, "see_watch") > Reach.NONE


def may_decide(actor: Actor) -> bool:
    """Whether the actor decides what came of a sign."""
    return doors.far(actor, "decide_watch") > Reach.NONE


def check_may_decide(actor: Actor) -> None:
    """Raise Forbidden unless `may_decide`."""
    if not may_decide(actor):
        raise Forbidden(_("Your roles do not allow this."), act="decide_watch")


def signs_for(actor: Actor) -> "QuerySet[Watch]":
    """The signs that the actor may see, never those about themselves. Raises Forbidden."""
    if not may_see(actor):
        raise Forbidden(_("Your roles do not allow this."), act="see_watch")
    return Watch.objects.exclude(member=actor.member_id).select_related("member", "decided_by")


def sign_for(actor: Actor, pk: uuid.UUID, *, lock: bool = False) -> Watch:
    """One of them. Raises Forbidden or NotFound: one about oneself looks like none."""
    rows = signs_for(actor)
    if lock:
        Watch.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return found


def undecided(actor: Actor) -> "QuerySet[Watch]":
    """The signs that wait for the actor to decide, the oldest first; none for who does not decide."""
    rows = signs_for(actor) if may_decide(actor) and may_see(actor) else Watch.objects.none()
    return rows.filter(outcome=Watch.Outcome.OPEN).order_by("week", "id")


def viewings_of(sign: Watch) -> list[Viewing]:
    """The viewings behind a sign, in order of time."""
    rows = Viewing.objects.filter(pk__in=sign.found["viewings"]).select_related("recording")
    return list(rows.order_by("begun", "id"))


def weeks() -> tuple[int, int]:
    """How many weeks with signs were decided whole, and how many weeks had some."""
    every = set(Watch.objects.values_list("week", flat=True).distinct())
    left = set(Watch.objects.filter(outcome=Watch.Outcome.OPEN).values_list("week", flat=True).distinct())
    return len(every - left), len(every)
