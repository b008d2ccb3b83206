"""What evidence may write into the ledger, in words. Facts are ids, digests, codes, counts and times."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.events import event

INGEST_BEGUN = event("evidence.ingest_begun", _("{actor} began to bring in a delivery"), "ingest_id")
INGEST_ENDED = event(
    "evidence.ingest_ended",
    _("{actor} finished a delivery: {sealed} sealed, {duplicate} already here, {refused} refused"),
    "ingest_id",
    "sealed",
    "duplicate",
    "refused",
)
RECORDING_SEALED = event(
    "evidence.recording_sealed",
    _("{actor} sealed the recording"),
    "sha256",
    "size",
    "number",
    "ingest_id",
    "delivered_sha256",
    "started",
    "clock",
    "owner_id",
    "owner_how",
    "camera_id",
    "by_hand",
    "incident_id",
)
UPLOAD_REFUSED = event(
    "evidence.upload_refused",
    _("{actor} refused what was delivered, because {reason}; the bytes are kept"),
    "reason",
    "declared",
    "found",
    "size",
    "number",
    "ingest_id",
    "by_hand",
    words={
        "reason": {
            "empty": _("the file is empty"),
            "digest": _("its digest is not the one that was declared"),
            "size": _("its size is not the one that was declared"),
            "changed": _("what was kept is no longer what came in"),
        }
    },
)
ATTACHMENT_SEALED = event(
    "evidence.attachment_sealed",
    _("{actor} sealed a file that came with the recording"),
    "sha256",
    "size",
    "recording_id",
    "ingest_id",
)
RECORDING_PROBED = event(
    "evidence.recording_probed",
    _("{actor} read the recording; {readable}"),
    "readable",
    "reason",
    "found",
    "started",
    "clock",
    "owner_id",
    "owner_how",
    words={
        "readable": {
            "yes": _("it can be played"),
            "no": _("it cannot be played, and is kept as it came"),
            "untried": _("a wall around the reading is missing, so it was not tried"),
        }
    },
)
READING_ASKED = event("evidence.reading_asked", _("{actor} asked that the recording be read again"))
DERIVATIVE_MADE = event(
    "evidence.derivative_made",
    _("{actor} made {kind} of the recording"),
    "kind",
    "sha256",
    "size",
    "source",
    words={
        "kind": {
            "filmstrip": _("the filmstrip"),
            "still": _("a still"),
            "waveform": _("the waveform"),
            "viewing_copy": _("a copy that browsers can play"),
        }
    },
)
_WAYS = {"copied": _("copied as sealed"), "encoded": _("encoded anew")}
CLIP_ASKED = event(
    "evidence.clip_asked",
    _("{actor} asked for a clip of the recording"),
    *("clip_id", "begins_ms", "ends_ms", "wanted", "name_sha256"),
)
CLIP_MADE = event(
    "evidence.clip_made",
    _("{actor} made a clip of the recording, {cut_how}"),
    *("clip_id", "sha256", "size", "source", "cut_how", "cut_begins_ms", "cut_ends_ms", "proof_sha256"),
    words={"cut_how": _WAYS},
)
CLIP_FAILED = event(
    "evidence.clip_failed", _("{actor} could not make a clip of the recording"), "clip_id", "reason"
)
CLIP_TAKEN = event(
    "evidence.clip_taken",
    _("{actor} took out a clip of the recording: {sha256}"),
    *("clip_id", "sha256"),
)
CLIP_PROOF_TAKEN = event(
    "evidence.clip_proof_taken",
    _("{actor} took the proof of a clip of the recording: {proof_sha256}"),
    *("clip_id", "proof_sha256"),
)
CLIP_WITHDRAWN = event("evidence.clip_withdrawn", _("{actor} withdrew a clip of the recording"), "clip_id")
OFFSET_FOUND = event(
    "evidence.offset_found",
    _("{actor} found by how much the camera's clock differs, {offset_how}; the recording is left as it is"),
    *("offset_id", "offset_ms", "offset_how", "at_ms", "true_at", "other_id", "other_ms"),
    *("because_sha256", "earlier_id"),
    words={
        "offset_how": {
            "dispatch": _("against the times of dispatch"),
            "mark": _("by a moment that another camera shows too"),
        }
    },
)
OFFSET_WITHDRAWN = event(
    "evidence.offset_withdrawn",
    _("{actor} withdrew what was found about the camera's clock"),
    "offset_id",
)
OWNER_SETTLED = event(
    "evidence.owner_settled", _("{actor} settled that {owner_id} wore the camera"), "owner_id"
)
INCIDENT_LINKED = event(
    "evidence.incident_linked",
    _("{actor} linked {recording_id} to {incident_id}, {link_how}"),
    *("recording_id", "incident_id", "link_how"),
    words={
        "link_how": {
            "number": _("by the number that came with it"),
            "suggested": _("as officer and time suggest"),
            "hand": _("by hand"),
        }
    },
)
INCIDENT_UNLINKED = event(
    "evidence.incident_unlinked",
    _("{actor} withdrew the link of {recording_id} to {incident_id}"),
    *("recording_id", "incident_id"),
)
NOTE_ADDED = event("evidence.note_added", _("{actor} wrote a note"), "note_id", "at_ms", "text_sha256")
NOTE_WITHDRAWN = event("evidence.note_withdrawn", _("{actor} withdrew a note"), "note_id")
VIEWING_BEGUN = event(
    "evidence.viewing_begun",
    _("{actor} opened the recording; purpose: {purpose}"),
    "viewing_id",
    "purpose",
    # By which rule of access, and by whose grant or which room's record of their work where no role was enough.
    *("access", "rule", "version_id", "grant_id", "linked"),
    words={
        "purpose": {
            "report": _("writing a report"),
            "investigation": _("investigation"),
            "court": _("preparing for court"),
            "supervision": _("supervision and training"),
            "audit": _("audit"),
            "technical": _("checking that the recording is sound"),
        }
    },
)
VIEWING_ENDED = event(
    "evidence.viewing_ended",
    _("{actor} ended the viewing: {why}"),
    "viewing_id",
    "played_ms",
    "bytes_sent",
    "why",
    words={
        "why": {
            "closed": _("it was closed"),
            "opened again": _("the recording was opened again"),
            "left": _("its page had been left"),
            "signed out": _("the viewer signed out"),
            "locked out": _("the viewer is involved in a critical incident"),
            "grant ended": _("what had opened it was taken back"),
            "erased": _("the recording was erased under a rule"),
        }
    },
)
LIST_EXPORTED = event(
    "evidence.list_exported",
    _("{actor} exported a list of {count} recordings"),
    "count",
    "sha256",
    "search_id",
)
ATTACHMENT_TAKEN = event(
    "evidence.attachment_taken", _("{actor} took a file that came with the recording: {sha256}"), "sha256"
)
RECEIPT_ISSUED = event("evidence.receipt_issued", _("{actor} took the receipt of the recording"), "index")

KEPT = {
    "retention_state": {
        "dated": _("until a day"),
        "for_ever": _("for ever"),
        "doubtful": _("until somebody settles its clock"),
    }
}
CATEGORY_ADDED = event(
    "evidence.category_added",
    _("{actor} added the category “{category}”: it is kept until {due_on}"),
    *("category", "due_on", "nearer_on", "retention_state", "rule", "version_id"),
    words={**KEPT, "due_on": {"": _("no day")}},
)
CATEGORY_WITHDRAWN = event(
    "evidence.category_withdrawn",
    _("{actor} withdrew the category “{category}”: it is kept until {due_on}"),
    *("category", "due_on", "nearer_on", "retention_state", "rule", "version_id"),
    words={**KEPT, "due_on": {"": _("no day")}},
)
CATEGORIES_DELIVERED = event(
    "evidence.categories_delivered",
    _("{actor} gave {count} recordings the category that their label as delivered stands for"),
    *("count", "list_sha256"),
)
CLOCK_SETTLED = event(
    "evidence.clock_settled",
    _("{actor} settled from when this recording counts: {ended}"),
    *("ended", "because_sha256", "due_on", "nearer_on", "retention_state"),
    words={**KEPT, "ended": {"": _("from its receipt")}},
)
DELIVERY_SETTLED = event(
    "evidence.delivery_settled",
    _("{actor} settled that {count} recordings of a delivery count from their receipt"),
    *("count", "because_sha256"),
)
CLOCK_CONFIRMED = event(
    "evidence.clock_confirmed",
    _("{actor} confirmed as a second person that this recording counts from {ended}"),
    *("ended", "because_sha256", "due_on", "nearer_on", "retention_state"),
    words=KEPT,
)
SETTLEMENT_WITHDRAWN = event(
    "evidence.settlement_withdrawn",
    _("{actor} withdrew what was settled about the clock of this recording"),
    *("ended", "because_sha256", "due_on", "nearer_on", "retention_state"),
    words=KEPT,
)
RETENTION_DECIDED = event(
    "evidence.retention_decided",
    _("{actor} decided by the rules in force until when {count} recordings are kept"),
    *("count", "first", "changed", "nearer", "list_sha256"),
)
DRY_RUN_PROPOSED = event(
    "evidence.dry_run_proposed",
    _(
        "{actor} tried a change of rules: {sooner} recordings would be due sooner, {due_at_once} at once ({number})"
    ),
    *("dry_run_id", "number", "list_sha256", "sooner", "due_at_once", "version_id"),
)
DRY_RUN_ASKED = event(
    "evidence.dry_run_asked",
    _("{actor} asked for a dry run over {count} recordings"),
    *("count", "version_id"),
)
DRY_RUN_APPROVED = event(
    "evidence.dry_run_approved",
    _("{actor} approved the dry run {number}, to take effect at {applies_at}"),
    *("dry_run_id", "number", "list_sha256", "applies_at", "rule", "version_id"),
)
DRY_RUN_WITHDRAWN = event(
    "evidence.dry_run_withdrawn",
    _("{actor} withdrew the dry run {number}"),
    *("dry_run_id", "number", "list_sha256"),
)
DRY_RUN_MOVED = event(
    "evidence.dry_run_moved",
    _("{actor} let days come nearer by the dry run {number}: {moved} of {count} recordings so far"),
    *("dry_run_id", "number", "list_sha256", "moved", "count"),
)
DRY_RUN_APPLIED = event(
    "evidence.dry_run_applied",
    _("{actor} let the days of {sooner} recordings come as near as was approved ({number})"),
    *("dry_run_id", "number", "list_sha256", "sooner"),
)
_HOLD_KINDS = {
    "court": _("for a court"),
    "complaint": _("for a complaint"),
    "records_request": _("for a records request"),
    "investigation": _("for an investigation"),
    "preservation": _("for a resident's preservation request"),
}
HOLD_PLACED = event(
    "evidence.hold_placed",
    _("{actor} placed the hold {hold_id} {hold_kind}, until {until}; recordings: {count}"),
    *("hold_id", "hold_kind", "incident_id", "request_id", "until", "count"),
    *("reason_sha256", "reference_sha256", "version_id", "rule"),
    words={"hold_kind": _HOLD_KINDS, "until": {"": _("it is lifted")}},
)
RECORDING_HELD = event(
    "evidence.recording_held",
    _("{actor} put the recording under the hold {hold_id} {hold_kind}"),
    *("hold_id", "hold_kind", "recording_id"),
    words={"hold_kind": _HOLD_KINDS},
)
RECORDING_LET_OUT = event(
    "evidence.recording_let_out",
    _("{actor} let the recording out of the hold {hold_id}, {because}"),
    *("hold_id", "recording_id", "because", "reason_sha256"),
    words={
        "because": {
            "alone": _("and it alone"),
            "lifted": _("which was lifted"),
            "erasing": _("which came after its erasing had begun"),
        }
    },
)
HOLD_EXTENDED = event(
    "evidence.hold_extended",
    _("{actor} extended the hold {hold_id} from {before} to {until}"),
    *("hold_id", "before", "until"),
    words={"until": {"": _("the day when it is lifted")}},
)
HOLD_LIFTED = event(
    "evidence.hold_lifted",
    _("{actor} lifted the hold {hold_id}; recordings: {count}"),
    *("hold_id", "count", "reason_sha256"),
)
HOLDS_EXPORTED = event(
    "evidence.holds_exported", _("{actor} exported a list of {count} holds"), "count", "sha256"
)
PRESERVATION_EXPORTED = event(
    "evidence.preservation_exported",
    _("{actor} exported a list of {count} preservation requests"),
    *("count", "sha256"),
)
PRESERVATION_ASKED = event(
    "evidence.preservation_asked",
    _("{actor} sent the preservation request {request_id}, {way}, to be decided by {decide_by}"),
    *("request_id", "way", "decide_by", "hours", "version_id", "rule", "words_sha256"),
    words={"way": {"number": _("by an incident's number"), "place": _("by place and time")}},
)
PRESERVATION_MATCHED = event(
    "evidence.preservation_matched",
    _("{actor} looked for what {request_id} asks for; recordings: {count}"),
    *("request_id", "hold_id", "count"),
)
PRESERVATION_LEFT = event(
    "evidence.preservation_left",
    _("{actor} told that requests were not looked for in time, {request_id} first; requests: {count}"),
    *("request_id", "count"),
)
PRESERVATION_CONFIRMED = event(
    "evidence.preservation_confirmed",
    _("{actor} confirmed {request_id}"),
    *("request_id", "hold_id", "until", "reason_sha256"),
)
PRESERVATION_LIFTED = event(
    "evidence.preservation_lifted",
    _("{actor} lifted {request_id}"),
    *("request_id", "hold_id", "reason_sha256"),
)
_GRANT_KINDS = {
    "named": _("by name"),
    "work": _("for their work"),
    "audit": _("for an audit"),
    "lockout": _("as an exception from the lockout"),
}
ACCESS_GRANTED = event(
    "evidence.access_granted",
    _("{actor} opened it to {member_id} {grant_kind}"),
    *("grant_id", "grant_kind", "member_id", "recording_id", "incident_id", "until", "because_sha256"),
    words={"grant_kind": _GRANT_KINDS},
)
ACCESS_ENDED = event(
    "evidence.access_ended",
    _("{actor} took back that it was open to {member_id} {grant_kind}"),
    *("grant_id", "grant_kind", "member_id"),
    words={"grant_kind": _GRANT_KINDS},
)
ORDER_RECORDED = event(
    "evidence.order_recorded",
    _("{actor} recorded a court order of {ordered_on} to share it with the defence"),
    *("order_id", "ordered_on", "sha256", "words_sha256"),
)
ORDER_WITHDRAWN = event(
    "evidence.order_withdrawn",
    _("{actor} withdrew a court order that had been recorded"),
    *("order_id", "sha256"),
)
ACCESS_WATCHED = event(
    "evidence.access_watched",
    _("{actor} looked through the access of the week of {week}; signs found: {signs}"),
    *("week", "signs"),
)
WATCH_DECIDED = event(
    "evidence.watch_decided",
    _("{actor} decided on a sign of unusual access: {outcome}"),
    *("watch_id", "outcome", "words_sha256"),
    words={
        "outcome": {
            "explained": _("explained"),
            "reminded": _("reminded of the rule"),
            "referred": _("passed on for an inquiry"),
        }
    },
)
# Disposal

WHY_BACK = {
    "person": _("a person took it back"),
    "held": _("a hold stands over it"),
    "kept": _("something else than a hold keeps it"),
    "asked": _("a resident's request that may mean it was not looked at yet"),
    "moved": _("its date has moved"),
    "state": _("it is not a sealed recording any more"),
    "list": _("the whole list was taken back"),
}
DISPOSAL_PROPOSED = event(
    "evidence.disposal_proposed",
    _("{actor} proposed the list {number}: {count} recordings whose day has come"),
    *("list_id", "number", "count", "list_sha256", "rule", "version_id"),
)
DISPOSAL_STRUCK = event(
    "evidence.disposal_struck",
    _("{actor} struck the recording from the list {list_id}"),
    *("list_id", "recording_id", "because_sha256"),
)
LIST_APPROVED = event(
    "evidence.list_approved",
    _("{actor} approved the list {list_id}: {count} recordings, {approvals} of {needed} approvals"),
    *("list_id", "list_sha256", "count", "approvals", "needed", "rule", "version_id", "erased_from"),
)
APPROVALS_WITHDRAWN = event(
    "evidence.approvals_withdrawn",
    _("{actor} changed the list {list_id}, so that {count} approvals of it count no more"),
    *("list_id", "count"),
)
DISPOSAL_APPROVED = event(
    "evidence.disposal_approved",
    _(
        "{actor} noted that the recording will be erased from {erased_from}: two people approved the list {list_id}"
    ),
    *("list_id", "list_sha256", "rule", "version_id", "due_on", "erased_from"),
)
DISPOSAL_TAKEN_BACK = event(
    "evidence.disposal_taken_back",
    _("{actor} took the recording off the list {list_id}: {why}"),
    *("list_id", "recording_id", "why", "because_sha256"),
    words={"why": WHY_BACK},
)
LIST_TAKEN_BACK = event(
    "evidence.list_taken_back",
    _("{actor} took back the list {list_id}"),
    *("list_id", "count", "because_sha256"),
)
LIST_ERASING = event(
    "evidence.list_erasing",
    _("{actor} began to erase what is left on the list {list_id}: {count} recordings"),
    *("list_id", "count"),
)
ERASING_BEGUN = event(
    "evidence.erasing_begun",
    _("{actor} began to erase the bytes of the recording, under the rule {rule}"),
    *("list_id", "rule", "version_id", "erased", "kept"),
)
BYTES_LET_GO = event(
    "evidence.bytes_let_go",
    _("{actor} asked everything once more, and told the stores to let the bytes of the recording go"),
    *("list_id", "rule", "version_id", "decided_rule", "decided_version_id", "due_on", "siblings"),
)
MORE_LET_GO = event(
    "evidence.more_let_go",
    _(
        "{actor} told the stores to let go of {count} more of the recording's blobs, which nobody else names any more"
    ),
    *("list_id", "count"),
)
BYTES_ERASED = event(
    "evidence.bytes_erased",
    _("{actor} found the bytes of the recording absent in every store; {outcome}; certificate {certificate}"),
    *("list_id", "disposal_id", "rule", "version_id", "sha256", "size", "outcome"),
    *("blobs", "stores", "certificate", "day"),
    public=("certificate", "day"),
    words={
        "outcome": {
            "erased": _("they are erased"),
            "released": _("other records keep the recording's own bytes, and this one has let go of them"),
        }
    },
)
LIST_DONE = event(
    "evidence.list_done",
    _(
        "{actor} finished the list {list_id}: {erased} erased, {released} let go, {struck} struck, {back} taken back"
    ),
    *("list_id", "erased", "released", "struck", "back"),
)
CERTIFICATE_TAKEN = event(
    "evidence.certificate_taken",
    _("{actor} took the certificate of disposal"),
    *("certificate", "index"),
)
DISPOSALS_EXPORTED = event(
    "evidence.disposals_exported",
    _("{actor} exported the list {list_id}: {count} recordings"),
    *("list_id", "count", "sha256"),
)
