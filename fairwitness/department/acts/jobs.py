"""Acts on jobs: trying one again, and leaving one undone for good; what it works on has it in its own history."""

from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.department import doors, events
from fairwitness.kernel import history, jobs
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import OpenEntry, change
from fairwitness.kernel.refusals import WrongState


def try_job_again(*, job_id: int, by: Actor) -> None:
    """Try a job again now that failed or waits for its next try. Raises NotFound, WrongState."""
    with change(events.JOB_TRIED_AGAIN, by=by) as entry:
        doors.check_may(by, "try_job_again")
        job = jobs.locked(job_id)
        jobs.again(job)
        _about(entry, job)


def try_jobs_again(*, task: str, by: Actor) -> int:
    """Try every failed job of one kind again; how many they are. Raises WrongState where none failed."""
    with change(events.JOBS_TRIED_AGAIN, by=by) as entry:
        doors.check_may(by, "try_job_again")
        failed = [jobs.locked(pk) for pk in jobs.jobs(state="failed", task=task).values_list("pk", flat=True)]
        if not failed:
            raise WrongState("No job of this kind has failed any more.")
        for job in failed:
            jobs.again(job)
            entry.mention("kernel.job", jobs.subject_of(job.pk))
        entry.about(job=task, count=len(failed))
    return len(failed)


def cancel_job(*, job_id: int, by: Actor) -> None:
    """Leave a job undone that waits or failed. Raises NotFound, WrongState where it runs or must not be left undone."""
    with change(events.JOB_CANCELLED, by=by) as entry:
        doors.check_may(by, "cancel_job")
        job = jobs.locked(job_id)
        jobs.cancel(job)
        _about(entry, job)


def _about(entry: OpenEntry, job: ProcrastinateJob) -> None:
    """The entry is about the job, and about the things that it works on."""
    entry.mention("kernel.job", jobs.subject_of(job.pk))
    for name, value in jobs.arguments(job).items():
        key = history.as_id(value)
        if key and name in history.ID_FACTS:
            entry.mention(history.ID_FACTS[name], key)
    entry.about(job=job.task_name)
