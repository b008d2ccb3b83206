"""What policy may write into the ledger, in words. Facts are ids, digests, codes, counts and times."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.events import event

BOOK_ADOPTED = event(
    "policy.book_adopted",
    _("{actor} took {documents} documents with {rules} rules from the agency's profile into force"),
    *("documents", "rules", "profile", "sha256"),
)
VERSION_OFFERED = event(
    "policy.version_offered",
    _(
        "{actor} laid a changed text of {document_id} from the agency's profile before the department as a draft"
    ),
    *("document_id", "version_id", "n", "sha256"),
)
DOCUMENT_ADDED = event(
    "policy.document_added",
    _("{actor} added the document {document_id}, with a first draft"),
    *("document_id", "version_id", "n", "sha256"),
)
VERSION_BEGUN = event(
    "policy.version_begun",
    _("{actor} began version {n} of {document_id}"),
    *("document_id", "version_id", "n", "sha256"),
)
DRAFT_CHANGED = event(
    "policy.draft_changed",
    _("{actor} changed the draft of version {n} of {document_id}: {what}"),
    *("document_id", "version_id", "n", "what", "rule", "sha256"),
    words={
        "what": {
            "particulars": _("what it says of itself"),
            "rule_added": _("a rule added"),
            "rule_changed": _("a rule changed"),
            "rule_removed": _("a rule taken out"),
        }
    },
)
VERSION_PROPOSED = event(
    "policy.version_proposed",
    _("{actor} proposed version {n} of {document_id}"),
    *("document_id", "version_id", "n", "sha256", "because_sha256"),
)
VERSION_SENT_BACK = event(
    "policy.version_sent_back",
    _("{actor} sent version {n} of {document_id} back to its author"),
    *("document_id", "version_id", "n"),
)
VERSION_APPROVED = event(
    "policy.version_approved",
    _("{actor} approved version {n} of {document_id}, to be in force from {in_force_at}"),
    *("document_id", "version_id", "n", "sha256", "in_force_at"),
)
VERSION_WITHDRAWN = event(
    "policy.version_withdrawn",
    _("{actor} withdrew version {n} of {document_id}"),
    *("document_id", "version_id", "n"),
)
VERSION_IN_FORCE = event(
    "policy.version_in_force",
    _("{actor} brought version {n} of {document_id} into force"),
    *("document_id", "version_id", "n", "sha256", "number", "superseded_id"),
    public=("number", "n", "sha256"),
)
VERSION_HELD_UP = event(
    "policy.version_held_up",
    _(
        "{actor} told that version {n} of {document_id} waits: recordings carry categories that it leaves out: {codes}"
    ),
    *("document_id", "version_id", "n", "codes", "count"),
)
CLEARANCE_GIVEN = event(
    "policy.clearance_given",
    _("{actor} cleared version {n} of {document_id}: {what}"),
    *("document_id", "version_id", "n", "what", "sha256"),
    words={"what": {"retention": _("what it would make due was shown and approved")}},
)
FIGURE_REPORTED = event(
    "policy.figure_reported",
    _("{actor} measured “{measure}”: {numerator} (whole: {denominator})"),
    *("measure", "numerator", "denominator", "since", "until", "room"),
    words={"denominator": {"": _("none, this is a count")}},
)
