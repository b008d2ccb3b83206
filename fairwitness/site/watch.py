"""Watching over the system itself: one list of what is wrong, from which health, alarms and the home page are made."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fairwitness.department import acts
from fairwitness.department import doors as department
from fairwitness.kernel import actors, clock, jobs, outcomes
from fairwitness.kernel.faults import Fault
from fairwitness.publiclog import health

BY = actors.system("site.watch")
# A job that lies with a dead worker for longer than this has not been given to another.
GIVEN_AWAY_WITHIN = dt.timedelta(minutes=5)
# What the clock should have left by then and nobody did.
LATE = dt.timedelta(minutes=10)
# A fault that lasts for less than this may be the system being started; one that lasts longer is told.
LASTS = dt.timedelta(seconds=50)


def faults() -> list[Fault]:
    """What is wrong now; empty where all is well. A database that does not answer is the only fault then."""
    try:
        return [fault for look in LOOKS for fault in look()]
    except DatabaseError:
        return [Fault("database", _("The database does not answer."))]


def _publisher() -> Iterator[Fault]:
    yield from health.health().faults


def _worker() -> Iterator[Fault]:
    last = jobs.heartbeat()
    if last is None:
        yield Fault("jobs.worker", _("No worker is running."))
    elif (silent := dt.datetime.now(dt.UTC) - last) > jobs.DEAD_AFTER:
        said = _("No worker is running; the last one fell silent {span} ago.")
        yield Fault("jobs.worker", said.format(span=clock.in_words(silent)))


def _jobs() -> Iterator[Fault]:
    if failed := jobs.failed_for_good():
        said = ngettext(
            "{n} job failed and is not tried again by itself.",
            "{n} jobs failed and are not tried again by themselves.",
            failed,
        )
        yield Fault("jobs.failed", said.format(n=failed))
    if left := jobs.left_with_the_dead(GIVEN_AWAY_WITHIN):
        said = ngettext(
            "{n} job lies with a worker that died.", "{n} jobs lie with a worker that died.", left
        )
        yield Fault("jobs.left", said.format(n=left))


def _periodic() -> Iterator[Fault]:
    """What the clock leaves, and whose last run failed: the nightly check of the log among them."""
    last = outcomes.last_of_each()
    for each in jobs.periodic():
        if (run := last.get(each.task)) and run.last_error:
            said = _("{job} did not succeed: {why}")
            words = said.format(job=jobs.kind_of(each.task).words, why=run.last_error)
            yield Fault(
                "jobs.periodic", words, key=each.task, in_public=_("A job of the clock did not succeed.")
            )


def _disk() -> Iterator[Fault]:
    space = shutil.disk_usage(settings.FAIRWITNESS_HOME)
    if space.free < settings.FAIRWITNESS_DISK_LOW:
        said = _("The disk of the home folder has {free} GiB left of {whole} GiB.")
        yield Fault(
            "disk.low", said.format(free=round(space.free / 2**30, 1), whole=round(space.total / 2**30))
        )


def _sign_ins() -> Iterator[Fault]:
    count = department.failed_sign_ins(clock.now() - dt.timedelta(minutes=15))
    if count >= settings.FAIRWITNESS_FAILED_SIGN_INS:
        said = _("{n} sign-ins failed within 15 minutes.")
        yield Fault("sign_in.failures", said.format(n=count))


def _mail() -> Iterator[Fault]:
    late = department.unsent() if settings.FAIRWITNESS_MAIL else None
    if late is not None and (oldest := late.first()):
        said = ngettext(
            "{n} notice could not be told of by mail; the oldest for {span}.",
            "{n} notices could not be told of by mail; the oldest for {span}.",
            count := late.count(),
        )
        yield Fault("mail.unsent", said.format(n=count, span=clock.in_words(clock.now() - oldest.at)))


def _others() -> Iterator[Fault]:
    """Alarms that another room raised about the system as a whole: by their codes, because anyone may ask for health."""
    for code in sorted({code for code, _key in department.open_alarms(OF_OTHERS)}):
        yield Fault(code, _("An alarm is open: {code}.").format(code=code))


# Every look that is taken, in the order in which what is wrong is said.
LOOKS: tuple[Callable[[], Iterator[Fault]], ...] = (
    _publisher,
    _worker,
    _jobs,
    _periodic,
    _disk,
    _sign_ins,
    _mail,
    _others,
)
# Alarms of other rooms that mean that the system is not well; a dock that fell silent is not one.
OF_OTHERS = (
    *("storage.damage", "storage.unreachable", "storage.lost", "storage.absent", "storage.behind"),
    *("uploads.no_room", "uploads.room_promised"),
)
# The kinds of fault that are raised and ended here; alarms of other rooms are theirs to end.
CODES = {
    *("publiclog.damage", "publiclog.behind", "publiclog.silent", "publiclog.failed", "publiclog.unsigned"),
    *("jobs.worker", "jobs.failed", "jobs.left", "jobs.periodic"),
    *("disk.low", "sign_in.failures", "mail.unsent"),
}


# Where somebody who is told of a fault looks next.
LINKS = {
    "jobs.worker": reverse_lazy("jobs"),
    "jobs.failed": reverse_lazy("jobs"),
    "jobs.left": reverse_lazy("jobs"),
    "jobs.periodic": reverse_lazy("jobs"),
    "mail.unsent": reverse_lazy("mail"),
}


class Watch:
    """One process's watch: raises an alarm for what it saw twice, ends those whose fault is over."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str], dt.datetime] = {}

    def look(self) -> None:
        """Look once; to be called about every minute. Raises DatabaseError where nothing can be told."""
        now, found = (
            clock.now(),
            {(fault.code, fault.key): fault for fault in faults() if fault.code in CODES},
        )
        self._since = {name: self._since.get(name, now) for name in found}
        for name, fault in found.items():
            if now - self._since[name] >= LASTS:
                acts.raise_alarm(
                    fault.code, fault.sentence, key=fault.key, link=str(LINKS.get(fault.code, "")), by=BY
                )
        for code, key in department.open_alarms(CODES) - found.keys():
            acts.end_alarm(code, key=key, by=BY)
