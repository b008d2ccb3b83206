"""Acts on the register of reports: a report is filed by its number and digest, or withdrawn."""

import datetime as dt
import re
import uuid

from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.department.acts.writing import check_text, save_valid
from fairwitness.incidents import doors, events
from fairwitness.incidents.models import Report
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Invalid, NotFound, WrongState

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)


def file_report(
    incident_id: uuid.UUID,
    *,
    kind: str,
    number: str,
    sha256: str,
    filed_at: dt.datetime,
    author_id: uuid.UUID | None = None,
    by: Actor,
) -> Report:
    """File a report about an incident. The register holds its number and digest; the report itself is kept elsewhere.

    Raises Invalid for a digest that is none, a time to come, or a number that this kind has already.
    """
    with change(events.REPORT_FILED, by=by) as entry:
        incident = doors.incident(by, incident_id, "file_report", lock=True)
        check_text(number)
        digest = _DIGEST.fullmatch(sha256.strip())
        if digest is None:
            raise Invalid(
                _("The digest of the report is 64 figures and letters from a to f."), field="sha256"
            )
        if filed_at > clock.now():
            raise Invalid(_("A report cannot be filed in the future."), field="filed_at")
        doors.lock_register()
        if Report.objects.filter(kind=kind, number__iexact=number.strip(), withdrawn_at=None).exists():
            raise Invalid(_("A report of this kind with this number is in the register."), field="number")
        author = department.find_member(author_id) if author_id else None
        report = Report(incident=incident, kind=kind, number=number.strip(), author=author, filed_at=filed_at)
        report.sha256 = digest[1].lower()
        save_valid(report)
        entry.about(
            incident,
            report,
            incident_id=incident.pk,
            report_id=report.pk,
            report_kind=kind,
            author_id=author_id,
            filed_at=filed_at,
            sha256=f"sha256:{report.sha256}",
        )
    return report


def withdraw_report(report_id: uuid.UUID, *, by: Actor) -> Report:
    """Withdraw a report that was filed by mistake. It stays in the register, marked. Raises WrongState when it is."""
    with change(events.REPORT_WITHDRAWN, by=by) as entry:
        found = Report.objects.filter(pk=report_id).values_list("incident", flat=True).first()
        if found is None:
            raise NotFound(_("There is nothing here, or it is not open to you."))
        # The incident first, as filing locks it.
        incident = doors.incident(by, found, "withdraw_report", lock=True)
        report = doors.report_for(by, report_id, "withdraw_report")
        if report.withdrawn_at:
            raise WrongState(_("This report was withdrawn before."))
        report.withdrawn_at = clock.now()
        report.save(update_fields=["withdrawn_at"])
        entry.about(incident, report, incident_id=incident.pk, report_id=report.pk)
    return report
