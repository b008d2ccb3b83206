"""How packages and guests are shown: what the templates need, in words and addresses."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.packages.times import size as file_size
from fairwitness.sharing import doors
from fairwitness.sharing.doors.planning import Planned
from fairwitness.sharing.models import Opening, Package, PackageItem, Share

TONES = {"asked": "waiting", "made": "done", "withdrawn": "stopped"}


def row(found: Any) -> dict[str, Any]:
    """A line of the list."""
    return {"package": found, "tone": TONES[found.status], "inside": found.inside, "outside": found.outside}


def size_of(planned: Iterable[Planned]) -> int:
    """How many bytes of originals, clips and files would be in it."""
    found = 0
    for each in planned:
        if not each.because:
            thing = each.clip or each.file or each.recording
            found += thing.size if thing else 0
    return found


def plan(planned: list[Planned], beside: int, withheld: tuple[str, ...]) -> dict[str, Any]:
    """What would be in a package and what not, to be looked at before it is asked for."""
    because = dict(PackageItem.Because.choices)
    outside = [
        {
            "number": _("Clip of {number}").format(number=each.number) if each.clip else each.number,
            "because": f"{because[each.because]} {each.words}".strip(),
            "source": each.source,
        }
        for each in planned
        if each.because
    ]
    inside = [each for each in planned if not each.because]
    return {
        "inside": len(inside),
        "clips": sum(bool(each.clip) for each in inside),
        "bytes": size_of(planned),
        "outside": outside,
        "withheld": withheld,
        "beside": doors.content.beside_words(beside),
    }


def progress(found: Package) -> dict[str, Any] | None:
    """How far the writing has come, in words; None where nothing is being written."""
    if found.status != Package.Status.ASKED:
        return None
    said = doors.files.progress_of(found)
    if said is None:
        return {"words": _("It waits for its turn."), "waits": "", "done": 0, "total": 0, "of": 0}
    words = _("It is being written.")
    # A browser shows 1000 steps of it, whatever its size.
    steps = 1000 * said.done // said.total if said.total else 0
    return {
        "words": words,
        "waits": said.waits,
        "done": steps,
        "total": 1000,
        "bytes": said.done,
        "of": said.total,
    }


def facts(found: Package) -> list[dict[str, Any]]:
    """What is known of a package."""
    kept = doors.files.is_there(found)
    rows: list[dict[str, Any]] = [
        {"label": _("Case"), "value": f"{found.case.number} {found.case.title}"},
        {"label": _("For"), "value": f"{found.get_side_display()}: {found.recipient}"},
        {"label": _("Asked for"), "moment": found.asked_at, "hint": found.asked_by.name},
        {"label": _("Notes"), "value": _("in it") if found.with_notes else _("not in it")},
    ]
    if found.made_at:
        rows.append({"label": _("Made"), "moment": found.made_at})
        hint = "" if kept else _("Its file is not kept any more.")
        rows.append({"label": _("Size"), "value": file_size(found.size), "hint": hint})
        said = _("Of its tag manifest: every byte in it follows.")
        rows.append({"label": "SHA-256", "digest": found.sha256, "hint": said})
    if found.withdrawn_at:
        rows.append({"label": _("Withdrawn"), "moment": found.withdrawn_at, "hint": found.withdrawn_because})
    return rows


def item(each: PackageItem) -> dict[str, Any]:
    """One thing in the package, or left out of it."""
    thing = each.clip or each.file or each.recording
    because = f"{each.get_because_display()} {each.words}".strip() if each.because else ""
    if each.damaged:
        because = str(PackageItem.Because(each.missing or PackageItem.Because.DAMAGED).label)
    return {
        "pk": each.pk,
        "number": doors.content.number_of(each),
        "kind": doors.content.kind_words(each),
        "title": doors.content.title_of(each),
        "size": thing.size if thing else None,
        "because": because,
        "source": each.source,
        "damaged": each.damaged,
        "url": reverse("recording", args=[each.recording_id]) if each.recording_id else "",
    }


def share(each: Share, may_end: bool, may_invite: bool) -> dict[str, Any]:
    """With whom it is shared, and how that stands; taking it back and making a link, as far as who looks may."""
    over = each.until <= department.today()
    stands = each.ended_at is None and not over
    asked_of = stands and may_end and each.package.status == Package.Status.MADE
    state = _("taken back") if each.ended_at else _("run out") if over else _("open")
    if stands and not each.guest.password:
        state = _("invited") if doors.guests.open_invitation(each.guest) else _("invitation ran out")
    return {
        "share": each,
        "state": state,
        "tone": "done" if stands and each.guest.password else "waiting" if stands else "stopped",
        "end_url": reverse("share-end", args=[each.pk]) if stands and may_end else "",
        "invite_url": reverse("guest-invite", args=[each.pk]) if asked_of and may_invite else "",
        "invite_words": _("A link for another password") if each.guest.password else _("Another link"),
        "invite_not": asked_of and not may_invite,
    }


def opening(each: Opening) -> dict[str, Any]:
    """What a guest did with it."""
    thing = doors.content.number_of(each.item) if each.item else _("the whole package")
    return {"opening": each, "guest": each.share.guest, "thing": thing, "sent": each.bytes_sent}
