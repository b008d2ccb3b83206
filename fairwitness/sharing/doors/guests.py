"""The doors of guests: who they are, what is shared with them and opens now; and what their sharers see of it."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from fairwitness.accounts.models import SignInLog
from fairwitness.cases import doors as cases
from fairwitness.department import doors as department
from fairwitness.kernel import actors, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import Entry, EntrySubject
from fairwitness.kernel.one import locked, one
from fairwitness.kernel.refusals import Forbidden, Gone, NotFound, WrongState
from fairwitness.publiclog import receipts
from fairwitness.sharing import events
from fairwitness.sharing.doors import files, planning
from fairwitness.sharing.doors.reach import narrowed, package
from fairwitness.sharing.models import Guest, Invitation, Opening, Package, PackageItem, Running, Share, Side

# How long a link to choose a password is good.
INVITED_FOR = dt.timedelta(days=7)
# That a link was used which is good no more is noted once in so long, however often it is.
REFUSED_AGAIN = dt.timedelta(minutes=15)
# As for members (CJIS AC-7): so many failures in such a time, and no password is right until the time is over.
MOST_FAILURES = 5
FAILURES_WITHIN = dt.timedelta(minutes=15)
# A sign-in ends when nothing was done for so long, and after so long in any case.
IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
# A look or a download that neither reads nor asks for so long has been left.
LEFT_AFTER = dt.timedelta(minutes=15)


def digest_of(secret: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def guest_by_email(email: str) -> Guest | None:
    """The guest who signs in by this address."""
    plain = email.strip().lower()
    return Guest.objects.filter(email=plain).first() if "\0" not in plain else None


def guest_of(actor: Actor) -> Guest:
    """The guest who asks. Raises NotFound for everyone else."""
    found = Guest.objects.filter(pk=actor.guest_id).first() if actor.guest_id else None
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return found


def actor_of_sign_in(guest_id: str, began: dt.datetime, seen: dt.datetime) -> Actor | None:
    """The guest behind a sign-in; None where it is over: left idle, too long ago, or everything of theirs was closed.

    Whoever is sent bytes, for as long as that takes, is not idle.
    """
    now = clock.now()
    if now - began > LONGEST or (now - seen > IDLE and now - _sent_to(guest_id) > IDLE):
        return None
    found = Guest.objects.filter(pk=guest_id).exclude(password="").first()
    if found is None or (found.signed_out_at and found.signed_out_at >= began):
        return None
    return actors.guest(found.pk)


def _sent_to(guest_id: str) -> dt.datetime:
    """When bytes last left to a guest of what they have open; long ago where nothing is."""
    opened = Opening.objects.filter(share__guest=uuid.UUID(guest_id), ended=None).values("pk")
    last = Running.objects.filter(opening__in=opened).aggregate(last=Max("seen_at"))["last"]
    return last or dt.datetime.min.replace(tzinfo=dt.UTC)


def fails_too_often(guest: Guest) -> bool:
    """Whether sign-ins of a guest failed MOST_FAILURES times lately, since the last that was right."""
    key = actors.guest(guest.pk).key
    lines = SignInLog.objects.filter(actor=key, event="sign_in", at__gt=clock.now() - FAILURES_WITHIN)
    right = lines.filter(outcome="done").order_by("-at").first()
    failed = lines.filter(outcome="failed")
    return (failed.filter(at__gt=right.at) if right else failed).count() >= MOST_FAILURES


# Invitations


def invitation(secret: str) -> Invitation:
    """The invitation of a link. Raises NotFound for what is none, Gone where it is good no more; `details` say why."""
    found = (
        Invitation.objects.filter(secret_sha256=digest_of(secret)).select_related("guest", "made_by").first()
    )
    if found is None:
        raise NotFound(_("This is no invitation of ours, or not all of its address arrived."))
    check_good(found)
    return found


def was_refused_lately(found: Invitation) -> bool:
    """Whether it was noted within REFUSED_AGAIN that this link was used and is good no more."""
    about = EntrySubject.objects.filter(kind="sharing.invitation", subject=found.pk).values("entry_id")
    since = clock.now() - REFUSED_AGAIN
    return Entry.objects.filter(pk__in=about, event=events.INVITATION_REFUSED.name, at__gt=since).exists()


def check_good(found: Invitation) -> None:
    """Raise Gone for an invitation that was used, ran out, was replaced or taken back, or opens nothing any more."""
    who = found.made_by.name
    if found.used_at:
        words = _(
            "This invitation was used already. If it was you, sign in. If it was not, tell {who} at once."
        )
        raise Gone(words.format(who=who), invitation=str(found.pk), refused="used")
    if found.ended_at:
        words = _("This invitation was taken back, or another took its place. Ask {who}.")
        raise Gone(words.format(who=who), invitation=str(found.pk), refused="ended")
    if found.good_until <= clock.now():
        words = _("This invitation ran out. Ask {who} for another.")
        raise Gone(words.format(who=who), invitation=str(found.pk), refused="expired")
    if not stand(found.guest_id).exists():
        words = _("Nothing is shared with you any more: it was taken back, or its time is over. Ask {who}.")
        raise Gone(words.format(who=who), invitation=str(found.pk), refused="nothing")


# What is shared


def standing() -> Q:
    """Of shares: not taken back, and their day has not come."""
    return Q(ended_at=None, until__gt=department.today())


def stand(guest_id: uuid.UUID | None) -> QuerySet[Share]:
    """What is shared with a guest and opens to them now: what a link opens to whoever has it."""
    return Share.objects.filter(standing(), guest=guest_id, package__status=Package.Status.MADE)


def shares_of(actor: Actor) -> QuerySet[Share]:
    """What is shared with the guest who asks, the latest first."""
    return stand(actor.guest_id).select_related("package__case").order_by("-since", "-id")


def share_of(actor: Actor, pk: uuid.UUID, how: str = Share.How.VIEW) -> Share:
    """One of them, to view or to download. Raises NotFound; Gone where the right to it ended; Forbidden otherwise.

    What a statute protects stays closed to the defence while no court's order stands, also after it was shared.
    """
    rows = Share.objects.filter(guest=actor.guest_id) if actor.guest_id else Share.objects.none()
    found = rows.filter(pk=pk).select_related("package__case", "guest", "by").first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    if found.ended_at:
        raise Gone(_("This was taken back. Ask {who}.").format(who=found.by.name))
    if found.until <= department.today():
        raise Gone(_("Your access to this has run out. Ask {who}.").format(who=found.by.name))
    if found.package.status != Package.Status.MADE:
        raise Gone(_("This package was withdrawn. Ask {who}.").format(who=found.by.name))
    if how == Share.How.DOWNLOAD and found.how != Share.How.DOWNLOAD:
        raise Forbidden(_("This was shared with you to be viewed, not to be downloaded."))
    check_statutes(found.package)
    return found


def check_statutes(found: Package) -> None:
    """Raise Forbidden where a package for the defence holds what only a court's order lets reach it, and none stands."""
    if found.side != Side.DEFENCE:
        return
    held = found.items.filter(because="", recording__isnull=False).values_list("recording", flat=True)
    shut = planning.statutes(list(held))
    if shut:
        words = _("A court's order on which this was shared is not in force ({statute}).")
        raise Forbidden(words.format(statute=next(iter(shut.values()))))


