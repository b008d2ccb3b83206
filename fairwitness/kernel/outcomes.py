"""What became of jobs: why one failed, in a plain sentence; how many were done in an hour and how long they took."""

import datetime as dt
import logging
import secrets
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from fairwitness.kernel import clock, jobs
from fairwitness.kernel.models import JobError, JobTally
from fairwitness.kernel.refusals import Refusal

log = logging.getLogger("fairwitness.jobs")
KEPT = dt.timedelta(days=7)

TALLY = """
INSERT INTO kernel_jobtally AS t (task, hour, done, failed, seconds, longest, last_at, last_error)
VALUES (%(task)s, date_trunc('hour', %(at)s::timestamptz, 'UTC'), %(done)s, %(failed)s, %(seconds)s, %(seconds)s,
        %(at)s, %(error)s)
ON CONFLICT (task, hour) DO UPDATE SET
  done = t.done + excluded.done, failed = t.failed + excluded.failed, seconds = t.seconds + excluded.seconds,
  longest = greatest(t.longest, excluded.longest), last_at = excluded.last_at, last_error = excluded.last_error
"""


OUTDATED = """
DELETE FROM procrastinate_jobs j WHERE j.status = 'failed' AND j.task_name = ANY(%s)
  AND NOT EXISTS (SELECT 1 FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > now() - interval '1 day')
"""


def note_done(job_id: int, task: str, seconds: float) -> None:
    """Note that a job was done; what was said of earlier tries goes with it."""
    JobError.objects.filter(pk=job_id).delete()
    _tally(task, seconds, "")


def note_failed(job_id: int, task: str, seconds: float, error: BaseException) -> None:
    """Note why a job failed: by the sentence of a refusal, or by a reference under which the log says more."""
    reference = "" if isinstance(error, Refusal) else new_reference()
    if reference:
        log.error("A job failed", exc_info=error, extra={"reference": reference, "task": task, "job": job_id})
    sentence = error.sentence if isinstance(error, Refusal) else _("Something unforeseen happened.")
    note_why(job_id, task, sentence, reference)
    _tally(task, seconds, sentence)


def note_why(job_id: int, task: str, sentence: str, reference: str = "") -> None:
    """Keep why a job failed, in place of why it failed before."""
    JobError.objects.update_or_create(
        job_id=job_id,
        defaults={"task": task, "at": clock.now(), "sentence": sentence[:500], "reference": reference},
    )


def new_reference() -> str:
    """A number to quote: short enough to be read out, found in the server's log."""
    return secrets.token_hex(5)


def _tally(task: str, seconds: float, error: str) -> None:
    with connection.cursor() as cursor:
        counts = {"done": int(not error), "failed": int(bool(error)), "seconds": seconds}
        cursor.execute(TALLY, {"task": task, "at": clock.now(), "error": error[:500], **counts})


def why(job_ids: list[int]) -> dict[int, JobError]:
    """Why each of these jobs failed the last time; those that never did are left out."""
    return JobError.objects.in_bulk(job_ids)


@dataclass(frozen=True)
class Lately:
    """The jobs of one kind in the last day: how many, the mean and the longest time in seconds, the last one's end."""

    task: str
    done: int
    failed: int
    mean: float
    longest: float
    last_at: dt.datetime


def lately() -> list[Lately]:
    """What was done within a day, kind by kind, most often first."""
    rows = JobTally.objects.filter(hour__gt=clock.now() - dt.timedelta(days=1)).values("task")
    sums = rows.annotate(
        all_done=Sum("done"),
        all_failed=Sum("failed"),
        whole=Sum("seconds"),
        most=Max("longest"),
        last=Max("last_at"),
    )
    return [
        Lately(
            r["task"],
            r["all_done"],
            r["all_failed"],
            r["whole"] / max(1, r["all_done"] + r["all_failed"]),
            r["most"],
            r["last"],
        )
        for r in sums.order_by("-all_done", "task")
    ]


def last_of_each() -> dict[str, JobTally]:
    """How the last job of each kind ended, as far as is kept."""
    return {row.task: row for row in JobTally.objects.order_by("task", "-hour").distinct("task")}


def sweep() -> None:
    """Figures of more than a week go; so do failed jobs that the clock has left anew since, and why they failed."""
    JobTally.objects.filter(hour__lt=clock.now() - KEPT).delete()
    with connection.cursor() as cursor:
        cursor.execute(OUTDATED, [list(jobs.by_the_clock())])
        cursor.execute(
            "DELETE FROM kernel_joberror e WHERE NOT EXISTS (SELECT 1 FROM procrastinate_jobs j WHERE j.id = e.job_id)"
        )
