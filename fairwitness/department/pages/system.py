"""The pages of the system itself, for those who keep it: its alarms, its jobs, its mail."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.department import acts, doors, forms
from fairwitness.department.models import Alarm
from fairwitness.department.pages.acting import act_page
from fairwitness.kernel import history, jobs, notices, outcomes
from fairwitness.kernel.acting import ConfirmForm, posted, refusal_of
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import PAGE_ROWS, history_of, page_of
from fairwitness.kernel.refusals import NotFound

TONES = {"doing": "active", "todo": "waiting", "failed": "stopped", "cancelled": "quiet"}


def _asked(request: HttpRequest) -> Actor:
    """Who asks, if the system is open to them."""
    actor = actor_of(request)
    doors.check_may(actor, "see_system")
    return actor


@login_required
@require_GET
def alarms(request: HttpRequest) -> HttpResponse:
    """What is wrong now, and what was."""
    open_now = list(doors.open_alarms_for(_asked(request)))
    past = doors.alarms_for(actor_of(request)).exclude(ended_at=None)
    page = page_of(past, {"raised": ("raised_at",)}, request, "-raised")
    context = {
        "heading": _("Alarms"),
        "here": "alarms",
        "count": len(open_now),
        "open_now": open_now,
        "rows": page.rows,
        "before": page.before,
        "after": page.after,
    }
    return render(request, "department/alarms.html", context)


@login_required
@require_GET
def alarm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One alarm: what it says, since when, until when, its history."""
    found: Alarm = doors.alarm_for(actor_of(request), pk)
    context = {
        "heading": _("Alarm: {code}").format(code=found.code),
        "crumb": {"label": _("Alarms"), "url": reverse("alarms")},
        "alarm": found,
        **history_of(request, "department.alarm", pk),
    }
    return render(request, "department/alarm.html", context)


@login_required
@require_GET
def jobs_page(request: HttpRequest) -> HttpResponse:
    """What runs, waits and failed, what the clock leaves, what was done lately."""
    actor = _asked(request)
    form = forms.JobsForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    rows, before, after = _page(jobs.jobs(state=chosen.get("state", ""), task=chosen.get("kind", "")), form)
    context = {
        "heading": _("Jobs"),
        "here": "jobs",
        "rows": _shown(actor, rows),
        "before": before,
        "after": after,
        "form": form,
        "filtered": any(chosen.get(name) for name in ("state", "kind")),
        "failed": _failed(actor),
        "periodic": _periodic(),
        "lately": [(jobs.kind_of(each.task).words, each) for each in outcomes.lately()],
        "heartbeat": jobs.heartbeat(),
    }
    return render(request, "department/jobs.html", context)


def _page(found: Any, form: forms.JobsForm) -> tuple[list[ProcrastinateJob], str, str]:
    """The jobs of one page, latest first, and the keys of its ends, empty where the list ends."""
    place = form.cleaned_data if form.is_valid() else {}
    before, after = place.get("before"), place.get("after")
    narrowed = found.filter(pk__gt=before) if before else found.filter(pk__lt=after) if after else found
    rows = list(narrowed.order_by("pk" if before else "-pk")[: PAGE_ROWS + 1])
    more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS]
    if before:
        rows.reverse()
        return rows, str(rows[0].pk) if rows and more else "", str(rows[-1].pk) if rows else ""
    return rows, str(rows[0].pk) if rows and after else "", str(rows[-1].pk) if rows and more else ""


def _shown(actor: Actor, rows: list[ProcrastinateJob]) -> list[dict[str, Any]]:
    whys = outcomes.why([job.pk for job in rows])
    may = doors.may(actor, "try_job_again")
    return [
        {
            "job": job,
            "words": jobs.kind_of(job.task_name).words,
            "state": _("Left by a worker that died") if jobs.left_alone(job) else jobs.STATES[job.status],
            "tone": "attention" if jobs.left_alone(job) else TONES[job.status],
            "places": history.places(actor, jobs.arguments(job)),
            "why": whys.get(job.pk),
            "next": job.scheduled_at if job.status == "todo" else None,
            "again": may
            and not refusal_of(jobs.check_again, job)
            and (job.status == "failed" or job.attempts),
            "cancel": may and not refusal_of(jobs.check_cancel, job),
        }
        for job in rows
    ]


