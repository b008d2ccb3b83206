"""Work left for later, enqueued in the same transaction as the change that leaves it; and the doors to what was left."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import croniter
from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob, ProcrastinateWorker

from fairwitness.kernel import clock
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import NotFound, WrongState

# A worker says every ten seconds that it is there; after so long a silence its jobs are given to another.
DEAD_AFTER = dt.timedelta(seconds=60)
STATES = {
    "doing": gettext_lazy("Runs"),
    "todo": gettext_lazy("Waits"),
    "failed": gettext_lazy("Failed"),
    "cancelled": gettext_lazy("Cancelled"),
}


@dataclass(frozen=True)
class Kind:
    """A kind of job for people: its name, and what it means to cancel one. Without that it cannot be cancelled."""

    words: str | Promise
    cancelled: str | Promise = ""


# The kinds by the name of their job, and the names alone for histories: filled by `kind`, from site/jobs.py alone.
KINDS: dict[str, Kind] = {}
WORDS: dict[str, str | Promise] = {}


def kind(name: str, words: str | Promise, cancelled: str | Promise = "") -> None:
    """Say what the jobs called `name` are for people."""
    KINDS[name], WORDS[name] = Kind(words, cancelled), words


def kind_of(name: str) -> Kind:
    """What the jobs called `name` are; by its bare name where nobody said."""
    return KINDS.get(name) or Kind(name)


def enqueue(
    name: str, *, queue: str = "media", not_before: dt.datetime | None = None, once: bool = False, **args: str
) -> None:
    """Leave job `name` (one of the table in site/jobs.py) for a worker; a rolled-back change leaves no job.

    With `not_before` no worker takes it earlier than that. With `once` none is left where the same still waits.
    """
    require_change("leaving a job")
    if once and _still_waits(name, args):
        return
    app.configure_task(name=name, queue=queue, schedule_at=not_before, allow_unknown=True).defer(**args)


def _still_waits(name: str, args: Mapping[str, str]) -> bool:
    """Whether the same job waits for a worker now, locked: none takes it before the open change ends, and sees it all.

    One that another change has locked, or that waits for its next try, does not count: one too many does no harm.
    """
    rows = ProcrastinateJob.objects.select_for_update(skip_locked=True, of=("self",))
    waits = Q(scheduled_at=None) | Q(scheduled_at__lte=clock.now())
    return rows.filter(waits, task_name=name, status="todo", args=dict(args)).first() is not None


def jobs(*, state: str = "", task: str = "") -> Any:
    """The jobs that are still known, latest first; `since` is when each came into its state.

    What was done is gone. What the clock leaves by itself each minute is shown as periodic, not here.
    """
    events = ProcrastinateEvent.objects.filter(job=OuterRef("pk"), at__isnull=False).order_by("-pk")
    found = ProcrastinateJob.objects.filter(status__in=STATES).exclude(
        task_name__in=by_the_clock(), status="todo"
    )
    if state:
        found = found.filter(status=state)
    if task:
        found = found.filter(task_name=task)
    return found.annotate(since=Subquery(events.values("at")[:1])).select_related("worker").order_by("-pk")


def find(pk: int) -> ProcrastinateJob:
    """A job that is still known. Raises NotFound: what was done is gone."""
    found: ProcrastinateJob | None = jobs().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such job any more: it was done, or is gone."))
    return found


def left_alone(job: ProcrastinateJob) -> bool:
    """Whether the worker that runs it has been silent for so long that it is dead."""
    silent = job.worker is None or job.worker.last_heartbeat < dt.datetime.now(dt.UTC) - DEAD_AFTER
    return job.status == "doing" and silent


def subject_of(pk: int) -> uuid.UUID:
    """A job's number as the ledger names subjects."""
    return uuid.UUID(int=pk)


def locked(pk: int) -> ProcrastinateJob:
    """The job, locked until the change ends. Raises NotFound."""
    require_change("locking a job")
    if ProcrastinateJob.objects.select_for_update().filter(pk=pk).first() is None:
        raise NotFound(_("There is no such job any more: it was done, or is gone."))
    return find(pk)


def check_again(job: ProcrastinateJob) -> None:
    """Raise WrongState unless the job can be tried again now: it failed, or waits for its next try."""
    if job.status == "doing":
        raise WrongState(_("It runs already."))
    if job.status == "cancelled":
        raise WrongState(_("It was cancelled. Ask anew where the work was asked for."))


def again(job: ProcrastinateJob) -> None:
    """Try it again now. In the open change; raises WrongState."""
    require_change("trying a job again")
    check_again(job)
    if job.status == "todo":
        # Waiting for its next try: cancelled and made anew, so that no worker can take both.
        app.job_manager.cancel_job_by_id(job.pk, delete_job=True)
        app.configure_task(name=job.task_name, queue=job.queue_name, allow_unknown=True).defer(**job.args)
    else:
        app.job_manager.retry_job_by_id(job.pk, retry_at=clock.now())


