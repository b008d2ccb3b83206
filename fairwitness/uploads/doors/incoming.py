"""The doors to uploads: who may send, who sees what became of it, and how much room there is for more."""

import datetime as dt
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from fairwitness.accounts.doors import check_token
from fairwitness.accounts.models import Token
from fairwitness.department import doors as department
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.refusals import Forbidden, Gone, NotFound, Unauthorized
from fairwitness.kernel.roles import Reach, reach
from fairwitness.uploads.doors.reach import REACH
from fairwitness.uploads.models import Upload

Status = Upload.Status

# What a token lets its device or program do in this room.
SCOPE = "upload"
# Kept with their bytes, and never to be sealed.
UNSEALED = (Status.REFUSED, Status.WITHDRAWN, Status.ABANDONED)
# Closed before they were complete: nothing more can be sent.
CLOSED = (Status.WITHDRAWN, Status.ABANDONED, Status.DISPOSED)


def far(actor: Actor, act: str) -> Reach:
    """How far a person reaches with an act of REACH; devices and programs have scopes instead."""
    return reach(actor.roles, REACH[act]) if actor.member_id else Reach.NONE


def may_list(actor: Actor) -> bool:
    """Whether the list of uploads is open to the actor, be it only with their own."""
    return far(actor, "find_upload") > Reach.NONE


def may_upload(actor: Actor) -> bool:
    """Whether the actor may send at all."""
    return SCOPE in actor.scopes if actor.token_id else far(actor, "upload") > Reach.NONE


def check_may_upload(actor: Actor) -> None:
    """Raises Unauthorized for nobody in particular, Forbidden for whoever may not send."""
    if actor.kind == "public":
        raise Unauthorized(_("Sign in, or show a token that may upload."))
    if not may_upload(actor):
        raise Forbidden(
            _("This token may not upload.") if actor.token_id else _("Your roles do not let you upload.")
        )


def check_may_go_on(actor: Actor, *, signed_in: bool) -> None:
    """Raises Unauthorized and Forbidden where whoever was let in would be so no more: asked anew, not remembered."""
    if actor.token_id is not None:
        check_token(actor.token_id)
    if actor.member_id is not None:
        if not signed_in:
            raise Unauthorized(_("You are signed in no more."))
        actor = replace(actor, roles=department.roles_today(actor.member_id))
    check_may_upload(actor)


def check_may_find(actor: Actor) -> None:
    """Raises Unauthorized for nobody in particular, Forbidden for whoever may find no uploads."""
    if actor.kind == "public":
        raise Unauthorized(_("Sign in, or show a token that may upload."))
    if not (SCOPE in actor.scopes if actor.token_id else may_list(actor)):
        raise Forbidden(_("This is not open to you."))


def narrowed(actor: Actor, act: str = "find_upload") -> QuerySet[Upload]:
    """The uploads with which the actor may do `act`: all, those of their people, or what is theirs."""
    how_far = far(actor, act)
    if actor.token_id is not None:
        return Upload.objects.filter(_sent_by(actor)) if SCOPE in actor.scopes else Upload.objects.none()
    if how_far == Reach.ALL:
        return Upload.objects.all()
    if actor.member_id is None or how_far < Reach.OWN:
        return Upload.objects.none()
    if act == "withdraw_upload":
        return Upload.objects.filter(_sent_by(actor))
    holders = {actor.member_id}
    if how_far == Reach.CHAIN:
        holders |= department.chain_below(actor.member_id)
    return Upload.objects.filter(_sent_by(actor) | Q(holder__in=holders))


def token_of(actor: Actor) -> Token | None:
    """The token that the actor showed, with its dock or camera; None for people."""
    if actor.token_id is None:
        return None
    return Token.objects.filter(pk=actor.token_id).select_related("camera").first()


def _sent_by(actor: Actor) -> Q:
    """What the actor sent, and for a dock what it sent under an earlier token."""
    if actor.token_id is None:
        return Q(by=actor.key)
    return Q(by=actor.key) | Q(dock__in=Token.objects.filter(pk=actor.token_id).values("dock"))


def upload(actor: Actor, pk: uuid.UUID, act: str = "find_upload", *, lock: bool = False) -> Upload:
    """One upload for one act; NotFound where it may not even be found, Forbidden where it may.

    With `lock` the row is locked first and checked after.
    """
    if lock:
        Upload.objects.filter(pk=pk).select_for_update(of=("self",)).first()
    found = (
        narrowed(actor, act)
        .filter(pk=pk)
        .select_related("progress", "recording", "camera", "dock", "holder")
        .first()
    )
    if found:
        return found
    if act != "find_upload" and narrowed(actor, "find_upload").filter(pk=pk).exists():
        raise Forbidden(_("You can find this upload, but your role does not let you do this with it."))
    hidden = act if Upload.objects.filter(pk=pk).exists() else ""
    raise NotFound(_("There is no such upload, or it is not one that you may see."), hidden=hidden)


@dataclass(frozen=True)
class Sought:
    """What a list of uploads is narrowed to: codes and days alone; what is empty does not narrow."""

    status: str = ""
    by_hand: bool | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def list_uploads(actor: Actor, sought: Sought) -> QuerySet[Upload]:
    """The uploads that the actor may find and that are sought."""
    found = narrowed(actor).select_related("progress", "recording", "camera", "dock", "holder")
    if sought.status:
        found = found.filter(status=sought.status)
    if sought.by_hand is not None:
        found = found.filter(by_hand=sought.by_hand)
    if sought.since:
        found = found.filter(begun__gte=sought.since)
    if sought.until:
        found = found.filter(begun__lt=sought.until)
    return found