def _failed(actor: Actor) -> list[tuple[object, str, int]]:
    """The kinds of which jobs failed for good: words, the way to try them again, how many."""
    if not doors.may(actor, "try_job_again"):
        return []
    failed = [each for each in jobs.counted() if each.state == "failed"]
    return [(jobs.kind_of(e.task).words, reverse("jobs-again", args=[e.task]), e.count) for e in failed]


def _periodic() -> list[dict[str, Any]]:
    last = outcomes.last_of_each()
    return [
        {
            "words": jobs.kind_of(each.task).words,
            "when": each.when,
            "next": each.next,
            "last": last.get(each.task),
        }
        for each in jobs.periodic()
    ]


@login_required
def job_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try one job again."""
    by = _asked(request)
    job = jobs.find(pk)
    return act_page(
        request,
        "try_job_again",
        ConfirmForm(posted(request)),
        lambda entered: acts.try_job_again(job_id=pk, by=by),
        heading=_("Try again: {words}").format(words=jobs.kind_of(job.task_name).words),
        words=_("It is put at the end of what waits, and a worker takes it as soon as one is free."),
        back=reverse("jobs"),
        done=_("The job waits to be tried again."),
    )


@login_required
def kind_again(request: HttpRequest, task: str) -> HttpResponse:
    """Try every failed job of a kind again."""
    by = _asked(request)
    count = jobs.jobs(state="failed", task=task).count()
    if not count:
        raise NotFound(_("No job of this kind has failed any more."))
    return act_page(
        request,
        "try_job_again",
        ConfirmForm(posted(request)),
        lambda entered: acts.try_jobs_again(task=task, by=by),
        heading=_("Try all that failed again: {words}").format(words=jobs.kind_of(task).words),
        words=_("So many jobs will be tried again: {n}.").format(n=count),
        back=reverse("jobs"),
        done=_("The jobs wait to be tried again."),
    )


@login_required
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave one job undone for good."""
    by = _asked(request)
    job = jobs.find(pk)
    return act_page(
        request,
        "cancel_job",
        ConfirmForm(posted(request)),
        lambda entered: acts.cancel_job(job_id=pk, by=by),
        heading=_("Leave undone: {words}").format(words=jobs.kind_of(job.task_name).words),
        words=str(jobs.kind_of(job.task_name).cancelled),
        back=reverse("jobs"),
        done=_("The job is cancelled. That is recorded."),
    )


@login_required
@require_GET
def mail(request: HttpRequest) -> HttpResponse:
    """Whether mail goes out, how, and which addresses refuse it."""
    actor = _asked(request)
    last = outcomes.last_of_each().get("department.mail")
    context = {
        "heading": _("Mail"),
        "here": "mail",
        "sends": settings.FAIRWITNESS_MAIL,
        "server": f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}" if settings.EMAIL_HOST else "",
        "folder": settings.EMAIL_FILE_PATH,
        "sender": settings.DEFAULT_FROM_EMAIL,
        "unsent": doors.unsent().count(),
        "unmailed": notices.unmailed().count(),
        "last": last,
        "rows": list(doors.refused_addresses()[:200]),
        "may_open": doors.may_list_members(actor),
    }
    return render(request, "department/mail.html", context)


@login_required
def telling(request: HttpRequest) -> HttpResponse:
    """How the member who asks wants to be told of notices."""
    by = actor_of(request)
    chosen = doors.telling_of(by.person)
    form = forms.TellingForm(posted(request), initial={"how": chosen.how, "hour": chosen.hour})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        acts.choose_telling(how=said["how"], hour=said["hour"], by=by)
        messages.success(request, _("Your choice is kept."))
        return redirect("telling")
    context = {
        "heading": _("How you are told"),
        "form": form,
        "telling": chosen,
        "sends": settings.FAIRWITNESS_MAIL,
    }
    return render(request, "department/telling.html", context, status=422 if form.errors else 200)
