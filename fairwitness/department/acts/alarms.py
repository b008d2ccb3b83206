"""Alarms: what is wrong with the system itself is told to those who keep it, once until it is over (CJIS AU-5)."""

import uuid

from django.db import IntegrityError
from django.urls import reverse

from fairwitness.department import doors, events
from fairwitness.department.models import Alarm
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.notices import notify
from fairwitness.kernel.roles import Role

# Who keeps the system running, and so is told.
KEEPERS = (Role.ACCOUNT_ADMINISTRATOR, Role.BWC_UNIT)


def raise_alarm(code: str, sentence: str, *, key: str = "", link: str = "", by: Actor) -> Alarm:
    """Raise the alarm `code` (such as `storage.damage`) about `key`; one that is open already is answered, unchanged.

    `code` and `key` stand in the ledger: they name kinds and stores, never people. `sentence` is what people read.
    """
    same = Alarm.objects.filter(code=code, key=key, ended_at=None)
    if found := same.first():
        return found
    try:
        with change(events.ALARM_RAISED, by=by) as entry:
            alarm = Alarm(code=code, key=key, sentence=sentence[:500], link=link, raised_at=clock.now())
            alarm.save(force_insert=True)
            # The code may leave the house in a mail; the sentence may not: it may number a recording.
            notify(
                keepers(),
                alarm.sentence,
                link or reverse("alarm", args=[alarm.pk]),
                urgent=True,
                outside=code,
            )
            entry.about(alarm, alarm_id=alarm.pk, code=code, key=key)
    except IntegrityError:
        # Another process saw the same and was quicker.
        return same.get()
    return alarm


def end_alarm(code: str, *, key: str = "", by: Actor) -> Alarm | None:
    """The open alarm `code` about `key` is over; None, and nothing written, where none is open."""
    if not Alarm.objects.filter(code=code, key=key, ended_at=None).exists():
        return None
    with change(events.ALARM_ENDED, by=by) as entry:
        alarm = Alarm.objects.select_for_update().get(code=code, key=key, ended_at=None)
        alarm.ended_at = clock.now()
        alarm.save(update_fields=["ended_at"])
        entry.about(alarm, alarm_id=alarm.pk, code=code, key=key)
    return alarm


def keepers() -> set[uuid.UUID]:
    """Those who are told of alarms."""
    return {member.pk for role in KEEPERS for member in doors.members_holding(role)}
