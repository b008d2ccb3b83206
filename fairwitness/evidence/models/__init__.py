"""The records of evidence: recordings, what was made of them, how long they are kept, who may open them."""

from fairwitness.evidence.models.access import CourtOrder, Grant, Watch
from fairwitness.evidence.models.cameras import Clip, Offset
from fairwitness.evidence.models.keeping import (
    Approval,
    Categorisation,
    Disposal,
    DisposalList,
    DryRun,
    Held,
    Hold,
    PreservationRequest,
    Retention,
    Settlement,
)
from fairwitness.evidence.models.recordings import (
    Attachment,
    Derivative,
    IncidentLink,
    Ingest,
    Meter,
    Note,
    Probe,
    Recording,
    Viewing,
)

__all__ = [
    "Approval",
    "Attachment",
    "Categorisation",
    "Clip",
    "CourtOrder",
    "Derivative",
    "Disposal",
    "DisposalList",
    "DryRun",
    "Grant",
    "Held",
    "Hold",
    "IncidentLink",
    "Ingest",
    "Meter",
    "Note",
    "Offset",
    "PreservationRequest",
    "Probe",
    "Recording",
    "Retention",
    "Settlement",
    "Viewing",
    "Watch",
]
