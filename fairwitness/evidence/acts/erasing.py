"""Erasing: begun under the locks, done outside any change, and said only when every store was read back as absent."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from fairwitness.department.acts import end_alarm, raise_alarm
from fairwitness.evidence import events
from fairwitness.evidence.acts.export import sealing_entry
from fairwitness.evidence.acts.view import end_viewing
from fairwitness.evidence.doors import disposal as doors
from fairwitness.evidence.doors import keeping
from fairwitness.evidence.models import Disposal, DisposalList, Recording, Viewing
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.blobs import keys, named
from fairwitness.kernel.change import change, move
from fairwitness.kernel.models import Entry, EntrySubject
from fairwitness.kernel.refusals import Unavailable, WrongState
from fairwitness.policy import doors as policy
from fairwitness.publiclog import receipts
from fairwitness.rules.canonical import canonical, nfc
from fairwitness.storage import acts as storage
from fairwitness.storage.models import Copy

Status, ListStatus = Disposal.Status, DisposalList.Status
# The alarm about a store, or a folder beside the stores, that does not let bytes go.
NOT_ERASED = "evidence.not_erased"


@dataclass(frozen=True)
class ReadBack:
    """A store that was asked anew, after the erasing, and has nothing of these bytes under any name."""

    store: str
    sha256: str
    at: dt.datetime


def begin_list(list_id: uuid.UUID, *, by: Actor) -> DisposalList:
    """The grace of a list is over: what is left on it is erased from now on. WrongState before its time."""
    with change(events.LIST_ERASING, by=by) as entry:
        found = doors.locked_list(list_id)
        if found.erased_from is None or found.erased_from > clock.now():
            raise WrongState(_("The grace of this list is not over."))
        move(found, ListStatus.ERASING)
        entry.about(found, list_id=found.pk, count=found.disposals.filter(status=Status.GRACE).count())
    return found


def begin_erasing(disposal_id: uuid.UUID, *, by: Actor) -> Disposal:
    """Everything is asked once more under the locks; from here on nobody opens, copies or mends these bytes.

    Raises WrongState where its grace is not over or it may go no more.
    """
    with change(events.ERASING_BEGUN, by=by) as entry:
        found = doors.locked(disposal_id)
        if found.list.status != ListStatus.ERASING:
            raise WrongState(_("The grace of its list is not over."))
        if why := doors.why_unfit(found.recording):
            raise WrongState(_("It may go no more."), why=why)
        move(found, Status.ERASING)
        all_named = {row[1]: row for row in doors.bytes_of(found.recording)}
        erased = _let_go(found.recording)
        entry.about(
            found.recording,
            list_id=found.list_id,
            rule=found.rule,
            version_id=found.version_id,
            erased=len(erased),
            kept=len(all_named) - len(erased),
        )
    end_viewings(found.recording_id, by=by)
    return found


def _let_go(recording: Recording) -> list[str]:
    """Mark the copies of what nobody else names; the digests that are let go."""
    rows = [(sha256, size, kind) for _what, sha256, size, kind in doors.bytes_of(recording)]
    return storage.begin_erasing(rows, lambda sha256: named.still_named(sha256, recording.pk))


def end_viewings(recording_id: uuid.UUID, *, by: Actor) -> None:
    """End every viewing of a recording that is open: its bytes go."""
    for pk in Viewing.objects.filter(recording=recording_id, ended=None).values_list("pk", flat=True):
        with suppress(WrongState):
            end_viewing(pk, "erased", by=by)


def let_go(disposal_id: uuid.UUID, *, by: Actor) -> Disposal:
    """The last moment at which anything keeps it: asked once more under the lock, and from here on stores erase.

    Up to here a hold stops the erasing; a hold that waited for the lock sees this and is refused. What was asked and
    answered is kept for the certificate. Raises WrongState where it may go no more. A second time changes nothing.
    """
    if (
        found := Disposal.objects.filter(pk=disposal_id, status=Status.ERASING)
        .exclude(let_go_at=None)
        .first()
    ):
        return found
    with change(events.BYTES_LET_GO, by=by) as entry:
        found = doors.locked(disposal_id)
        if found.status != Status.ERASING or found.let_go_at:
            raise WrongState(_("Its erasing has not begun, or it was let go before."))
        if why := doors.why_unfit(found.recording):
            raise WrongState(_("It may go no more."), why=why)
        found.let_go_at, found.checks = clock.now(), nfc(doors.checks(found.recording))
        found.save(update_fields=["let_go_at", "checks"])
        decision = keeping.decision_of(found.recording)
        entry.about(
            found.recording,
            found,
            list_id=found.list_id,
            rule=found.rule,
            version_id=found.version_id,
            decided_rule=decision.cited.rule.id,
            decided_version_id=decision.cited.version_id,
            due_on=decision.due_on,
            siblings=sum(len(each.get("recordings", ())) for each in found.checks),
        )
    return found


def keep_after_all(disposal_id: uuid.UUID, *, by: Actor) -> Disposal:
    """Something came to keep it after the erasing was begun, and no store was told to let go: it is kept.

    A hold, a resident's request, a longer rule. Raises WrongState where it may go, or where bytes may be gone already.
    """
    with change(events.DISPOSAL_TAKEN_BACK, by=by) as entry:
        found = doors.locked(disposal_id)
        if found.status != Status.ERASING or not (why := doors.why_unfit(found.recording)):
            raise WrongState(_("It may go."))
        if found.let_go_at:
            raise WrongState(_("Some of its bytes are erased already."))
        digests = [row[1] for row in doors.bytes_of(found.recording)]
        if not all(blobs.store().holds(sha256) for sha256 in digests):
            raise WrongState(_("Some of its bytes are erased already."))
        move(found, Status.TAKEN_BACK)
        found.because = str(events.WHY_BACK[why])
        found.save(update_fields=["because"])
        storage.keep_after_all(digests)
        entry.about(
            found.recording, found.list, list_id=found.list_id, recording_id=found.recording_id, why=why
        )
    return found


def bytes_erased(disposal_id: uuid.UUID, read_back: Sequence[ReadBack], *, by: Actor) -> Disposal:
    """The certificate, and the recording's last move. Raises WrongState where not every store was read back.

    Which bytes nobody else names is asked again: what another record came to name meanwhile was refused, and what
    was made of the recording meanwhile has to be erased too.
    """
    with change(events.BYTES_ERASED, by=by) as entry:
        found = doors.locked(disposal_id)
        recording = found.recording
        going = _going(recording)
        seen = {(each.store, each.sha256) for each in read_back}
        places = blobs.store().all
        if missing := [sha256 for sha256 in going for place in places if (place.name, sha256) not in seen]:
            raise WrongState(_("Not every store was read back as absent."), missing=len(missing))
        if left := named.clear_beside(recording.pk):
            raise WrongState(_("Bytes of it still lie beside the stores."), left=left)
        if found.let_go_at is None:
            raise WrongState(_("Nobody asked before whether it may go."))
        now = clock.now()
        released = recording.sha256 not in going
        found.certificate = nfc(_certificate(found, going, read_back, now))
        found.certificate_sha256 = hashlib.sha256(canonical(found.certificate)).hexdigest()
        found.erased_at = now
        found.save(update_fields=["certificate", "certificate_sha256", "erased_at"])
        move(found, Status.RELEASED if released else Status.ERASED)
        move(recording, Recording.Status.ERASED)
        storage.note_erased(going, by=by)
        entry.about(
            recording,
            found.list,
            found,
            list_id=found.list_id,
            disposal_id=found.pk,
            rule=found.rule,
            version_id=found.version_id,
            sha256=f"sha256:{recording.sha256}",
            size=recording.size,
            outcome="released" if released else "erased",
            blobs=len(going),
            stores=len(places),
            certificate=f"sha256:{found.certificate_sha256}",
            day=now.astimezone(agency().tz).date(),
        )
    return found


def _going(recording: Recording) -> list[str]:
    """The bytes that this recording alone names, each once."""
    digests = dict.fromkeys(row[1] for row in doors.bytes_of(recording))
    return [sha256 for sha256 in digests if not named.still_named(sha256, recording.pk)]


def _certificate(
    found: Disposal, going: Sequence[str], read_back: Sequence[ReadBack], now: dt.datetime
) -> dict[str, Any]:
    """What is certified, as docs/reference/certificate.md has it."""
    recording, sealed = found.recording, sealing_entry(found.recording)
    cited = policy.citation(found.version_id, found.rule)
    return {
        "v": 1,
        "kind": "disposal",
        "agency": {"name": agency().name, "log": agency().log_origin},
        "recording": {
            "number": recording.number,
            "sha256": f"sha256:{recording.sha256}",
            "size": recording.size,
            "sealed_at": clock.rfc3339(recording.sealed_at),
            "sealed_by_entry": str(sealed.pk),
        },
        "rule": {
            "id": found.rule,
            "title": cited.rule.title if cited else "",
            "source": cited.rule.source if cited else "",
            "category": found.category,
            "document": found.version.document.number,
            "version": found.version.n,
            "version_sha256": f"sha256:{found.version.digest}",
            "due_on": found.due_on.isoformat(),
        },
        "list": {"number": found.list.number, "proposed_at": clock.rfc3339(found.list.proposed_at)},
        "approvers": _approvers(found.list),
        # Bytes of its uploads, beside the stores: where any were left, nothing is certified.
        "checks": [
            *(found.checks or ()),
            {"check": "staged", "result": "none left", "at": clock.rfc3339(now)},
        ],
        "stores": _stores(going, read_back),
        "blobs": _blobs(recording, going),
        "cannot_reach": _cannot_reach(recording, now),
        "erased_at": clock.rfc3339(now),
    }


def _approvers(found: DisposalList) -> list[dict[str, str]]:
    return [
        {
            "member": str(each.member_id),
            "name": each.member.name,
            "at": clock.rfc3339(each.at),
            "list_sha256": f"sha256:{each.digest}",
        }
        for each in doors.approvals(found)
    ]


def _stores(going: Sequence[str], read_back: Sequence[ReadBack]) -> list[dict[str, str]]:
    found = []
    for place in blobs.store().all:
        at = [each.at for each in read_back if each.store == place.name and each.sha256 in going]
        if at:
            row = {
                "name": place.name,
                "kind": place.kind,
                "absent_at": clock.rfc3339(max(at)),
                "how": place.erasing,
            }
            found.append(row)
    return found


def _blobs(recording: Recording, going: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "what": what,
            "sha256": f"sha256:{sha256}",
            "size": size,
            "outcome": "erased",
            "keys_left": keys.kept(sha256),
        }
        if sha256 in going
        else {
            "what": what,
            "sha256": f"sha256:{sha256}",
            "size": size,
            "outcome": "kept",
            "named_by": named.still_named(sha256, recording.pk),
        }
        for what, sha256, size, _kind in doors.bytes_of(recording)
    ]


def _cannot_reach(recording: Recording, now: dt.datetime) -> list[dict[str, Any]]:
    """What was outside this system's hands: backups until their day, what people took out, stores given up."""
    days = settings.FAIRWITNESS_BACKUPS_KEPT_DAYS
    until = (now.astimezone(agency().tz).date() + dt.timedelta(days=days)).isoformat() if days else None
    given_up = Copy.objects.filter(sha256__in=[row[1] for row in doors.bytes_of(recording)]).exclude(
        store__name__in=[place.name for place in blobs.store().all]
    )
    return [
        {"what": "backups", "until": until or "not said by whoever runs this system"},
        {
            "what": "viewings, each of which could download it",
            "count": _entries(recording, events.VIEWING_BEGUN),
        },
        {"what": "attached files taken out", "count": _entries(recording, events.ATTACHMENT_TAKEN)},
        {"what": "clips taken out", "count": _entries(recording, events.CLIP_TAKEN)},
        {
            "what": "stores that the settings name no more",
            "count": given_up.values("store").distinct().count(),
        },
    ]


