"""The page of jobs: what runs, waits and failed and why; tried again or left undone, each an act with an entry."""

import html
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.department import acts
from fairwitness.kernel import history, jobs, outcomes
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import NotFound, Unavailable, WrongState
from fairwitness.kernel.roles import Role
from tests.department.test_reach import HOLDER
from tests.evidence.made import sealed
from tests.world import World

SEES = {Role.ACCOUNT_ADMINISTRATOR, Role.BWC_UNIT, Role.INTERNAL_AUDITOR}
ACTS = {Role.ACCOUNT_ADMINISTRATOR, Role.BWC_UNIT}
PAGES = ("/alarms/", "/jobs/", "/mail/")


def left(task: str = "evidence.derive", status: str = "todo", **args: str) -> int:
    """A job of a kind, brought into a state."""
    made = int(app.configure_task(task, queue="media", allow_unknown=True).defer(**args))
    with connection.cursor() as cursor:
        for step in {"doing": ["doing"], "failed": ["doing", "failed"]}.get(status, []):
            cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [step, made])
    return made


def state(pk: int) -> str:
    return str(ProcrastinateJob.objects.get(pk=pk).status)


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_the_system(world: World, role: Role) -> None:
    browser = world.sign_in(HOLDER[role])
    for page in PAGES:
        assert browser.get(page).status_code == (200 if role in SEES else 403), page


@pytest.mark.parametrize("role", list(Role))
def test_who_tries_again_and_cancels(world: World, role: Role) -> None:
    browser = world.sign_in(HOLDER[role])
    for address, then in (
        ("{}/again/", "todo"),
        ("kinds/evidence.derive/again/", "todo"),
        ("{}/cancel/", "cancelled"),
    ):
        pk = left(status="failed")
        at = f"/jobs/{address.format(pk)}"
        assert browser.get(at).status_code == (200 if role in ACTS else 403)
        assert browser.post(at).status_code == (302 if role in ACTS else 403)
        assert state(pk) == (then if role in ACTS else "failed")


def test_nobody_who_is_not_signed_in(client: Any, db: None) -> None:
    for page in PAGES:
        assert client.get(page).status_code == 302


def test_why_it_failed_is_said_and_what_it_works_on(world: World, settings: Any, tmp_path: Any) -> None:
    settings.FAIRWITNESS_HOME = tmp_path
    recording = sealed(b"some bytes")
    pk = left(status="failed", recording_id=str(recording.pk), kind="filmstrip")
    outcomes.note_failed(pk, "evidence.derive", 1, Unavailable("The store is away."))
    page = world.sign_in("costa").get("/jobs/?state=failed").content.decode()
    assert "Making pictures or a viewing copy" in page and "The store is away." in page
    assert f'<a href="/recordings/{recording.pk}/">{recording.number}</a>' in page
    hidden = world.sign_in("chen").get("/jobs/?state=failed").content.decode()
    assert "The store is away." in hidden
    assert recording.number not in hidden, "an administrator of accounts finds no recording"


def test_tried_again(world: World, settings: Any, tmp_path: Any) -> None:
    settings.FAIRWITNESS_HOME = tmp_path
    recording = sealed(b"some bytes")
    pk = left(status="failed", recording_id=str(recording.pk))
    acts.try_job_again(job_id=pk, by=world.actor("costa"))
    assert state(pk) == "todo"
    told = [line.sentence for line in history.of("evidence.recording", recording.pk)]
    assert told[-1] == "Ana Costa had a job tried again: Making pictures or a viewing copy of a recording"


def test_what_waits_for_its_next_try_is_tried_now(world: World) -> None:
    pk = left(recording_id="x")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 3, scheduled_at = now() + interval '1 day'")
    acts.try_job_again(job_id=pk, by=world.actor("costa"))
    job = ProcrastinateJob.objects.get()
    assert (job.scheduled_at, job.args) == (None, {"recording_id": "x"})


def test_all_of_a_kind(world: World) -> None:
    failed = [left(status="failed") for _ in range(3)]
    other = left("evidence.probe", status="failed")
    assert acts.try_jobs_again(task="evidence.derive", by=world.actor("costa")) == 3
    assert [state(pk) for pk in (*failed, other)] == ["todo", "todo", "todo", "failed"]
    with pytest.raises(WrongState):
        acts.try_jobs_again(task="evidence.derive", by=world.actor("costa"))
    assert Entry.objects.filter(event="department.jobs_tried_again").count() == 1


@pytest.mark.parametrize("status", ["todo", "failed"])
def test_cancelled(world: World, status: str) -> None:
    pk = left(status=status)
    acts.cancel_job(job_id=pk, by=world.actor("costa"))
    assert state(pk) == "cancelled"
    for act in (acts.cancel_job, acts.try_job_again):
        with pytest.raises(WrongState):
            act(job_id=pk, by=world.actor("costa"))
    assert Entry.objects.filter(event="department.job_cancelled").count() == 1


def test_what_runs_is_neither_cancelled_nor_tried_again(world: World) -> None:
    pk = left(status="doing")
    for act in (acts.cancel_job, acts.try_job_again):
        with pytest.raises(WrongState):
            act(job_id=pk, by=world.actor("costa"))
    assert state(pk) == "doing"


def test_what_must_be_done_cannot_be_cancelled(world: World) -> None:
    pk = left("site.sweep", status="failed")
    with pytest.raises(WrongState, match="cannot be left undone"):
        acts.cancel_job(job_id=pk, by=world.actor("costa"))


def test_what_is_gone(world: World) -> None:
    for act in (acts.cancel_job, acts.try_job_again):
        with pytest.raises(NotFound):
            act(job_id=10**12, by=world.actor("costa"))
    browser = world.sign_in("costa")
    assert browser.get("/jobs/999999999/again/").status_code == 404
    assert browser.get(f"/jobs/{2**70}/cancel/").status_code == 404


def test_pages_of_many(world: World) -> None:
    numbers = [left() for _ in range(120)]
    browser, seen, address = world.sign_in("sato"), [], "/jobs/"
    for _ in range(3):
        answer = browser.get(address)
        seen += [row["job"].pk for row in answer.context["rows"]]
        address = f"/jobs/?after={answer.context['after']}"
    assert seen == sorted(numbers, reverse=True) and not answer.context["after"]
    back = browser.get(f"/jobs/?before={answer.context['before']}").context
    assert [row["job"].pk for row in back["rows"]] == seen[50:100]


@pytest.mark.parametrize("query", ["state=x", "after=x", "before=-1", "after=" + "9" * 40, "kind=nul%00"])
def test_an_address_that_is_none_shows_the_first_page(world: World, query: str) -> None:
    assert world.sign_in("costa").get(f"/jobs/?{query}").status_code == 200


def test_every_kind_of_job_has_words() -> None:
    ours = {name for name, task in app.tasks.items() if not name.startswith(("procrastinate", "builtin"))}
    assert ours == jobs.KINDS.keys()


def test_every_periodic_job_is_shown(world: World) -> None:
    page = html.unescape(world.sign_in("sato").get("/jobs/").content.decode())
    for each in jobs.periodic():
        assert str(jobs.kind_of(each.task).words) in page
    assert "every minute" in page and "every day at 03:17 UTC" in page


@pytest.mark.slow
def test_the_site_knows_the_words_by_itself() -> None:
    """In this process everything is loaded; the site's own loads what its addresses name."""
    asked = (
        "import django; django.setup(); import fairwitness.site.urls; from fairwitness.kernel import jobs; "
    )
    asked += "assert jobs.KINDS and jobs.periodic()"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", asked], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
