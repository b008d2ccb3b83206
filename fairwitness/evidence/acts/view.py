"""Viewing: reading protected bytes is an act. One purpose, one viewing, one entry; then one entry when it ends."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence import doors, events
from fairwitness.evidence.doors import is_going, reasons, timeline
from fairwitness.evidence.models import Meter, Recording, Viewing
from fairwitness.kernel import actors, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Gone, Invalid, WrongState

# A viewing whose page neither beats nor reads for this long has been left.
LEFT_AFTER = dt.timedelta(minutes=3)
CHARGE = """
WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE evidence_meter SET bytes_sent = bytes_sent + %s, seen_at = %s FROM unhurried WHERE viewing = %s
"""


def session_mark(session_key: str) -> str:
    """What a viewing keeps of a sign-in: its SHA-256, which opens nothing."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def view(recording_id: uuid.UUID, purpose: str, session: str, *, by: Actor) -> Viewing:
    """Begin a viewing for a purpose (a code of Viewing.Purpose). An open viewing of the same person is ended first.

    `session` is the `session_mark` of the sign-in; the viewing lives no longer than that.
    """
    if purpose not in Viewing.Purpose.values:
        raise Invalid("Say for what you open the recording.", field="purpose")
    for earlier in Viewing.objects.filter(recording=recording_id, member=by.member_id, ended=None):
        _ended_by_now(earlier.pk, "opened again", by)
    with change(events.VIEWING_BEGUN, by=by) as entry:
        recording = doors.recording(by, recording_id, "open", lock=True)
        if recording.status == Recording.Status.ERASED or is_going(recording.pk):
            raise Gone("The bytes of this recording were erased under a rule; its certificate says which.")
        if recording.status != Recording.Status.SEALED:
            raise WrongState("Only a sealed recording can be viewed.")
        viewing = Viewing(
            recording=recording,
            member_id=by.person,
            purpose=purpose,
            session=session,
            begun=clock.now(),
        )
        viewing.save(force_insert=True)
        Meter.objects.create(viewing=viewing.pk, seen_at=viewing.begun)
        entry.about(recording, viewing, viewing_id=viewing.pk, purpose=purpose)
        ground = reasons.ground(by, recording)
        cited, grant = ground.cited, ground.grant
        entry.about(
            access=ground.access,
            rule=cited.rule.id if cited else None,
            version_id=cited.version_id if cited else None,
            grant_id=grant.pk if grant else None,
            linked=ground.linked or None,
        )
    return viewing


def view_together(
    recording_ids: Sequence[uuid.UUID], purpose: str, session: str, *, by: Actor
) -> list[Viewing]:
    """Begin a viewing of each of up to four recordings, for one purpose: all of them or none, an entry for each.

    Raises Invalid for none or too many, and as `view`.
    """
    chosen = list(dict.fromkeys(recording_ids))
    if not 1 <= len(chosen) <= timeline.AT_ONCE:
        words = _("Choose between one and {n} recordings.")
        raise Invalid(words.format(n=timeline.AT_ONCE), field="r")
    with transaction.atomic():
        # In the order of their keys, so that two who open the same ones wait for one another.
        return [view(pk, purpose, session, by=by) for pk in sorted(chosen)]


def end_viewing(viewing_id: uuid.UUID, why: str, *, by: Actor) -> bool:
    """End a viewing with what was played and sent; raises WrongState when it had ended already."""
    with change(events.VIEWING_ENDED, by=by) as entry:
        viewing = (
            Viewing.objects.select_for_update(of=("self",)).select_related("recording").get(pk=viewing_id)
        )
        if viewing.ended:
            raise WrongState("This viewing has ended.")
        # Taken away under its lock: whatever would still be counted finds no meter, and is refused.
        meter = Meter.objects.select_for_update().filter(viewing=viewing.pk).first()
        viewing.ended = clock.now()
        viewing.played_ms, viewing.bytes_sent = (meter.played_ms, meter.bytes_sent) if meter else (0, 0)
        viewing.save(update_fields=["ended", "played_ms", "bytes_sent"])
        Meter.objects.filter(viewing=viewing.pk).delete()
        entry.about(
            viewing.recording,
            viewing,
            viewing_id=viewing.pk,
            played_ms=viewing.played_ms,
            bytes_sent=viewing.bytes_sent,
            why=why,
        )
    return True


def beat(viewing: Viewing, played_ms: int) -> None:
    """The page of an open viewing says that it is still there, and how much was really played. Writes no entry."""
    played = max(0, min(played_ms, int((clock.now() - viewing.begun).total_seconds() * 4000)))
    Meter.objects.filter(viewing=viewing.pk).update(played_ms=played, seen_at=clock.now())


def count_bytes(viewing_id: uuid.UUID, count: int) -> bool:
    """Charge bytes to the meter of a viewing, or give some back; False, with nothing counted, once it has ended.

    Writes no entry, and does not wait for the disk: a meter is no history, and `end_viewing` waits.
    """
    with connection.cursor() as cursor:
        # One round trip: a stream asks this between two steps.
        cursor.execute(CHARGE, [count, clock.now(), viewing_id])
        charged: int = cursor.rowcount
    return charged == 1


def end_left_viewings() -> int:
    """End every viewing whose page was left without a word; the job that runs this acts by itself."""
    by = actors.system("evidence.end_viewings")
    left = Meter.objects.filter(seen_at__lt=clock.now() - LEFT_AFTER).values("viewing")
    ended = 0
    for pk in list(Viewing.objects.filter(ended=None, pk__in=left).values_list("pk", flat=True)):
        ended += _ended_by_now(pk, "left", by)
    return ended


def end_viewings_of(member_id: uuid.UUID, why: str, *, by: Actor) -> int:
    """End every open viewing of a member, as at sign-out or when the member leaves."""
    open_now = list(Viewing.objects.filter(member=member_id, ended=None).values_list("pk", flat=True))
    return sum(_ended_by_now(pk, why, by) for pk in open_now)


def end_locked_viewings(*, by: Actor) -> int:
    """End every open viewing of what its viewer is locked out of; the door has let nothing through since."""
    ended = 0
    for each in Viewing.objects.filter(ended=None).order_by("begun"):
        viewer = actors.member(each.member_id, department.roles_today(each.member_id))
        if doors.is_locked_out(viewer, each.recording_id):
            ended += _ended_by_now(each.pk, "locked out", by)
    return ended


def end_closed_viewings_of(member_id: uuid.UUID, *, by: Actor) -> int:
    """End the open viewings of a member to which they have lost the right, as when a grant ends."""
    viewer = actors.member(member_id, department.roles_today(member_id))
    rows = Viewing.objects.filter(member=member_id, ended=None).values_list("pk", "recording")
    lost = [pk for pk, recording_id in rows if not doors.may(viewer, recording_id, "open")]
    return sum(_ended_by_now(pk, "grant ended", by) for pk in lost)


def _ended_by_now(pk: uuid.UUID, why: str, by: Actor) -> bool:
    try:
        return end_viewing(pk, why, by=by)
    except WrongState:
        return False
