"""Work that the clock starts: what is due comes into force, what this floor can count is measured."""

import logging
from contextlib import suppress

from fairwitness.department import doors as department
from fairwitness.kernel import actors, clock
from fairwitness.kernel.models import Entry, Outbox
from fairwitness.kernel.refusals import WrongState
from fairwitness.policy import acts
from fairwitness.policy.models import Version

log = logging.getLogger("fairwitness.policy")


def bring_due(timestamp: int) -> None:
    """Every five minutes: approved versions whose time has come, and to which nothing is missing, come into force.

    Of one that waits for what recordings carry is told, once.
    """
    due = Version.objects.filter(status=Version.Status.APPROVED, in_force_at__lte=clock.now())
    for pk in due.values_list("pk", flat=True):
        try:
            acts.bring_into_force(version_id=pk, by=actors.system("policy.bring_due"))
        except WrongState as refusal:
            log.info("A version waits: %s", refusal.sentence)
            with suppress(WrongState):
                acts.note_held_up(version_id=pk, by=actors.system("policy.bring_due"))


def measure(timestamp: int) -> None:
    """Every night: the figures of the department and of the public log."""
    by = actors.system("policy.measure")
    found = department.coverage(by).whole
    for measure, n in (("camera_coverage", found.equipped), ("trained", found.trained)):
        acts.report_figure(measure=measure, numerator=n, denominator=found.sworn, room="department", by=by)
    entries, waiting = Entry.objects.count(), Outbox.objects.count()
    acts.report_figure(
        measure="log_published", numerator=entries - waiting, denominator=entries, room="publiclog", by=by
    )
