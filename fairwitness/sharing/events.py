"""What sharing may write into the ledger, in words. Facts are ids, digests, codes, counts and times."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.events import event

_SIDES = {"prosecution": _("the prosecution"), "defence": _("the defence"), "court": _("a court")}
_HOW = {"view": _("to view"), "download": _("to view and download")}

PACKAGE_ASKED = event(
    "sharing.package_asked",
    _(
        "{actor} asked for the package {package_id} of the case {case_id} for {side}: {count} in it, {left_out} left out"
    ),
    *(
        "package_id",
        "case_id",
        "side",
        "count",
        "left_out",
        "number",
        "list_sha256",
        "recipient_sha256",
        "notes",
    ),
    words={"side": _SIDES},
)
PACKAGED = event(
    "sharing.packaged",
    _("{actor} asked that it be put into the package {package_id} for {side}"),
    *("package_id", "case_id", "side"),
    words={"side": _SIDES},
)
PACKAGE_MADE = event(
    "sharing.package_made",
    _("{actor} made the package {package_id}: {sha256}"),
    *("package_id", "case_id", "sha256", "size", "damaged"),
)
PACKAGE_WAITS = event(
    "sharing.package_waits",
    _("The package {package_id} waits ({why})"),
    *("package_id", "case_id", "why"),
    words={
        "why": {
            "store_full": _("there is no room"),
            "unavailable": _("something that it needs does not answer, or is not published yet"),
            "not_found": _("something that it needs is not there"),
            "gone": _("something that it needs is not kept any more"),
            "wrong_state": _("something that it needs is in another state"),
            "invalid": _("something that it needs cannot be used"),
        }
    },
)
PACKAGE_LET_GO = event(
    "sharing.package_let_go",
    _("{actor} removed the file of the package {package_id}, which is shared with nobody"),
    *("package_id", "case_id"),
)
PACKAGE_WITHDRAWN = event(
    "sharing.package_withdrawn",
    _("{actor} withdrew the package {package_id}"),
    *("package_id", "case_id", "because_sha256"),
)
PACKAGE_TAKEN = event(
    "sharing.package_taken",
    _("{actor} took a copy of the package {package_id}"),
    *("package_id", "case_id", "sha256"),
)
GUEST_INVITED = event(
    "sharing.guest_invited",
    _("{actor} invited {guest_id}, of {side}; the invitation is good until {good_until}"),
    *("guest_id", "side", "good_until", "words_sha256"),
    words={"side": _SIDES},
)
INVITATION_ACCEPTED = event(
    "sharing.invitation_accepted", _("{actor} accepted the invitation and chose a password"), "guest_id"
)
INVITATION_REFUSED = event(
    "sharing.invitation_refused",
    _("Somebody used an invitation of {guest_id} that is good no more ({refused})"),
    *("guest_id", "refused"),
    words={
        "refused": {
            "used": _("it was used before"),
            "expired": _("its time is over"),
            "ended": _("another took its place, or it was taken back"),
            "nothing": _("nothing is shared with them any more"),
        }
    },
)
GUEST_SIGNED_IN = event("sharing.guest_signed_in", _("{actor} signed in"), "guest_id")
GUEST_SIGN_IN_FAILED = event("sharing.guest_sign_in_failed", _("A sign-in as {guest_id} failed"), "guest_id")
GUEST_SIGNED_OUT = event("sharing.guest_signed_out", _("{actor} signed out"), "guest_id")
SHARED = event(
    "sharing.shared",
    _("{actor} shared the package {package_id} with {guest_id} {how} until {until}"),
    *("package_id", "case_id", "guest_id", "how", "until"),
    words={"how": _HOW},
)
SHARE_ENDED = event(
    "sharing.share_ended",
    _("{actor} took the package {package_id} back from {guest_id}"),
    *("package_id", "case_id", "guest_id"),
)
VIEW_BEGUN = event(
    "sharing.view_begun",
    _("{actor} opened it in the package {package_id}"),
    *("package_id", "case_id", "guest_id", "recording_id", "file_id", "opening_id"),
)
DOWNLOAD_BEGUN = event(
    "sharing.download_begun",
    _("{actor} began to download the package {package_id}"),
    *("package_id", "case_id", "guest_id", "opening_id"),
)
OPENING_ENDED = event(
    "sharing.opening_ended",
    _("{actor} closed it: {bytes_sent} bytes were sent"),
    *("package_id", "guest_id", "opening_id", "bytes_sent", "why"),
)
RECEIVED = event(
    "sharing.received",
    _("All bytes of the package {package_id} were sent to {actor}: {sha256}"),
    *("package_id", "case_id", "guest_id", "number", "sha256", "size"),
)
