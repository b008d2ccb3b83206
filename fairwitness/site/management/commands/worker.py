"""`fairwitness worker`: do the jobs that changes left, until stopped."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector


class Command(BaseCommand):
    help = "Run jobs. Any number of workers, on any number of machines, may run side by side."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="jobs at a time (default 2)")
        parser.add_argument("--once", action="store_true", help="do what waits, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        connector: DjangoConnector = app.connector  # type: ignore[assignment]
        own = app.with_connector(connector.get_worker_connector())
        asyncio.run(_work(own, options["concurrency"], wait=not options["once"]))


async def _work(own: App, concurrency: int, *, wait: bool) -> None:
    async with own.open_async():
        await own.run_worker_async(
            concurrency=concurrency, wait=wait, listen_notify=wait, install_signal_handlers=wait
        )
