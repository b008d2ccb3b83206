"""The table of jobs: every name that work may be left under, the function that does it, and its words for people."""

import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from fairwitness.accounts import jobs as accounts
from fairwitness.department import jobs as department
from fairwitness.evidence import jobs as evidence
from fairwitness.kernel import clock, outcomes, receiving, staging
from fairwitness.kernel.jobs import DEAD_AFTER, kind
from fairwitness.kernel.models import SavedSearch
from fairwitness.kernel.refusals import Unavailable
from fairwitness.policy import jobs as policy
from fairwitness.sharing import jobs as sharing
from fairwitness.site import checks, leaving, naming
from fairwitness.site.watch import Watch
from fairwitness.storage import jobs as storage
from fairwitness.uploads import jobs as uploads

assert (
    leaving and naming
)  # loaded here too: the worker tells what somebody leaves behind, and asks who names bytes
log = logging.getLogger("fairwitness.jobs")
# The queues, each with how many of its jobs a worker does at a time (None: as the operator says). What the clock
# does has a place of its own, so that no long reading of media keeps it waiting; so have mail, sealing what came in,
# the reading and copying of whole stores, the longer rounds, and packages.
QUEUES = {"media": None, "uploads": 1, "clock": 1, "mail": 1, "storage": 1, "rounds": 1, "packages": 1}
# What failed because a store or the database was away is tried again, ever more slowly, for about a day.
AGAIN = RetryStrategy(max_attempts=12, exponential_wait=3)
# A job whose workers died over it so many times is given up: it may be what kills them.
MOST_DEATHS = 5
# A search that somebody made is found again by its address for so long.
SEARCHES_KEPT = dt.timedelta(days=30)

app.task(name="department.mail", queue="mail", retry=AGAIN)(department.mail)
kind(
    "department.mail",
    _("Telling a member by mail"),
    _(
        "The notice stays in the product, and the member is told of it with the next one. No evidence is touched."
    ),
)
app.periodic(cron="*/5 * * * *")(app.task(name="department.mails", queue="rounds")(department.mails))
kind("department.mails", _("Sending the mails that wait for their hour"))
app.periodic(cron="* * * * *")(
    app.task(name="department.end_services", queue="clock")(department.end_services)
)
kind("department.end_services", _("Ending the service of members who left"))
app.task(name="evidence.derive", queue="media", retry=AGAIN)(evidence.derive)
kind(
    "evidence.derive",
    _("Making pictures or a viewing copy of a recording"),
    _(
        "The sealed recording stays as it is. It has no filmstrip, waveform or viewing copy until it is read again."
    ),
)
app.task(name="evidence.rebuild", queue="media", retry=AGAIN)(evidence.rebuild)
kind("evidence.rebuild", _("Making damaged pictures or viewing copies anew"))
app.task(name="evidence.match_incidents", queue="rounds", retry=AGAIN)(evidence.match_incidents)
kind(
    "evidence.match_incidents",
    _("Linking recordings to incidents by number"),
    _("Recordings whose incident came later stay without it, until somebody links them by hand."),
)
app.periodic(cron="40 * * * *")(
    app.task(
        name="evidence.confirm_older", queue="storage", lock="storage", queueing_lock="evidence.confirm_older"
    )(evidence.confirm_older)
)
kind("evidence.confirm_older", _("Finding the copies of what was sealed before copies were counted"))
app.periodic(cron="*/5 * * * *")(
    app.task(name="storage.watch", queue="storage", lock="storage", queueing_lock="storage.watch")(
        storage.watch
    )
)
kind("storage.watch", _("Reading stored bytes again, mending and copying them"))
# One at a time, however many workers there are: two would bring the same bytes.
app.task(name="storage.spread", queue="storage", lock="storage", retry=AGAIN)(storage.spread)
kind("storage.spread", _("Copying what was sealed to the further stores"))
app.periodic(cron="* * * * *")(app.task(name="evidence.end_viewings", queue="clock")(evidence.end_viewings))
kind("evidence.end_viewings", _("Closing viewings that were left open"))
app.periodic(cron="*/5 * * * *")(app.task(name="uploads.watch_docks", queue="clock")(uploads.watch_docks))
kind("uploads.watch_docks", _("Looking after docks that fell silent"))
app.periodic(cron="*/5 * * * *")(app.task(name="evidence.retain", queue="rounds")(evidence.retain))
kind("evidence.retain", _("Deciding until when what came in is kept"))
app.task(name="evidence.make_dry_run", queue="rounds", retry=AGAIN)(evidence.make_dry_run)
kind(
    "evidence.make_dry_run",
    _("Making a dry run"),
    _("No dry run is made, and nothing comes nearer. It can be asked for again."),
)
app.periodic(cron="11 2 * * *")(app.task(name="evidence.retain_all", queue="rounds")(evidence.retain_all))
kind("evidence.retain_all", _("Asking the rules anew until when every recording is kept"))
app.task(name="evidence.retain_anew", queue="rounds", retry=AGAIN)(evidence.retain_anew)
kind("evidence.retain_anew", _("Asking the rules anew after an import or a new version of the policy"))
app.periodic(cron="*/5 * * * *")(app.task(name="policy.bring_due", queue="clock")(policy.bring_due))
kind("policy.bring_due", _("Bringing approved versions of the policy into force"))
app.periodic(cron="31 4 * * *")(app.task(name="policy.measure", queue="rounds")(policy.measure))
kind("policy.measure", _("Measuring what the policy promises"))
app.task(name="evidence.end_locked", queue="clock", retry=AGAIN)(evidence.end_locked)
kind("evidence.end_locked", _("Ending what people have open who are locked out of it"))
app.periodic(cron="7 5 * * 1")(app.task(name="evidence.watch_access", queue="rounds")(evidence.watch_access))
kind("evidence.watch_access", _("Looking through the week's access to recordings"))
app.task(name="uploads.seal", queue="uploads", retry=AGAIN)(uploads.seal)
# Not to be cancelled: what came in must be sealed or refused in the end.
kind("uploads.seal", _("Sealing an upload"))
app.periodic(cron="*/5 * * * *")(app.task(name="uploads.abandon", queue="clock")(uploads.abandon))
kind("uploads.abandon", _("Closing uploads that were left unfinished"))
app.periodic(cron="* * * * *")(app.task(name="uploads.look_after", queue="clock")(uploads.look_after))
kind("uploads.look_after", _("Looking after the room for uploads"))
app.periodic(cron="* * * * *")(app.task(name="accounts.close_left", queue="clock")(accounts.close_left))
app.periodic(cron="17 3 * * *")(app.task(name="accounts.sweep", queue="clock")(accounts.sweep))
app.periodic(cron="23 4 * * *")(app.task(name="accounts.review_roles", queue="clock")(accounts.review_roles))
kind("accounts.review_roles", _("Beginning the yearly review of roles, and telling when it is overdue"))
kind("accounts.close_left", _("Closing the sign-ins of members who left"))
kind("accounts.sweep", _("Clearing sign-ins that ran out, and locking accounts that nobody uses"))


