"""The demo's case: a detective with several cameras and one stop, opened by the BWC Unit, and what is to be done."""

import datetime as dt
import hashlib
import tempfile

from django.conf import settings

from fairwitness.cases import acts
from fairwitness.cases.models import Case
from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.incidents.acts import file_report
from fairwitness.incidents.models import Incident, Report
from fairwitness.kernel import actors, clock
from fairwitness.kernel.actors import Actor
from fairwitness.sharing.acts import ask_package

UNIT, DETECTIVE, OFFICER = "P301", "201", "101"
REPORT = "I stopped the car at the bridge. Nobody was hurt.\n"
STATEMENT = "Statement of Ann Elk: I stood at the corner when the car was stopped.\n"


def _as(badge: str) -> Actor:
    found = Member.objects.get(badge=badge)
    return actors.member(found.pk, department.roles_today(found.pk))


def about(incident: Incident) -> Case:
    """A case about an incident, with its report, its recordings, a statement, people, a task and court dates."""
    unit, detective = _as(UNIT), _as(DETECTIVE)
    file_report(
        incident.pk,
        kind=Report.Kind.INCIDENT,
        number=f"{incident.number}-1",
        sha256=hashlib.sha256(REPORT.encode()).hexdigest(),
        filed_at=incident.opened + dt.timedelta(hours=2),
        author_id=Member.objects.get(badge=OFFICER).pk,
        by=unit,
    )
    case = acts.open_case(
        title=f"{incident.kind or 'Stop'} of {incident.opened:%B %d}",
        kind="crime",
        reference="DA-2026-0412",
        lead_id=detective.person,
        by=unit,
    )
    acts.link_incident(case.pk, incident.pk, by=unit)
    acts.take_in_all(case.pk, by=unit)
    with tempfile.TemporaryFile(dir=settings.FAIRWITNESS_HOME) as file:
        file.write(STATEMENT.encode())
        file.flush()
        file.seek(0)
        acts.keep_file(case.pk, file, "statement.txt", kind="document", by=detective)
    acts.add_person(case.pk, name="Ann Elk", role="witness", about="Stood at the corner", by=detective)
    acts.add_person(case.pk, name="Robert Moss", role="suspect", by=detective)
    acts.add_case_note(case.pk, "The second camera shows the plate; the first does not.", by=detective)
    acts.add_task(
        case.pk,
        "Ask the witness for her own film",
        detective.person,
        department.today() + dt.timedelta(days=4),
        by=detective,
    )
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    for days, what in ((24, "Pretrial hearing"), (0, "Arraignment")):
        acts.set_court_date(
            case.pk,
            at=now + dt.timedelta(days=days),
            court="Cambridge District Court",
            what=what,
            by=detective,
        )
    ask_package(case.pk, side="prosecution", recipient="District Attorney, Middlesex", by=detective)
    return case
