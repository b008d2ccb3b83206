"""The demo's decisions: what is held, due, tried and closed, and what a resident asked; each by somebody of the cast."""

import csv
import datetime as dt
import io
import os
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.evidence import jobs
from fairwitness.evidence.acts.disposal import approve_list
from fairwitness.evidence.acts.dry_run import try_version
from fairwitness.evidence.acts.hold import place_hold
from fairwitness.evidence.acts.preservation import ask_preservation
from fairwitness.evidence.acts.settle_clock import settle_delivery
from fairwitness.evidence.doors import disposal
from fairwitness.evidence.models import DisposalList, IncidentLink, Ingest
from fairwitness.incidents.acts import mark_critical
from fairwitness.incidents.models import Incident
from fairwitness.kernel import actors, clock
from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.agency import agency
from fairwitness.policy import acts as policy
from fairwitness.policy import doors as policy_doors
from fairwitness.policy import jobs as policy_jobs
from fairwitness.storage import jobs as storage
from tests.clips.make_clips import make_demo_clips

# So long ago a few recordings came in that nobody categorised: longer than both agencies keep such.
AGO = dt.timedelta(days=200)
OLD = 4
SUPERVISOR, OFFICER, UNIT, RECORDS = "21", "102", "P301", "P311"


def older(clips: Path) -> None:
    """Bring in, as of AGO, recordings whose day has come by now."""
    then = clock.now() - AGO
    folder = settings.FAIRWITNESS_HOME / "demo-delivery-older"
    folder.mkdir(exist_ok=True)
    last = (then - dt.timedelta(hours=2)).astimezone(agency().tz).date()
    with (folder / "evidence.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(
            [
                "Evidence ID",
                "Title",
                "Device Serial",
                "Created Date Record Start",
                "Date Record End",
                "File Name",
            ]
        )
        for number, clip in enumerate(make_demo_clips(clips, count=OLD, seed=3, last_day=last)):
            name = f"old_{number}{clip.path.suffix}"
            if not (folder / name).exists():
                os.link(clip.path, folder / name)
            began = then - dt.timedelta(hours=1 + number)
            ended = began + dt.timedelta(seconds=clip.seconds)
            table.writerow(
                [f"old-{number}", clip.shows, clip.camera, began.isoformat(), ended.isoformat(), name]
            )
    with clock.frozen(then):
        call_command("ingest", str(folder), "--no-read", stdout=io.StringIO())
    # What came in then was read again every week since.
    storage.check_now()


def decisions() -> Incident | None:
    """Let the rules decide, and let people decide what the rules leave to them; answers the critical incident."""
    jobs.retain(0)
    settle_delivery(
        Ingest.objects.latest("begun").pk, because="Brought in from the former system.", by=_as(UNIT)
    )
    critical, trial = _incidents()
    if trial:
        place_hold(
            kind="court",
            reason="Trial in spring",
            reference="2026-114",
            incident_id=trial.pk,
            by=_as(SUPERVISOR),
        )
        ask_preservation(incident_number=trial.number, words="I was there.", sender="demo", by=PUBLIC)
    if critical:
        involved = Member.objects.get(badge=OFFICER)
        mark_critical(critical.pk, [involved.pk], by=_as(SUPERVISOR))
    _shorter()
    jobs.propose_disposals(0)
    for each in DisposalList.objects.all():
        approve_list(each.pk, disposal.digest_of(each), by=_as(RECORDS))
    jobs.retain_all(0)
    policy_jobs.measure(0)
    return critical


def _as(badge: str) -> Actor:
    found = Member.objects.get(badge=badge)
    return actors.member(found.pk, department.roles_today(found.pk))


def _incidents() -> tuple[Incident | None, Incident | None]:
    """The latest incident that the officer filmed, to be critical; and the latest that they did not, for a trial."""
    links = (
        IncidentLink.objects.filter(withdrawn_at=None)
        .order_by("-incident__opened")
        .select_related("incident")
    )
    theirs = [link.incident for link in links.filter(recording__owner__badge=OFFICER)]
    others = [link.incident for link in links if link.incident not in theirs]
    return next(iter(theirs), None), next(iter(others), None)


def _shorter() -> None:
    """A draft that keeps what has no category for a shorter time, proposed, and tried: it waits for a second person."""
    said = next(
        c for c in policy_doors.rules_at("retention") if c.rule.parameters.category == "uncategorised"
    )  # type: ignore[union-attr]
    by = _as(UNIT)
    draft = policy.begin_version(number=said.number, by=by)
    rule = said.rule.model_dump(mode="json", exclude_none=True)
    days = int(rule["parameters"]["keep"].split()[0])
    rule["parameters"]["keep"] = f"{days // 2} days"
    rule["text"] = f"A recording without a category is kept for at least {days // 2} days."
    policy.change_rule(version_id=draft.pk, rule=rule, was=rule["id"], by=by)
    policy.propose_version(version_id=draft.pk, because="Residents asked that less be kept.", by=by)
    try_version(draft.pk, by=by)