def item_of(share: Share, pk: uuid.UUID) -> PackageItem:
    """One thing in a shared package. Raises NotFound for what is not in it."""
    rows = share.package.items.filter(because="", damaged=False).select_related("recording", "clip", "file")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return found


def opening_of(actor: Actor, pk: uuid.UUID) -> Opening:
    """An open look or download of the guest who asks, as long as they may. Raises NotFound, Gone, Forbidden."""
    rows = Opening.objects.filter(share__guest=actor.guest_id) if actor.guest_id else Opening.objects.none()
    found = (
        rows.filter(pk=pk)
        .select_related("share__package", "item__recording", "item__clip", "item__file")
        .first()
    )
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    share_of(
        actor, found.share_id, Share.How.DOWNLOAD if found.kind == Opening.Kind.DOWNLOAD else Share.How.VIEW
    )
    if found.ended:
        raise Gone(_("This has been closed. Open it again."))
    return found


def is_open(actor: Actor, pk: uuid.UUID) -> bool:
    """Whether an opening is open still: asked while bytes leave."""
    try:
        opening_of(actor, pk)
    except (NotFound, Gone, Forbidden):
        return False
    return True


# For the sharer


def shares_for(actor: Actor, found: Package) -> QuerySet[Share]:
    """With whom a package is or was shared, the latest first; for who may see the package."""
    package(actor, found.pk)
    return found.shares.select_related("guest", "by").order_by("-since", "-id")


