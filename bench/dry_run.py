"""A dry run over a hundred thousand recordings beside the mere reading of the rows that it decides on."""

import tempfile

from django.db import connection

from bench import databases, world
from bench.compare import Result, at_most, by_rounds, in_turn, listed, seconds
from fairwitness.evidence.acts import retain
from fairwitness.evidence.doors import dry_runs, keeping
from fairwitness.evidence.models import IncidentLink, Recording, Retention
from fairwitness.incidents.models import Incident
from fairwitness.kernel.change import change
from fairwitness.kernel.events import event
from fairwitness.rules.retention import Keep

COUNT = databases.sized(100_000, 500)
ROUNDS = databases.sized(3, 1)
# The whole: what is read, decided, compared with holds and siblings, counted by month, and written as a list.
MOST = 1.5
LAID = event("bench.incidents_laid", "{actor} laid incidents for a measurement", "count")
# What is read at the least to decide at all: recordings, what they carry, where they belong, until when they are kept.
READ = (
    """
    SELECT id, number, started, ended, duration_ms, sealed_at, clock, owner_id
      FROM evidence_recording WHERE status = 'sealed'
    """,
    "SELECT recording_id, code FROM evidence_categorisation WHERE withdrawn_at IS NULL",
    "SELECT recording_id, incident_id FROM evidence_incidentlink WHERE withdrawn_at IS NULL",
    "SELECT * FROM evidence_retention",
)


def run() -> Result:
    """Every rule of keeping halved, as nobody would do it: so nearly every recording stands on the list."""
    world.filled("bench_100k", COUNT)
    first = _kept()
    rules = _halved()
    sides = {"ours": lambda: seconds(lambda: _try(rules)), "reading": lambda: seconds(_read)}
    measured = in_turn(sides, ROUNDS)
    found = dry_runs.tried(dry_runs.considered(), rules)
    ratio = by_rounds(measured["ours"], measured["reading"])
    return at_most(
        "dry-run-100k",
        ratio,
        MOST,
        f"{found.counts['considered']} recordings asked about, {found.counts['sooner']} would be due sooner",
        f"a dry run with its list: {listed(measured['ours'])} s; reading the rows alone: {listed(measured['reading'])} s",
        f"deciding about all of them for the first time, and writing it: {first}",
    )


def _try(rules: keeping.Rules) -> None:
    with tempfile.TemporaryFile() as file:
        dry_runs.tried(dry_runs.considered(), rules).write_to(file)


def _read() -> None:
    with connection.cursor() as cursor:
        for statement in READ:
            cursor.execute(statement)
            cursor.fetchall()


def _kept() -> str:
    """Incidents for the numbers that recordings carry, categories by label, and a day for each; once."""
    if Retention.objects.exists():
        return "done in an earlier run"
    _incidents()
    spent = seconds(_decide)
    databases.settle()
    return f"{spent:.1f} s"


def _decide() -> None:
    new = keeping.undecided()
    retain.categorise_delivered(new, by=world.BY)
    retain.decide_retention(new, by=world.BY)


def _incidents() -> None:
    rows = (
        Recording.objects.filter(status="sealed")
        .exclude(incident="")
        .values_list("pk", "incident", "started")
    )
    made: dict[str, Incident] = {}
    links = []
    for pk, number, started in rows.order_by("started"):
        incident = made.setdefault(number, Incident(number=number, opened=started))
        links.append(IncidentLink(recording_id=pk, incident=incident, how="number", since=started))
    with change(LAID, by=world.BY) as entry:
        Incident.objects.bulk_create(made.values(), batch_size=2000)
        IncidentLink.objects.bulk_create(links, batch_size=2000)
        entry.about(next(iter(made.values())), count=len(links))


def _halved() -> keeping.Rules:
    """The rules in force, each length of keeping cut to half where it has one."""
    return keeping.Rules(
        {
            code: keeping.Kept(_half(kept.keep), kept.at_most, kept.cited)
            for code, kept in keeping.rules_now().kept.items()
        }
    )


def _half(keep: Keep) -> Keep:
    if keep.days:
        return Keep(days=max(1, keep.days // 2))
    months = keep.months or 12 * (keep.years or 0)
    return Keep(months=max(1, months // 2)) if months else keep
