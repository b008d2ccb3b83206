"""Work left for later, enqueued in the same transaction as the change that leaves it."""

from procrastinate.contrib.django import app

from fairwitness.kernel.models import require_change


def enqueue(name: str, *, queue: str = "media", **args: str) -> None:
    """Leave job `name` (one of the table in site/jobs.py) for a worker; a rolled-back change leaves no job."""
    require_change("leaving a job")
    app.configure_task(name=name, queue=queue, allow_unknown=True).defer(**args)
