"""The table of jobs: every name that a change may leave work under, and the function that does it."""

import datetime as dt

from django.db import connection
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from fairwitness.evidence import jobs as evidence
from fairwitness.uploads import jobs as uploads

# The queues, each with how many of its jobs a worker does at a time (None: as the operator says). What the clock
# does has a place of its own, so that no long reading of media keeps it waiting.
QUEUES = {"media": None, "clock": 1}
# What failed because a store or the database was away is tried again, ever more slowly, for about a day.
AGAIN = RetryStrategy(max_attempts=12, exponential_wait=3)
# A job whose workers died over it so many times is given up: it may be what kills them.
MOST_DEATHS = 5
# A worker says every ten seconds that it is there; after so long a silence its jobs are given to another.
DEAD_AFTER = dt.timedelta(seconds=60)
# A job that lies with a dead worker for longer than this has not been given to another.
GIVEN_AWAY_WITHIN = dt.timedelta(minutes=5)

app.task(name="evidence.derive", queue="media", retry=AGAIN)(evidence.derive)
app.periodic(cron="* * * * *")(app.task(name="evidence.end_viewings", queue="clock")(evidence.end_viewings))
app.periodic(cron="*/5 * * * *")(app.task(name="uploads.watch_docks", queue="clock")(uploads.watch_docks))


@app.task(name="evidence.probe", queue="media", retry=AGAIN, pass_context=True)
def probe(context: JobContext, recording_id: str) -> None:
    """The same, told how often it was tried."""
    evidence.probe(recording_id, tried=context.job.attempts)


@app.periodic(cron="* * * * *")
@app.task(name="site.give_away", queue="clock", pass_context=True)
async def give_away(context: JobContext, timestamp: int) -> None:
    """Every minute: the jobs of workers that died are done by others."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER.total_seconds()):
        try:
            if job.attempts < MOST_DEATHS:
                await manager.retry_job(job)
            else:
                await manager.finish_job(job, Status.FAILED, delete_job=False)
        except ConnectorException:
            continue  # its worker, or another one's clock, was quicker


def faults() -> list[str]:
    """What is wrong with the jobs, in sentences: given up for good, or left with a worker that died."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE job.status = 'failed' AND (job.queue_name <> 'clock' OR latest.at > recent)),
                   count(*) FILTER (WHERE job.status = 'doing' AND latest.at < recent
                                    AND (worker.id IS NULL OR worker.last_heartbeat < recent))
            FROM procrastinate_jobs job
            CROSS JOIN LATERAL (SELECT now() - make_interval(secs => %s) AS recent) then_
            CROSS JOIN LATERAL (SELECT max(at) AS at FROM procrastinate_events WHERE job_id = job.id) latest
            LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
            WHERE job.status IN ('failed', 'doing')
            """,
            [GIVEN_AWAY_WITHIN.total_seconds()],
        )
        failed, left = cursor.fetchone()
    said = [f"{failed} jobs failed for good: `fairwitness worker --again` tries them anew."] if failed else []
    return said + ([f"{left} jobs lie with a worker that died."] if left else [])