def check_cancel(job: ProcrastinateJob) -> None:
    """Raise WrongState unless the job may be cancelled: it waits or failed, and its kind can be left undone."""
    if not kind_of(job.task_name).cancelled:
        raise WrongState(_("This kind of job cannot be left undone."))
    if job.status == "doing":
        raise WrongState(_("It runs, and cannot be stopped half-way. It ends by itself."))
    if job.status == "cancelled":
        raise WrongState(_("It was cancelled already."))


def cancel(job: ProcrastinateJob) -> None:
    """Leave it undone for good. In the open change; raises WrongState."""
    require_change("cancelling a job")
    check_cancel(job)
    if job.status == "failed":
        # Only what waits can be cancelled; nobody sees it wait, because this transaction ends first.
        app.job_manager.retry_job_by_id(job.pk, retry_at=clock.now())
    app.job_manager.cancel_job_by_id(job.pk)


@dataclass(frozen=True)
class Waiting:
    """The jobs of one kind in one state: how many, and since when the oldest is there."""

    task: str
    state: str
    count: int
    oldest: dt.datetime | None


def counted() -> list[Waiting]:
    """What waits, runs and failed, kind by kind."""
    first = ProcrastinateEvent.objects.filter(job=OuterRef("pk"), at__isnull=False).order_by("pk")
    rows = ProcrastinateJob.objects.filter(status__in=STATES)
    rows = rows.annotate(left=Subquery(first.values("at")[:1])).values("task_name", "status")
    counts = rows.annotate(count=Count("pk"), oldest=Min("left")).order_by("task_name", "status")
    return [Waiting(r["task_name"], r["status"], r["count"], r["oldest"]) for r in counts]


def heartbeat() -> dt.datetime | None:
    """When a worker last said that it is there; None when none ever did."""
    return (
        ProcrastinateWorker.objects.order_by("-last_heartbeat")
        .values_list("last_heartbeat", flat=True)
        .first()
    )


@dataclass(frozen=True)
class Periodic:
    """A job that the clock leaves: when, in words, and when next."""

    task: str
    when: str
    next: dt.datetime


def periodic() -> list[Periodic]:
    """Everything that the clock leaves, by name. Times of day are UTC."""
    now = clock.now()
    return sorted(
        (
            Periodic(
                each.task.name, in_words(each.cron), croniter.croniter(each.cron, now).get_next(dt.datetime)
            )
            for each in app.periodic_registry.periodic_tasks.values()
        ),
        key=lambda each: each.task,
    )


def by_the_clock() -> set[str]:
    """The names of the jobs that the clock leaves by itself: one that failed is left again the next time."""
    return {each.task.name for each in app.periodic_registry.periodic_tasks.values()}


def in_words(cron: str) -> str:
    """A time of the clock in words: each minute, every so many minutes, each hour, once a day; else as it is written."""
    minute, hour, *rest = cron.split()
    if rest != ["*", "*", "*"]:
        return cron
    if (minute, hour) == ("*", "*"):
        return _("every minute")
    if hour == "*" and minute.startswith("*/") and minute[2:].isdecimal():
        return _("every {n} minutes").format(n=int(minute[2:]))
    if not minute.isdecimal():
        return cron
    if hour == "*":
        return (
            _("every hour, {n} minutes past").format(n=int(minute))
            if int(minute)
            else _("every hour, on the hour")
        )
    if hour.isdecimal():
        return _("every day at {time} UTC").format(time=f"{int(hour):02}:{int(minute):02}")
    return cron


def arguments(job: ProcrastinateJob) -> Mapping[str, Any]:
    """The keys that a job was given, by name."""
    return job.args if isinstance(job.args, dict) else {}


def failed_for_good() -> int:
    """How many jobs failed and will not be tried again by themselves; what the clock leaves comes again anyway."""
    return int(ProcrastinateJob.objects.filter(status="failed").exclude(task_name__in=by_the_clock()).count())


def left_with_the_dead(longer_than: dt.timedelta) -> int:
    """How many jobs have lain for so long with a worker that died."""
    then = dt.datetime.now(dt.UTC) - longer_than
    latest = ProcrastinateEvent.objects.filter(job=OuterRef("pk")).order_by("-pk").values("at")[:1]
    dead = Q(worker=None) | Q(worker__last_heartbeat__lt=then)
    rows = ProcrastinateJob.objects.filter(dead, status="doing").annotate(since=Subquery(latest))
    return int(rows.filter(since__lt=then).count())