def share_for(actor: Actor, pk: uuid.UUID, *, lock: bool = False) -> Share:
    """One share, for who may take it back. Raises NotFound, Forbidden."""
    row = Share.objects.filter(pk=pk).select_related("guest", "package").first()
    if row is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    package(actor, row.package_id, "share", lock=lock)
    row.refresh_from_db(fields=["ended_at"])
    return row


def openings_for(actor: Actor, found: Package) -> QuerySet[Opening]:
    """What guests looked at and downloaded of a package, the latest first; for who may see the package."""
    package(actor, found.pk)
    rows = Opening.objects.filter(share__package=found)
    return rows.select_related("share__guest", "item__recording", "item__file", "item__clip").order_by(
        "-begun", "-id"
    )


def guest_for(actor: Actor, pk: uuid.UUID, *, lock: bool = False) -> Guest:
    """A guest, for who may make them a link. Raises NotFound for who may share nothing that was shared with them.

    Raises WrongState where nothing is shared with them now, Forbidden as `check_may_invite`.
    """
    rows = Guest.objects.filter(
        Exists(Share.objects.filter(guest=OuterRef("pk"), package__in=narrowed(actor, "share").values("pk")))
    )
    found = locked(rows, pk) if lock else one(rows, pk)
    if not stand(pk).exists():
        raise WrongState(_("Nothing is shared with {name} now.").format(name=found.name))
    check_may_invite(actor, found)
    return found


def check_may_invite(actor: Actor, guest: Guest) -> None:
    """Raise Forbidden unless all that is shared with a guest now is the actor's to share: a link opens all of it."""
    if beyond(actor, [guest.pk]):
        words = _(
            "Packages that you may not share are shared with {name} too, and a link opens them all. The BWC Unit can "
            "make one."
        )
        raise Forbidden(words.format(name=guest.name), act="share")


def beyond(actor: Actor, guests: Iterable[uuid.UUID]) -> frozenset[uuid.UUID]:
    """With which of these guests something is shared now that the actor may not share."""
    rows = Share.objects.filter(standing(), guest__in=list(guests), package__status=Package.Status.MADE)
    return frozenset(
        rows.exclude(package__in=narrowed(actor, "share").values("pk")).values_list("guest", flat=True)
    )


def check_shareable(actor: Actor, found: Package) -> None:
    """Raise WrongState for a package that is not made, Gone where its file is no more, Forbidden otherwise.

    A statute may stand against it; and nobody gives others what does not open to themselves, be it by a guest of theirs.
    """
    files.check_there(found)
    check_statutes(found)
    held = set(found.items.filter(because="", recording__isnull=False).values_list("recording", flat=True))
    if closed := held - cases.opened_among(actor, held):
        words = _("Recordings in this package are not open to you: {n}. Somebody to whom they are shares it.")
        raise Forbidden(words.format(n=len(closed)), act="share")


def open_invitation(guest: Guest) -> Invitation | None:
    """The invitation of a guest that is good now."""
    rows = guest.invitations.filter(used_at=None, ended_at=None, good_until__gt=clock.now())
    return rows.order_by("-made_at").first()


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Guests by name and office, for histories."""
    rows = Guest.objects.filter(pk__in=list(ids))
    return {g.pk: f"{g.name} ({g.organisation or g.get_side_display()})" for g in rows}


def receipt_of(share: Share) -> Mapping[str, object]:
    """The receipt of the entry that says that all of a package left to its guest, signed by the public log.

    Raises WrongState before that, Unavailable while the entry waits to be published.
    """
    if share.received_entry is None:
        raise WrongState(_("There is a receipt once all of the package was sent."))
    return receipts.receipt(share.received_entry)