def may(actor: Actor, found: Upload, act: str) -> bool:
    """Whether the actor may do `act` with this upload, as far as roles say."""
    return narrowed(actor, act).filter(pk=found.pk).exists()


def stuck(actor: Actor) -> QuerySet[Upload]:
    """Unfinished uploads to which nothing was added for a day."""
    since = clock.now() - dt.timedelta(days=1)
    return narrowed(actor).filter(status=Status.ANNOUNCED, progress__seen_at__lt=since)


def sent(actor: Actor, pk: uuid.UUID) -> Upload:
    """An upload for whoever sends it, to be asked about or gone on with.

    Raises Unauthorized, Forbidden, NotFound for other people's, Gone once it was closed unfinished.
    """
    check_may_upload(actor)
    found = next(iter(Upload.objects.filter(_sent_by(actor), pk=pk).select_related("progress")), None)
    if found is None:
        raise NotFound(_("There is no such upload of yours."))
    if found.status in CLOSED:
        raise Gone(_("This upload was closed: {state}.").format(state=found.get_status_display()))
    return found


def look_again(found: Upload) -> None:
    """Read anew how an upload stands, for whoever was let to it a moment ago and holds its bytes since."""
    stands = Upload.objects.filter(pk=found.pk).values_list("status", "came", "progress__offset")
    ((found.status, found.came, upto),) = stands
    if upto is not None:
        found.progress.offset = upto


def locked(pk: uuid.UUID) -> Upload:
    """The upload, whoever asks, locked until the change ends. Raises NotFound."""
    found = Upload.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such upload."))
    return found


def offset(found: Upload) -> int:
    """How many bytes of it are on disk."""
    return found.progress.offset if found.status == Status.ANNOUNCED else found.came


def kept_until(found: Upload) -> dt.datetime | None:
    """Until when bytes that were not sealed must stay, by the agency's rule; None where there are none."""
    if found.status not in UNSEALED or not found.came:
        return None
    return found.status_since + dt.timedelta(days=agency().uploads.kept_days)


def left(moment: dt.datetime) -> QuerySet[Upload]:
    """Uploads in which nothing has come for so long, at `moment`, that they count as abandoned."""
    return Upload.objects.filter(status=Status.ANNOUNCED, progress__seen_at__lt=moment - waits())


def waits() -> dt.timedelta:
    """How long an unfinished upload waits for more of it."""
    return dt.timedelta(days=agency().uploads.abandoned_after_days)


@dataclass(frozen=True)
class Room:
    """The disk on which uploads are staged, in bytes: free now, promised to open uploads, never to be used."""

    size: int
    free: int
    promised: int
    keep_free: int

    def takes(self, size: int) -> bool:
        """Whether a new upload fits: its bytes lie there twice until it is sealed."""
        return self.free - self.promised - 2 * size >= self.keep_free

    @property
    def share(self) -> int:
        """What one sender may be promised, beyond a single file: a quarter of what there is to promise."""
        return max(0, self.free - self.keep_free) // 4

    @property
    def crowded(self) -> bool:
        """Whether more is promised than one sender may have, so that others may wait for it."""
        return self.promised > self.share

    def has(self, count: int) -> bool:
        """Whether so many bytes of an upload that was promised room still fit."""
        return self.free - count >= self.keep_free


def staging() -> Path:
    """The folder in which bytes lie until they are sealed."""
    folder: Path = settings.FAIRWITNESS_HOME / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def lying() -> "QuerySet[Upload, uuid.UUID]":
    """The keys of the uploads of which bytes were acknowledged and must lie in the folder still."""
    coming = Q(status=Status.ANNOUNCED, progress__offset__gt=0)
    kept = Q(status__in=UNSEALED, came__gt=0)
    found = Upload.objects.filter(coming | kept | Q(status=Status.RECEIVED, size__gt=0))
    return found.values_list("pk", flat=True)


def disk() -> Room:
    """The disk without what is promised: one question to the system, none to the database."""
    found = os.statvfs(staging())
    size, free = found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize
    keep_free = settings.FAIRWITNESS_KEEP_FREE
    return Room(size, free, 0, min(5 * 2**30, size // 20) if keep_free is None else keep_free)


def room() -> Room:
    """The disk, and what is promised on it: of each open upload what is to come, and all of it once more to be sealed."""
    sealing = Upload.objects.filter(status=Status.RECEIVED).aggregate(n=Sum("size"))
    now = disk()
    return Room(now.size, now.free, _coming(Upload.objects.all()) + (sealing["n"] or 0), now.keep_free)


def promised_to(actor: Actor) -> int:
    """The bytes of room that are promised to what `actor` sends and has not finished, or its dock under any token."""
    return _coming(Upload.objects.filter(_sent_by(actor)))


def _coming(uploads: QuerySet[Upload]) -> int:
    promised = Sum(F("size") * 2 - F("progress__offset"))
    found: int | None = uploads.filter(status=Status.ANNOUNCED).aggregate(n=promised)["n"]
    return found or 0


def wearer(camera_id: uuid.UUID, started: dt.datetime | None) -> uuid.UUID | None:
    """Who wore a camera when it is said to have recorded; where that is not said or was nobody, who wears it now."""
    now = clock.now()
    then = department.wearer_at(camera_id, started) if started and started <= now else None
    worn = then or department.wearer_at(camera_id, now)
    return worn.pk if worn else None


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Uploads by number, for histories."""
    return dict(Upload.objects.filter(pk__in=list(ids)).values_list("pk", "number"))
