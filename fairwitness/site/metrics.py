"""Figures for a collector, in Prometheus' text form, read through doors; nothing personal is in any label."""

import datetime as dt
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fairwitness.accounts.models import Token
from fairwitness.department import doors as department
from fairwitness.evidence import doors as evidence
from fairwitness.kernel import clock, jobs
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.refusals import Forbidden
from fairwitness.publiclog.publish import last_word
from fairwitness.publiclog.sequence import waiting
from fairwitness.site import watch
from fairwitness.site.requests import REGISTRY
from fairwitness.storage import doors as storage
from fairwitness.uploads.doors import incoming as uploads

log = logging.getLogger("fairwitness.metrics")
Values = Iterable[tuple[tuple[str, ...], float]]
LOOPBACK = {"127.0.0.1", "::1"}
# Headers by which a proxy says that it asks for somebody else.
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_VIA")


@dataclass(frozen=True)
class Figure:
    """A figure: its name, what it counts, its labels, and how it is read: label values with the figure, a row each."""

    name: str
    counts: str
    read: Callable[[], Values]
    labels: tuple[str, ...] = ()


def _age(moment: dt.datetime | None) -> Iterator[tuple[tuple[str, ...], float]]:
    """How many seconds ago, where that is known."""
    if moment:
        yield (), (clock.now() - moment).total_seconds()


def _one(value: float) -> Values:
    return [((), value)]


def _publisher_ran() -> dt.datetime | None:
    at = last_word().get("at")
    return dt.datetime.fromisoformat(at) if at else None


def _oldest_jobs() -> Values:
    return [((j.task, j.state), (clock.now() - j.oldest).total_seconds()) for j in jobs.counted() if j.oldest]


def _pool() -> Values:
    pool = getattr(connection, "pool", None)
    stats = pool.get_stats() if pool else {}
    return [
        ((name,), stats[name])
        for name in ("pool_size", "pool_available", "requests_waiting")
        if name in stats
    ]


def _recordings() -> Values:
    return [((state,), count) for state, count, _bytes in evidence.amounts()]


def _bytes() -> Values:
    return [((state,), size) for state, _count, size in evidence.amounts()]


def _room() -> int:
    room = uploads.room()
    return room.free - room.promised - room.keep_free


def _free() -> Values:
    return _one(shutil.disk_usage(settings.FAIRWITNESS_HOME).free)


def _oldest_check() -> Values:
    return [((s.store.name,), (clock.now() - s.oldest).total_seconds()) for s in storage.held() if s.oldest]


# The one list of figures: a room's figure is one line.
FIGURES = (
    Figure("jobs", "Jobs by kind and state.", lambda: [((j.task, j.state), j.count) for j in jobs.counted()],
           ("kind", "state")),
    Figure("job_oldest_seconds", "Age of the oldest job.", _oldest_jobs, ("kind", "state")),
    Figure("worker_silent_seconds", "Since a worker was last heard.", lambda: _age(jobs.heartbeat())),
    Figure("publisher_silent_seconds", "Since the public log's last round.", lambda: _age(_publisher_ran())),
    Figure("log_waiting_entries", "Entries not yet published.", lambda: _one(waiting()[0])),
    Figure("log_oldest_seconds", "Age of the oldest of them.", lambda: _one(waiting()[1].total_seconds())),
    Figure("disk_free_bytes", "Free on the home's disk.", _free),
    Figure("recordings", "Recordings by state.", _recordings, ("state",)),
    Figure("recording_bytes", "Bytes of recordings by state.", _bytes, ("state",)),
    Figure("store_copies", "Good copies.", lambda: [((s.store.name,), s.copies) for s in storage.held()], ("store",)),
    Figure("store_damaged", "Copies that are not good.", lambda: [((s.store.name,), s.not_good) for s in storage.held()],
           ("store",)),
    Figure("store_oldest_check_seconds", "Since the copy longest unread was read.", _oldest_check, ("store",)),
    Figure("upload_room_bytes", "Room for uploads, less what is promised.", lambda: _one(_room())),
    Figure("viewings_open", "Viewings that are open now.", lambda: _one(evidence.open_viewings())),
    Figure("notices_unsent", "Notices that mail should have told of.", lambda: _one(department.unsent().count())),
    Figure("faults", "What is wrong, as /healthz says it.", lambda: _one(len(watch.faults()))),
    Figure("database_pool", "Places in the database.", _pool, ("what",)),
)  # fmt: skip


class Figures(Collector):
    """Reads every figure when it is asked for; one that cannot be read is left out, and the log says so."""

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        for figure in FIGURES:
            family = GaugeMetricFamily(f"fairwitness_{figure.name}", figure.counts, labels=figure.labels)
            try:
                for labels, value in figure.read():
                    family.add_metric(labels, float(value))
            except Exception as error:
                log.error("A figure could not be read: %s", figure.name, exc_info=error)
            yield family


REGISTRY.register(Figures())
ProcessCollector(registry=REGISTRY)


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Every figure, for a collector on this machine, or one that shows a token for it."""
    if not (Token.Scope.METRICS in actor_of(request).scopes or _from_here(request, actor_of(request))):
        raise Forbidden(_("Figures are read on the machine itself, or with a token that may read them."))
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _from_here(request: HttpRequest, actor: Actor) -> bool:
    """Whether a program on this machine asks for itself. A proxy on it, which asks for others, says that it does."""
    asked = request.get_host().rpartition(":")[0] or request.get_host()
    here = request.META.get("REMOTE_ADDR") in LOOPBACK and asked.strip("[]") in {*LOOPBACK, "localhost"}
    return here and actor.token_id is None and not any(name in request.META for name in FORWARDED)
