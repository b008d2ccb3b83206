"""A resident's preservation request: asked by anyone, matched by a job, decided by a records officer."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.department.acts import end_alarm, raise_alarm
from fairwitness.evidence import events
from fairwitness.evidence.acts import hold as holding
from fairwitness.evidence.acts.hold import cleaned, digest_of
from fairwitness.evidence.doors import holds, preservation
from fairwitness.evidence.models import Hold, PreservationRequest
from fairwitness.incidents.models import Incident
from fairwitness.kernel import clock, numbers
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import change, move
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.kernel.roles import Role
from fairwitness.kernel.tables import write_csv
from fairwitness.policy.doors import Citation
from fairwitness.policy.models.content import Hold as HoldParameters

Status = PreservationRequest.Status
LONGEST = {"incident_number": 40, "place": 200, "words": 2000, "name": 120, "contact": 200}
HEADER = (
    *("number", "state", "incident", "place", "since", "until", "words", "name", "contact", "received_at"),
    *("decide_by", "decided_at", "decided_by", "decided_because", "hold", "held_until"),
)
# So few characters of a place would mean everywhere.
SHORTEST_PLACE = 3
# The alarm about requests that no job looked for.
NOT_MATCHED = "evidence.preservation_not_matched"


def ask_preservation(
    *,
    incident_number: str = "",
    place: str = "",
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    words: str = "",
    name: str = "",
    contact: str = "",
    sender: str,
    by: Actor,
) -> PreservationRequest:
    """Ask that footage be kept: by an incident's number, or by a place and a span of at most the policy's hours.

    Written always, whatever there is; what matches is looked for by a job, later where the sender sent many, so that
    neither the answer nor how long it takes says anything. Raises Invalid for both ways or neither, and for what
    cannot be read.
    """
    said, cited = check_asked(
        incident_number=incident_number,
        place=place,
        since=since,
        until=until,
        words=words,
        name=name,
        contact=contact,
    )
    rule: HoldParameters = cited.rule.parameters  # type: ignore[assignment]
    with change(events.PRESERVATION_ASKED, by=by) as entry:
        now = clock.now()
        request = PreservationRequest(
            number=numbers.next_numbers("PR", now.astimezone(agency().tz).year)[0],
            sender=sender,
            received_at=now,
            decide_by=preservation.decide_by(now, rule.business_days),
            **said,
        )
        wait = preservation.delay_of(sender, now)
        request.save(force_insert=True)
        entry.about(
            request,
            request_id=request.pk,
            way="place" if request.place else "number",
            decide_by=request.decide_by,
            hours=rule.hours,
            version_id=cited.version_id,
            rule=cited.rule.id,
            words_sha256=digest_of(request.words),
        )
        not_before = now + wait if wait else None
        enqueue(
            "evidence.match_preservation", queue="rounds", not_before=not_before, request_id=str(request.pk)
        )
    return request


def check_asked(
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    **texts: str,
) -> tuple[dict[str, Any], Citation]:
    """What a request says, as it is kept, and the rule by which it was checked. Raises Invalid as the act does."""
    said: dict[str, Any] = {key: cleaned(text, LONGEST[key], key) for key, text in texts.items()}
    cited, rule = preservation.rule()
    _check_one_way(said.get("incident_number", ""), said.get("place", ""))
    if said.get("place"):
        check_span(since, until, rule.hours)
        said |= {"since": since, "until": until}
    return said, cited


def _check_one_way(incident_number: str, place: str) -> None:
    if bool(incident_number) == bool(place):
        raise Invalid(_("Give an incident's number, or a place and a time: one of the two."))
    if place and sum(character.isalnum() for character in place) < SHORTEST_PLACE:
        words = _("Say where more exactly: a street, a crossing, a building.")
        raise Invalid(words, place=[words])


def check_span(since: dt.datetime | None, until: dt.datetime | None, hours: int) -> None:
    """Raise Invalid unless a span has both ends, runs forward, has begun, and is at most so many hours long."""
    if since is None or until is None:
        raise Invalid(_("Say from when until when."))
    if until <= since:
        raise _of_span(_("It ends before it begins."))
    if until - since > dt.timedelta(hours=hours):
        raise _of_span(
            _("At most {hours} hours can be asked for at a time. Send a second request for more.").format(
                hours=hours
            )
        )
    if since > clock.now():
        raise _of_span(_("That has not happened yet."))


def _of_span(words: str) -> Invalid:
    return Invalid(words, until=[words])


def match_preservation(request_id: uuid.UUID, *, by: Actor) -> int:
    """Look for what a request asks for, and hold it at once for the policy's days; those who decide are told.

    Nothing that matches is no reason to close it: it is decided like any other. Raises WrongState when it was done
    before. Answers how many recordings are held.
    """
    with change(events.PRESERVATION_MATCHED, by=by) as entry:
        request = preservation.request(by, request_id, "decide_preservation", lock=True)
        if request.matched_at:
            raise WrongState(_("This was looked for before."))
        count = _hold(request, by)
        request.matched_at = clock.now()
        request.save(update_fields=["matched_at", "hold"])
        entry.about(request, request_id=request.pk, hold_id=request.hold_id, count=count)
        if request.status == Status.RECEIVED:
            _tell(request)
    return count


def _hold(request: PreservationRequest, by: Actor) -> int:
    """Place the hold where something matches, in the open change; answers how many recordings it covers."""
    if request.status == Status.LIFTED:
        return 0
    meant = preservation.incidents_meant(request)
    recordings = preservation.recordings_meant(request, meant)
    # Of one incident, what comes later is held too, also where nothing has come yet.
    incident = meant[0] if len(meant) == 1 else None
    if incident is None and not recordings:
        return 0
    request.hold, count = _place(request, incident, recordings, by)
    return count


def _place(
    request: PreservationRequest, incident: Incident | None, recordings: Collection[uuid.UUID], by: Actor
) -> tuple[Hold, int]:
    cited, rule = preservation.rule()
    until = department.today() + dt.timedelta(days=rule.days)
    reason = _("Asked for by {number}").format(number=request.number)
    with change(events.HOLD_PLACED, by=by) as entry:
        hold = holding.begin_hold(Hold.Kind.PRESERVATION, reason, request.number, incident, until, by=by)
        count = holding.cover_in_change(hold, recordings, by=by)
        holding.note_placed(entry, hold, count)
        entry.about(request, request_id=request.pk, version_id=cited.version_id, rule=cited.rule.id)
    return hold, count


def _tell(request: PreservationRequest) -> None:
    sentence = _("{number} asks that footage be kept; it is to be decided by {day}.").format(
        number=request.number, day=request.decide_by.isoformat()
    )
    link = reverse("preservation-request", args=[request.pk])
    notify(_officers(), sentence, link, outside=_("A preservation request"))


def note_unmatched(*, by: Actor) -> None:
    """Tell records officers, and those who keep the system, of requests that nobody looked for in time; once until over.

    Until then nothing that these may mean is disposed of. Nothing is written where there are none, or they were told.
    """
    left = preservation.left_waiting()
    if (first := left.first()) is None:
        end_alarm(NOT_MATCHED, by=by)
        return
    if department.open_alarms([NOT_MATCHED]):
        return
    with change(events.PRESERVATION_LEFT, by=by) as entry:
        count = left.count()
        sentence = _(
            "{n} preservation requests were not looked for in time, the first is {number}: the job failed, or none does "
            "it. What they may mean is not disposed of, and is not held either. Look for it, and decide them."
        ).format(n=count, number=first.number)
        notify(_officers(), sentence, reverse("preservation"), outside=_("A preservation request"))
        raise_alarm(NOT_MATCHED, sentence, link=reverse("jobs"), by=by)
        entry.about(first, request_id=first.pk, count=count)


def _officers() -> "QuerySet[Any]":
    return department.members_holding(Role.RECORDS_OFFICER).values_list("pk", flat=True)


def look_again(request_id: uuid.UUID, *, by: Actor) -> int:
    """Look again for a request that is not lifted: footage and dispatch exports often come after it. May be done twice.

    Nothing is written where nothing came. Answers how many recordings came under its hold.
    """
    request = PreservationRequest.objects.select_related("hold").get(pk=request_id)
    meant = preservation.incidents_meant(request)
    recordings = preservation.recordings_meant(request, meant)
    if request.hold is None:
        return _held_late(request_id, by) if recordings or len(meant) == 1 else 0
    if not holds.stands(request.hold):
        return 0
    known = set(request.hold.held.values_list("recording", flat=True))
    return holding.bring_under(request.hold.pk, [pk for pk in recordings if pk not in known], by=by)


def _held_late(request_id: uuid.UUID, by: Actor) -> int:
    with change(events.PRESERVATION_MATCHED, by=by) as entry:
        request = preservation.request(by, request_id, "decide_preservation", lock=True)
        count = 0 if request.hold_id else _hold(request, by)
        request.save(update_fields=["hold"])
        entry.about(request, request_id=request.pk, hold_id=request.hold_id, count=count)
    return count


def confirm_preservation(
    request_id: uuid.UUID, reason: str, *, until: dt.date | None = None, by: Actor
) -> PreservationRequest:
    """Confirm a request with the reason; with a day, what is held is held until then.

    Raises WrongState when it was decided before, or where a day is given and nothing is held; Invalid without reason,
    or for a day no later than now's.
    """
    reason = cleaned(reason, holding.LONGEST, "reason", needed=True)
    with change(events.PRESERVATION_CONFIRMED, by=by) as entry:
        request = preservation.request(by, request_id, "decide_preservation", lock=True)
        move(request, Status.CONFIRMED)
        if until:
            _extend(request, until, by)
        _decided(request, reason, by)
        entry.about(
            request,
            request_id=request.pk,
            hold_id=request.hold_id,
            until=until,
            reason_sha256=digest_of(reason),
        )
    return request


def _extend(request: PreservationRequest, until: dt.date, by: Actor) -> None:
    if request.hold_id is None:
        raise WrongState(_("Nothing is held, so there is no day to change."))
    holding.extend_hold(request.hold_id, until, by=by)


def lift_preservation(request_id: uuid.UUID, reason: str, *, by: Actor) -> PreservationRequest:
    """Lift a request with the reason, and with it what it holds. Raises WrongState when it was lifted before."""
    reason = cleaned(reason, holding.LONGEST, "reason", needed=True)
    with change(events.PRESERVATION_LIFTED, by=by) as entry:
        request = preservation.request(by, request_id, "decide_preservation", lock=True)
        move(request, Status.LIFTED)
        _decided(request, reason, by)
        if request.hold_id:
            _lift(request.hold_id, reason, by)
        entry.about(request, request_id=request.pk, hold_id=request.hold_id, reason_sha256=digest_of(reason))
    return request


def _lift(hold_id: uuid.UUID, reason: str, by: Actor) -> None:
    """The hold of a request that is lifted, where it still stands."""
    with change(events.HOLD_LIFTED, by=by) as entry:
        hold = holds.hold(by, hold_id, "lift_hold", lock=True)
        count = 0 if hold.lifted_at else holding.end_hold(hold, reason, by=by)
        entry.about(hold, hold_id=hold.pk, count=count, reason_sha256=digest_of(reason))


def _decided(request: PreservationRequest, reason: str, by: Actor) -> None:
    """Who decided last and why; when stays that of the first decision, by which being in time is measured."""
    request.decided_by_id, request.decided_because = by.person, reason
    request.decided_at = request.decided_at or clock.now()
    request.save(update_fields=["decided_by", "decided_at", "decided_because"])


def export_preservation(sought: preservation.Sought, file: BinaryIO, *, by: Actor) -> int:
    """Write the requests that `by` may see and seeks as CSV; answers how many. Raises Forbidden."""
    with change(events.PRESERVATION_EXPORTED, by=by) as entry:
        count, sha256 = write_csv(HEADER, _rows(sought, by), file)
        entry.mention("department.member", by.person)
        entry.about(count=count, sha256=sha256)
    return count


def _rows(sought: preservation.Sought, by: Actor) -> Iterator[tuple[object, ...]]:
    found = preservation.list_requests(by, sought).order_by("-received_at", "-id")
    for each in found.iterator(chunk_size=1000):
        yield (
            each.number,
            each.status,
            each.incident_number,
            each.place,
            clock.rfc3339(each.since) if each.since else "",
            clock.rfc3339(each.until) if each.until else "",
            each.words,
            each.name,
            each.contact,
            clock.rfc3339(each.received_at),
            each.decide_by.isoformat(),
            clock.rfc3339(each.decided_at) if each.decided_at else "",
            each.decided_by.name if each.decided_by else "",
            each.decided_because,
            each.hold.number if each.hold else "",
            each.hold.until.isoformat() if each.hold and each.hold.until else "",
        )