@app.task(name="evidence.probe", queue="media", retry=AGAIN, pass_context=True)
def probe(context: JobContext, recording_id: str) -> None:
    """The same, told how often it was tried."""
    evidence.probe(recording_id, tried=context.job.attempts)


kind(
    "evidence.probe",
    _("Reading a recording"),
    _(
        "The sealed recording stays as it is and can be downloaded. What it holds is not known, and it cannot be played."
    ),
)


@app.task(name="evidence.make_clip", queue="media", retry=AGAIN, pass_context=True)
def make_clip(context: JobContext, clip_id: str) -> None:
    """The same for a clip."""
    evidence.make_clip(clip_id, tried=context.job.attempts)


kind(
    "evidence.make_clip",
    _("Cutting a clip out of a recording"),
    _("The sealed recording stays as it is. The clip is not made; it can be asked for again."),
)


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
                why = str(_("The worker died over it {n} times.")).format(n=MOST_DEATHS)
                await sync_to_async(outcomes.note_why)(int(job.id or 0), job.task_name, why)
        except ConnectorException:
            continue  # its worker, or another one's clock, was quicker


kind("site.give_away", _("Giving the jobs of dead workers to others"))


WATCH = Watch()


@app.periodic(cron="* * * * *")
@app.task(name="site.watch", queue="clock")
def watch(timestamp: int) -> None:
    """Every minute: what is wrong with the system itself is told to those who keep it."""
    WATCH.look()


kind("site.watch", _("Watching over the system"))


@app.periodic(cron="17 3 * * *")
@app.task(name="site.sweep", queue="clock", pass_context=True)
async def sweep(context: JobContext, timestamp: int) -> None:
    """Every night: cancelled jobs, what the clock's own jobs left, and figures of more than a week go."""
    manager = context.app.job_manager
    await manager.delete_old_jobs(nb_hours=7 * 24, include_cancelled=True, include_aborted=True)
    await sync_to_async(_swept)()


