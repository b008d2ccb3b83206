"""`fairwitness site`: serve the pages with granian."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

# Evidence is served by WSGI, whose bodies are pulled by the reader: a slow viewer keeps a thread, and no memory.
# Threads wait on sockets nearly all of the time; this many let a hundred slow viewers leave room for pages.
THREADS = 192
# What is read of an upload at once: larger steps cost less, and each connection may hold so much.
BUFFER = 2**20


class Command(BaseCommand):
    help = "Serve the site on PORT (default 8000)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("FAIRWITNESS_BIND", "127.0.0.1"))

    def handle(self, *args: Any, **options: Any) -> None:
        Granian(
            "fairwitness.site.wsgi:application",
            address=options["host"],
            port=settings.PORT,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=THREADS,
            backpressure=1024,
            http1_settings=HTTP1Settings(max_buffer_size=BUFFER),
            log_access=False,
            log_level=LogLevels.error,
        ).serve()