def _entries(recording: Recording, event: Any) -> int:
    about = EntrySubject.objects.filter(kind="evidence.recording", subject=recording.pk).values("entry_id")
    return Entry.objects.filter(pk__in=about, event=event.name).count()


def end_list(list_id: uuid.UUID, *, by: Actor) -> DisposalList:
    """Everything on a list has come to its end. WrongState while something has not."""
    with change(events.LIST_DONE, by=by) as entry:
        found = doors.locked_list(list_id)
        count = doors.shape(found).states
        if found.disposals.filter(status__in=Disposal.LIVE).exists():
            raise WrongState(_("Not everything on this list has come to its end."))
        move(found, ListStatus.DONE)
        found.ended_at = clock.now()
        found.save(update_fields=["ended_at"])
        entry.about(
            found,
            list_id=found.pk,
            erased=count.get(Status.ERASED, 0),
            released=count.get(Status.RELEASED, 0),
            struck=count.get(Status.STRUCK, 0),
            back=count.get(Status.TAKEN_BACK, 0),
        )
    return found


def note_not_erased(place: str, why: str, *, by: Actor) -> None:
    """Tell those who keep the system that bytes which a rule let go could not be erased, or are there all the same."""
    raise_alarm(NOT_ERASED, why[:500], key=place, by=by)


def note_erased_again(place: str, *, by: Actor) -> None:
    """A place lets bytes go again."""
    end_alarm(NOT_ERASED, key=place, by=by)


def take_certificate(recording_id: uuid.UUID, *, by: Actor) -> dict[str, Any]:
    """The certificate and the receipt of its entry: one file for a stranger. Taking it is recorded.

    Raises NotFound, Forbidden; Unavailable while the entry waits to be published.
    """
    found = doors.certificate_of(by, recording_id)
    made = receipts.receipt(erasing_entry(found).pk)
    with change(events.CERTIFICATE_TAKEN, by=by) as entry:
        entry.about(found.recording, certificate=f"sha256:{found.certificate_sha256}", index=made["index"])
    return {"v": 1, "certificate": found.certificate, "receipt": made}


def erasing_entry(found: Disposal) -> Entry:
    """The entry that says that the bytes are erased. Raises Unavailable where the ledger has none."""
    about = EntrySubject.objects.filter(kind="evidence.disposal", subject=found.pk).values("entry_id")
    entry: Entry | None = Entry.objects.filter(pk__in=about, event=events.BYTES_ERASED.name).first()
    if entry is None:
        raise Unavailable(_("The ledger has no entry for this certificate."))
    return entry
