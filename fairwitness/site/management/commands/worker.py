"""`fairwitness worker`: do the jobs that changes left, until stopped."""

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from fairwitness.site.jobs import QUEUES, noted, noted_async


class Command(BaseCommand):
    help = "Run jobs. Any number of workers, on any number of machines, may run side by side."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--concurrency", type=int, default=2, help="recordings read at a time (default 2)"
        )
        parser.add_argument("--once", action="store_true", help="do what waits, then end")
        parser.add_argument("--again", action="store_true", help="first, try anew what failed for good")

    def handle(self, *args: Any, **options: Any) -> None:
        connector: DjangoConnector = app.connector  # type: ignore[assignment]
        own = app.with_connector(connector.get_worker_connector())
        asyncio.run(_work(own, options["concurrency"], wait=not options["once"], again=options["again"]))


async def _work(own: App, concurrency: int, *, wait: bool, again: bool) -> None:
    """One worker a queue; a stop, or the end of one of them, lets all finish what they are doing and end."""
    async with own.open_async():
        if again:
            for job in await own.job_manager.list_jobs_async(status="failed"):
                await own.job_manager.retry_job(job)
        workers = [
            asyncio.create_task(
                own.run_worker_async(
                    queues=[queue],
                    concurrency=places or concurrency,
                    wait=wait,
                    listen_notify=wait,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    task_middleware=[noted, noted_async],
                )
            )
            for queue, places in QUEUES.items()
        ]
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await _until(stop, workers, all_of_them=not wait)


async def _until(stop: asyncio.Event, workers: list[asyncio.Task[None]], *, all_of_them: bool) -> None:
    stopped = asyncio.create_task(stop.wait())
    running = set(workers)
    while running and not stopped.done():
        done, _rest = await asyncio.wait({stopped, *running}, return_when=asyncio.FIRST_COMPLETED)
        running -= done
        if len(running) < len(workers) and not all_of_them:
            break
    asked = stopped.done()
    for task in (stopped, *running):
        task.cancel()
    ends = await asyncio.gather(*workers, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end
    if not asked and not all_of_them:
        raise SystemExit("A worker ended by itself.")
