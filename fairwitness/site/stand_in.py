"""Who watches when no worker runs: a thread of the site, which then raises the alarm and sends its mail itself."""

import logging
import threading
import time

from django.db import close_old_connections, connection

from fairwitness.department import doors as department
from fairwitness.department import jobs as mail
from fairwitness.kernel.refusals import Refusal
from fairwitness.site import watch

log = logging.getLogger("fairwitness.stand_in")
EVERY = 60  # seconds


def begin() -> None:
    """Begin to watch, for as long as this process lives."""
    threading.Thread(target=_for_ever, name="stand-in", daemon=True).start()


def _for_ever() -> None:
    mine = watch.Watch()
    while True:
        time.sleep(EVERY)
        close_old_connections()
        try:
            look(mine)
        except Exception as error:
            log.error("The system could not be watched", exc_info=error)
        finally:
            connection.close()


def look(mine: watch.Watch) -> None:
    """Watch in the worker's place, if none runs. The mail of what is found would wait for one too: it is sent here."""
    if not any(fault.code == "jobs.worker" for fault in watch.faults()):
        return
    mine.look()
    for member_id in department.awaiting_mail(urgent_only=True):
        try:
            mail.mail(str(member_id))
        except Refusal as refusal:
            log.error("An alarm could not be mailed: %s", refusal.code)
