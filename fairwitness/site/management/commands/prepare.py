"""`fairwitness prepare`: bring the database to this version as its owner, and set the locks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from fairwitness.kernel import actors, locks, profiles
from fairwitness.kernel.agency import agency, claim_home
from fairwitness.policy import acts as policy
from fairwitness.policy.models import Book

# Which of PostgreSQL's advisory locks this is: "prepare".
LOCK = 0x70726570617265


class Command(BaseCommand):
    help = "Migrate as the owner, then put triggers on every record table and give the service its rights."

    def add_arguments(self, parser: CommandParser) -> None:
        """A book may be brought in later: by the same command without this."""
        parser.add_argument("--without-book", action="store_true", help="leave the policy book as it is")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["without_book"]:
            # Before anything is written: a profile that cannot be used is refused with file, line and field.
            profiles.read(agency().key, "policy", Book)
        claim_home(settings.FAIRWITNESS_HOME, agency().key)
        with _alone():
            self._prepare(options)

    def _prepare(self, options: dict[str, Any]) -> None:
        call_command("migrate", database="owner", interactive=False, verbosity=options["verbosity"] - 1)
        locks.install(owner="owner", service_role=settings.DATABASES["default"]["USER"])
        faults = locks.missing()
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise SystemExit(1)
        self.stdout.write("The database is ready; all three locks stand.")
        if not options["without_book"]:
            self._adopt()

    def _adopt(self) -> None:
        taken, drafts = policy.adopt_book(by=actors.system("policy.adopt"))
        if taken:
            self.stdout.write(f"{len(taken)} documents of the policy book came into force, from the profile.")
        for draft in drafts:
            self.stdout.write(
                f"{draft.document.number}: what the profile changed waits as version {draft.n}."
            )


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time in a database: whoever comes second waits, and finds it done. Killed, it lets go by itself."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
