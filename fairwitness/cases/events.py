"""What cases may write into the ledger, in words. Facts are ids, digests, codes, counts and times."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.events import event

_KINDS = {
    "crime": _("a crime"),
    "collision": _("a collision"),
    "death": _("a death"),
    "missing": _("a missing person"),
    "complaint": _("a complaint"),
    "other": _("something else"),
    "unsaid": _("what nobody said"),
}
_PARTS = {"lead": _("who leads it"), "member": _("who works on it")}
_PERSONS = {
    "victim": _("a victim"),
    "witness": _("a witness"),
    "suspect": _("a suspect"),
    "officer": _("an officer"),
    "other": _("somebody else"),
    "unsaid": _("somebody whose part is not said"),
}
_FILES = {
    "photograph": _("a photograph"),
    "report": _("a report"),
    "document": _("a document"),
    "other": _("a file"),
}

CASE_OPENED = event(
    "cases.opened",
    _("{actor} opened the case {case_id} about {case_kind}"),
    *("case_id", "case_kind", "number", "title_sha256", "reference_sha256"),
    words={"case_kind": _KINDS},
)
CASE_CHANGED = event(
    "cases.changed",
    _("{actor} corrected what the case is called: it is about {case_kind}"),
    *("case_id", "case_kind", "title_sha256", "reference_sha256"),
    words={"case_kind": _KINDS},
)
CASE_CLOSED = event(
    "cases.closed",
    _("{actor} closed the case {case_id}: it keeps its recordings from disposal no more"),
    *("case_id", "because_sha256"),
)
CASE_REOPENED = event(
    "cases.reopened",
    _("{actor} opened the case {case_id} again"),
    *("case_id", "because_sha256"),
)
MEMBER_ADDED = event(
    "cases.member_added",
    _("{actor} named {member_id} in the case {case_id} as one {case_part}"),
    *("case_id", "member_id", "case_part"),
    words={"case_part": _PARTS},
)
MEMBER_ENDED = event(
    "cases.member_ended",
    _("{actor} ended the work of {member_id} on the case {case_id}"),
    *("case_id", "member_id"),
)
CASE_INCIDENT_LINKED = event(
    "cases.incident_linked",
    _("{actor} noted that the case {case_id} is about {incident_id}"),
    *("case_id", "incident_id"),
)
CASE_INCIDENT_UNLINKED = event(
    "cases.incident_unlinked",
    _("{actor} withdrew that the case {case_id} is about {incident_id}"),
    *("case_id", "incident_id"),
)
RECORDINGS_TAKEN_IN = event(
    "cases.recordings_taken_in",
    _("{actor} took recordings of its incidents into the case {case_id}: {count}"),
    *("case_id", "count"),
)
RECORDING_TAKEN_IN = event(
    "cases.recording_taken_in",
    _("{actor} took {recording_id} into the case {case_id}"),
    *("case_id", "recording_id", "item_id", "because_sha256"),
)
ITEM_WITHDRAWN = event(
    "cases.item_withdrawn",
    _("{actor} took {recording_id}{file_id} out of the case {case_id}"),
    *("case_id", "recording_id", "file_id", "item_id", "because_sha256"),
    words={"recording_id": {"": ""}, "file_id": {"": ""}},
)
FILE_SEALED = event(
    "cases.file_sealed",
    _("{actor} sealed {file_kind} in the case {case_id}: {number}"),
    *("case_id", "file_id", "item_id", "number", "sha256", "size", "file_kind", "name_sha256"),
    *("made", "because_sha256"),
    words={"file_kind": _FILES},
)
FILE_TAKEN = event(
    "cases.file_taken",
    _("{actor} took a copy of {file_id}"),
    *("case_id", "file_id", "sha256"),
)
PERSON_ADDED = event(
    "cases.person_added",
    _("{actor} added {person_role} to the case {case_id}"),
    *("case_id", "person_id", "person_role", "words_sha256"),
    words={"person_role": _PERSONS},
)
PERSON_WITHDRAWN = event(
    "cases.person_withdrawn",
    _("{actor} withdrew {person_role} from the case {case_id}"),
    *("case_id", "person_id", "person_role"),
    words={"person_role": _PERSONS},
)
CASE_NOTE_ADDED = event(
    "cases.note_added", _("{actor} wrote a note in the case {case_id}"), "case_id", "note_id", "text_sha256"
)
CASE_NOTE_WITHDRAWN = event(
    "cases.note_withdrawn", _("{actor} withdrew a note of the case {case_id}"), "case_id", "note_id"
)
TASK_ADDED = event(
    "cases.task_added",
    _("{actor} gave {member_id} a task in the case {case_id}, due {due}"),
    *("case_id", "task_id", "member_id", "due", "text_sha256"),
    words={"due": {"": _("some day")}},
)
TASK_DONE = event("cases.task_done", _("{actor} did a task of the case {case_id}"), "case_id", "task_id")
TASK_WITHDRAWN = event(
    "cases.task_withdrawn", _("{actor} withdrew a task of the case {case_id}"), "case_id", "task_id"
)
COURT_DATE_SET = event(
    "cases.court_date_set",
    _("{actor} set a court date of the case {case_id}: {court_at}"),
    *("case_id", "court_date_id", "court_at", "words_sha256"),
)
COURT_OUTCOME_NOTED = event(
    "cases.court_outcome_noted",
    _("{actor} noted what came of a court date of the case {case_id}"),
    *("case_id", "court_date_id", "outcome_sha256"),
)
COURT_DATE_WITHDRAWN = event(
    "cases.court_date_withdrawn",
    _("{actor} withdrew a court date of the case {case_id}"),
    *("case_id", "court_date_id"),
)
CASES_EXPORTED = event(
    "cases.list_exported", _("{actor} exported a list of {count} cases"), "count", "sha256"
)