def _swept() -> None:
    outcomes.sweep()
    staging.forget_old()
    receiving.sweep()
    SavedSearch.forget(clock.now() - SEARCHES_KEPT)


kind("site.sweep", _("Sweeping away what was kept for a while"))


@app.periodic(cron="41 2 * * *")
@app.task(name="site.check_log", queue="rounds")
def check_log(timestamp: int) -> None:
    """Every night: ledger, public log and records are checked against each other; stored bytes are the stores' matter.

    Raises Unavailable with the first fault where there are some.
    """
    if fault := next(checks.faults(), ""):
        raise Unavailable(str(_("The log does not verify: {fault}")).format(fault=fault))


kind("site.check_log", _("Checking ledger, public log and records against each other"))


def noted(call_next: Callable[[], Any], context: JobContext, _worker: object) -> Any:
    """Around every job: how long it took, and why it failed."""
    begun = time.monotonic()
    try:
        result = call_next()
    except Exception as error:
        _note(outcomes.note_failed, context, time.monotonic() - begun, error)
        raise
    _note(outcomes.note_done, context, time.monotonic() - begun)
    return result


async def noted_async(call_next: Callable[[], Awaitable[Any]], context: JobContext, _worker: object) -> Any:
    """The same around jobs that are coroutines."""
    begun = time.monotonic()
    try:
        result = await call_next()
    except Exception as error:
        await sync_to_async(_note)(outcomes.note_failed, context, time.monotonic() - begun, error)
        raise
    await sync_to_async(_note)(outcomes.note_done, context, time.monotonic() - begun)
    return result


def _note(note: Callable[..., None], context: JobContext, *what: object) -> None:
    """A note that cannot be written must not make a job that was done fail, nor hide why one failed."""
    try:
        note(context.job.id, context.job.task_name, *what)
    except DatabaseError as error:
        log.error("No note could be written of a job", exc_info=error)


app.periodic(cron="*/10 * * * *")(
    app.task(name="evidence.cover_holds", queue="rounds", queueing_lock="evidence.cover_holds")(
        evidence.cover_holds
    )
)
kind("evidence.cover_holds", _("Putting under holds what came to their incidents"))
app.task(name="evidence.cover_incident", queue="rounds", retry=AGAIN)(evidence.cover_incident)
kind("evidence.cover_incident", _("Putting under holds what was linked to an incident"))
app.task(name="evidence.match_preservation", queue="rounds", retry=AGAIN)(evidence.match_preservation)
# Not to be cancelled: what a resident asked for must be looked for in the end.
kind("evidence.match_preservation", _("Looking for what a preservation request asks for"))
app.periodic(cron="37 4 * * *")(
    app.task(name="evidence.measure_preservation", queue="rounds")(evidence.measure_preservation)
)
kind("evidence.measure_preservation", _("Measuring how soon preservation requests are decided"))
app.periodic(cron="23 2 * * *")(
    app.task(name="evidence.propose_disposals", queue="rounds")(evidence.propose_disposals)
)
kind("evidence.propose_disposals", _("Drawing a list of recordings whose day has come"))
app.task(name="evidence.begin_grace", queue="rounds", retry=AGAIN)(evidence.begin_grace)
# Not to be cancelled: what two people approved is noted of each recording.
kind("evidence.begin_grace", _("Noting which recordings an approved list lets go"))
app.task(name="evidence.take_back_rest", queue="rounds", retry=AGAIN)(evidence.take_back_rest)
kind("evidence.take_back_rest", _("Noting which recordings a list that was taken back keeps"))
# With the copying and mending of stores, one at a time: nothing is brought back while it is erased.
app.periodic(cron="50 * * * *")(
    app.task(name="evidence.erase", queue="storage", lock="storage", queueing_lock="evidence.erase")(
        evidence.erase
    )
)
kind("evidence.erase", _("Erasing recordings whose grace is over"))
# One at a time, in a queue of its own: a large package keeps nobody else waiting.
app.task(name="sharing.make_package", queue="packages", retry=AGAIN)(sharing.make_package)
kind(
    "sharing.make_package",
    _("Making a package for court"),
    _("The package stays as being made, with what was written so far. Withdraw it on its page."),
)
app.periodic(cron="47 3 * * *")(app.task(name="sharing.let_old_go", queue="clock")(sharing.let_old_go))
kind("sharing.let_old_go", _("Removing packages that are old and shared with nobody"))
app.periodic(cron="*/5 * * * *")(app.task(name="sharing.end_left", queue="clock")(sharing.end_left))
kind("sharing.end_left", _("Closing what guests left open"))
