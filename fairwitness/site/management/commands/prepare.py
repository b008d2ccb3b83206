"""`fairwitness prepare`: bring the database to this version as its owner, and set the locks."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from fairwitness.kernel import locks
from fairwitness.kernel.agency import agency, claim_home


class Command(BaseCommand):
    help = "Migrate as the owner, then put triggers on every record table and give the service its rights."

    def handle(self, *args: Any, **options: Any) -> None:
        claim_home(settings.FAIRWITNESS_HOME, agency().key)
        call_command("migrate", database="owner", interactive=False, verbosity=options["verbosity"] - 1)
        locks.install(owner="owner", service_role=settings.DATABASES["default"]["USER"])
        faults = locks.missing()
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise SystemExit(1)
        self.stdout.write("The database is ready; all three locks stand.")
