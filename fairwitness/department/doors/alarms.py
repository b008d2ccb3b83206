"""The doors to alarms, and to what they are raised about."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from fairwitness.department import events
from fairwitness.department.doors.reach import check_may, may
from fairwitness.department.models import Alarm
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import Entry
from fairwitness.kernel.one import one


def alarms_for(actor: Actor) -> QuerySet[Alarm]:
    """Every alarm, open and past. Raises Forbidden."""
    check_may(actor, "see_system")
    return Alarm.objects.all()


def alarm_for(actor: Actor, pk: uuid.UUID) -> Alarm:
    """One of them. Raises Forbidden or NotFound."""
    return one(alarms_for(actor), pk)


def open_alarms(codes: Iterable[str]) -> set[tuple[str, str]]:
    """Code and key of every alarm that is open, among `codes`."""
    return set(Alarm.objects.filter(ended_at=None, code__in=list(codes)).values_list("code", "key"))


def open_alarms_for(actor: Actor) -> QuerySet[Alarm]:
    """The open alarms, oldest first, for those who keep the system or look over it; nothing for others."""
    found = Alarm.objects.filter(ended_at=None).order_by("raised_at")
    return found if may(actor, "see_system") else found.none()


def alarm_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Alarms by what they said."""
    return {
        pk: sentence.rstrip(".")
        for pk, sentence in Alarm.objects.filter(pk__in=ids).values_list("pk", "sentence")
    }


def failed_sign_ins(since: dt.datetime) -> int:
    """How many sign-ins failed since then, whoever's."""
    return Entry.objects.filter(event=events.SIGN_IN_FAILED.name, at__gte=since).count()
