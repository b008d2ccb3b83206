"""Guests: invited, signed in, what is shared with them and taken back, what they look at and download."""

import datetime as dt
import secrets
import uuid

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from fairwitness.accounts import doors as accounts
from fairwitness.accounts.acts.log import Outcome, log
from fairwitness.accounts.doors import NOWHERE, Source
from fairwitness.department import doors as department
from fairwitness.evidence.acts.hold import cleaned
from fairwitness.kernel import actors, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import OpenEntry, change
from fairwitness.kernel.notices import notify
from fairwitness.kernel.one import locked
from fairwitness.kernel.refusals import Invalid, Unauthorized, WrongState
from fairwitness.rules.canonical import named_digest
from fairwitness.sharing import doors, events
from fairwitness.sharing.models import Guest, Invitation, Opening, Package, Running, Share, Taken

LONGEST_NAME, LONGEST_OFFICE = 120, 200
# What is shared is shared for so long at most; it can be shared again.
MOST_DAYS = 366
# A password that is nobody's: whoever types a name that we do not know waits as long as whoever types one that we do.
_NOBODYS = make_password(secrets.token_urlsafe(16))


def share(
    package_id: uuid.UUID,
    *,
    email: str,
    name: str,
    organisation: str = "",
    how: str,
    until: dt.date,
    by: Actor,
) -> tuple[Share, str]:
    """Share a package with a guest, known or new, until a day; answers the share, and the secret of an invitation.

    The secret is empty where the guest has a password of their own, and where the link that they were given stays good.
    Raises NotFound, Forbidden (also where a statute stands against it, or a link is needed that is not theirs to make),
    WrongState, Gone, and Invalid for what was entered.
    """
    email = _email(email)
    name = cleaned(name, LONGEST_NAME, "name", needed=True)
    organisation = cleaned(organisation, LONGEST_OFFICE, "organisation")
    _check(how, until)
    with change(events.SHARED, by=by) as entry:
        package = doors.package(by, package_id, "share", lock=True)
        doors.guests.check_shareable(by, package)
        guest = _guest(package, email, name, organisation, by)
        if package.shares.filter(doors.guests.standing(), guest=guest).exists():
            said = _("This is shared with them already. Take it back first to share it otherwise.")
            raise WrongState(said)
        # A link from before, when what it opened was over, does not open what is shared now.
        _end_links_to_nothing(guest)
        # What ran out by its day makes place for what is shared anew.
        package.shares.filter(guest=guest, ended_at=None).update(ended_at=clock.now())
        made = Share(package=package, guest=guest, how=how, until=until, since=clock.now(), by_id=by.person)
        made.save(force_insert=True)
        entry.about(package, package.case, guest, made, package_id=package.pk, case_id=package.case_id)
        entry.about(guest_id=guest.pk, how=how, until=until)
        secret = _link_if_needed(guest, by)
    return made, secret


def _email(text: str) -> str:
    plain = text.strip().lower()
    try:
        validate_email(plain)
    except ValidationError as error:
        raise Invalid(said := _("This is no e-mail address."), email=[said]) from error
    return plain


def _check(how: str, until: dt.date) -> None:
    if how not in Share.How.values:
        raise Invalid(_("Choose what they may do."), field="how")
    today = department.today()
    if not today < until <= today + dt.timedelta(days=MOST_DAYS):
        said = _("Choose a day after today, and within {n} days.").format(n=MOST_DAYS)
        raise Invalid(said, until=[said])


def _guest(package: Package, email: str, name: str, organisation: str, by: Actor) -> Guest:
    """The guest of an address, locked: what is shared with them stays as it is until it is decided who makes a link."""
    guest = doors.guests.guest_by_email(email)
    if guest is None:
        guest = Guest(name=name, organisation=organisation, email=email, side=package.side)
        guest.invited_at, guest.invited_by_id = clock.now(), by.person
        guest.save(force_insert=True)
    guest = locked(Guest.objects.all(), guest.pk)
    if guest.side != package.side:
        said = _("Who signs in by this address is of {theirs}, and this package is for {ours}.").format(
            theirs=guest.get_side_display(), ours=package.get_side_display()
        )
        raise Invalid(said, email=[said])
    return guest


def _link_if_needed(guest: Guest, by: Actor) -> str:
    """A link for who has no password; empty where none is needed, or another's is good and this is not theirs to make."""
    if guest.password:
        return ""
    if doors.guests.open_invitation(guest) and doors.guests.beyond(by, [guest.pk]):
        return ""
    doors.guests.check_may_invite(by, guest)
    with change(events.GUEST_INVITED, by=by) as entry:
        return _link(entry, guest, by)


def _link(entry: OpenEntry, guest: Guest, by: Actor) -> str:
    """A link for a guest; the one before is good no more. Whoever else shares something with them is told."""
    secret = secrets.token_urlsafe(32)
    now = clock.now()
    guest.invitations.filter(used_at=None, ended_at=None).update(ended_at=now)
    made = Invitation(guest=guest, secret_sha256=doors.guests.digest_of(secret), made_at=now)
    made.good_until, made.made_by_id = now + doors.guests.INVITED_FOR, by.person
    made.save(force_insert=True)
    entry.about(guest, made, guest_id=guest.pk, side=guest.side, good_until=made.good_until)
    entry.about(words_sha256=named_digest(f"{guest.name}\n{guest.organisation}\n{guest.email}"))
    _mention_packages(entry, guest)
    words = (
        _("{who} made a link by which {name} can choose another password.")
        if guest.password
        else _("{who} made another link for {name}. The one before is good no more.")
    )
    sentence = words.format(who=made.made_by.name, name=guest.name)
    shares = doors.guests.stand(guest.pk).exclude(by=made.made_by_id).select_related("package")
    for member_id, package in {each.by_id: each.package for each in shares.order_by("since")}.items():
        notify([member_id], sentence, doors.files.page_of(package))
    return secret


def _end_links_to_nothing(guest: Guest) -> None:
    """Where nothing is shared with a guest any more, a link of theirs is good no more."""
    if not doors.guests.stand(guest.pk).exists():
        guest.invitations.filter(used_at=None, ended_at=None).update(ended_at=clock.now())


def _mention_packages(entry: OpenEntry, guest: Guest) -> None:
    """Who comes to what is shared with a guest stands in the history of each package that it is."""
    for pk in doors.guests.stand(guest.pk).values_list("package", flat=True):
        entry.mention("sharing.package", pk)


def invite_again(guest_id: uuid.UUID, *, by: Actor) -> str:
    """Another link for a guest who has not accepted, or forgot their password; the one before is good no more.

    Until it is used the password that they have stays right. It opens everything that is shared with them, and so is
    made by who may share all of it. Raises NotFound, Forbidden, WrongState.
    """
    with change(events.GUEST_INVITED, by=by) as entry:
        return _link(entry, doors.guests.guest_for(by, guest_id, lock=True), by)


def note_bad_invitation(invitation_id: uuid.UUID, why: str, *, by: Actor) -> None:
    """Note that a link was used that is good no more, in the history of each package of its guest; its maker is told.

    Once in a while for each link: whoever has one cannot fill the ledger with it.
    """
    with transaction.atomic():
        found = (
            Invitation.objects.select_for_update(of=("self",)).select_related("guest").get(pk=invitation_id)
        )
        if doors.guests.was_refused_lately(found):
            return
        with change(events.INVITATION_REFUSED, by=by) as entry:
            entry.about(found, found.guest, guest_id=found.guest_id, refused=why)
            packages = [
                each.package for each in found.guest.shares.select_related("package").order_by("since")
            ]
            for package in packages:
                entry.mention("sharing.package", package.pk)
            sentence = _("Somebody used a link of {name} that is good no more.")
            told = sentence.format(name=found.guest.name)
            notify([found.made_by_id], told, doors.files.page_of(packages[-1]))


def accept_invitation(secret: str, password: str, *, by: Actor, source: Source = NOWHERE) -> Guest:
    """Accept an invitation by choosing a password; the link is good no more. Raises NotFound, Gone, Invalid.

    Whoever had a password before is signed out everywhere, and what they have open is closed.
    """
    found = doors.guests.invitation(secret)
    try:
        validate_password(password, _as_user(found.guest))
    except ValidationError as error:
        raise Invalid(error.messages[0], password=list(error.messages)) from error
    with change(events.INVITATION_ACCEPTED, by=actors.guest(found.guest_id)) as entry:
        # Locked, so that of two who use it at one moment only one does; the guest first, as whoever makes a link does.
        guest = locked(Guest.objects.all(), found.guest_id)
        found = locked(Invitation.objects.select_related("made_by"), found.pk)
        doors.guests.check_good(found)
        now = clock.now()
        found.used_at = now
        found.save(update_fields=["used_at"])
        guest.password, guest.accepted_at, guest.signed_out_at = make_password(password), now, now
        guest.save(update_fields=["password", "accepted_at", "signed_out_at"])
        entry.about(guest, found, guest_id=guest.pk)
        _mention_packages(entry, guest)
    opened = Opening.objects.filter(share__guest=guest, ended=None)
    end_openings(opened, "signed out", by=actors.guest(guest.pk))
    _note_signed_in(guest, source)
    return guest


def _as_user(guest: Guest) -> User:
    """What the rules for passwords compare a password with; never saved."""
    return User(username=guest.email[:150], email=guest.email, last_name=guest.name[:150])


def sign_in(email: str, password: str, *, by: Actor, source: Source = NOWHERE) -> Guest:
    """The guest whose password this is. Raises Unauthorized, in the same words and as slowly for every reason."""
    guest = doors.guests.guest_by_email(email)
    right = check_password(password, guest.password if guest and guest.password else _NOBODYS)
    often = accounts.fails_too_often(source.address) or (
        guest is not None and doors.guests.fails_too_often(guest)
    )
    if guest is None or not guest.password or not right or often:
        _note_failed(guest, source)
        raise Unauthorized(
            _(
                "The e-mail address and password are not correct, or too many were tried. After five failures in "
                "fifteen minutes none is right until fifteen minutes have passed."
            )
        )
    _note_signed_in(guest, source)
    return guest


def _note_failed(guest: Guest | None, source: Source) -> None:
    actor = actors.guest(guest.pk) if guest else actors.PUBLIC
    if guest is None:
        log("sign_in", Outcome.FAILED, by=actor, source=source, detail="guest")
        return
    with change(events.GUEST_SIGN_IN_FAILED, by=actors.PUBLIC) as entry:
        entry.about(guest, guest_id=guest.pk)
        log("sign_in", Outcome.FAILED, by=actor, source=source, detail="guest", entry_id=entry.id)


def _note_signed_in(guest: Guest, source: Source) -> None:
    by = actors.guest(guest.pk)
    with change(events.GUEST_SIGNED_IN, by=by) as entry:
        entry.about(guest, guest_id=guest.pk)
        log("sign_in", by=by, source=source, detail="guest", entry_id=entry.id)


def sign_out(*, by: Actor, source: Source = NOWHERE) -> None:
    """Close everything that a guest has open, in every browser."""
    guest = doors.guests.guest_of(by)
    end_openings(Opening.objects.filter(share__guest=guest, ended=None), "signed out", by=by)
    with change(events.GUEST_SIGNED_OUT, by=by) as entry:
        guest.signed_out_at = clock.now()
        guest.save(update_fields=["signed_out_at"])
        entry.about(guest, guest_id=guest.pk)
        log("sign_out", by=by, source=source, detail="guest", entry_id=entry.id)


def end_share(share_id: uuid.UUID, *, by: Actor) -> Share:
    """Take a package back from a guest: at once, also what they have open, and a link where it opens nothing more.

    Raises NotFound, Forbidden, WrongState.
    """
    with change(events.SHARE_ENDED, by=by) as entry:
        found = doors.guests.share_for(by, share_id, lock=True)
        locked(Guest.objects.all(), found.guest_id)
        if found.ended_at:
            raise WrongState(_("This was taken back before."))
        found.ended_at = clock.now()
        found.save(update_fields=["ended_at"])
        _end_links_to_nothing(found.guest)
        entry.about(found.package, found.guest, found, package_id=found.package_id, guest_id=found.guest_id)
        entry.about(case_id=found.package.case_id)
    end_openings(found.openings.filter(ended=None), "taken back", by=by)
    return found


# What a guest does


def view_item(share_id: uuid.UUID, item_id: uuid.UUID, *, by: Actor) -> Opening:
    """Open one thing in a shared package, to look at it. Raises NotFound, Gone, Forbidden."""
    with change(events.VIEW_BEGUN, by=by) as entry:
        share = doors.guests.share_of(by, share_id)
        item = doors.guests.item_of(share, item_id)
        made = _opening(share, Opening.Kind.VIEW)
        made.item = item
        made.save(force_insert=True)
        entry.about(share.package, share.guest, made, package_id=share.package_id, guest_id=share.guest_id)
        entry.about(case_id=share.package.case_id, opening_id=made.pk)
        # In the history of the thing itself, too.
        if item.recording:
            entry.about(item.recording, recording_id=item.recording_id)
        if item.file:
            entry.about(item.file, file_id=item.file_id)
        Running.objects.create(opening=made.pk, seen_at=made.begun)
    return made


def download(share_id: uuid.UUID, *, by: Actor) -> Opening:
    """Begin to download a shared package; one that breaks off and is taken up again is the same one."""
    share = doors.guests.share_of(by, share_id, Share.How.DOWNLOAD)
    doors.files.check_there(share.package)
    known = share.openings.filter(kind=Opening.Kind.DOWNLOAD, ended=None).first()
    if known:
        return known
    with change(events.DOWNLOAD_BEGUN, by=by) as entry:
        made = _opening(share, Opening.Kind.DOWNLOAD)
        made.save(force_insert=True)
        entry.about(share.package, share.guest, made, package_id=share.package_id, guest_id=share.guest_id)
        entry.about(case_id=share.package.case_id, opening_id=made.pk)
        Running.objects.create(opening=made.pk, seen_at=made.begun)
    return made


def _opening(share: Share, kind: str) -> Opening:
    return Opening(share=share, kind=kind, begun=clock.now())


def count_bytes(opening_id: uuid.UUID, count: int) -> bool:
    """Charge bytes about to leave; False, with nothing counted, once the opening has ended."""
    now = clock.now()
    rows = Running.objects.filter(opening=opening_id)
    return rows.update(bytes_sent=F("bytes_sent") + count, seen_at=now) == 1


def note_left(opening_id: uuid.UUID, start: int, end: int) -> None:
    """Note that bytes of a package's file have left; when all of them have, that is entered, once.

    The download stays open: what was sent and did not arrive is asked for again.
    """
    opening = Opening.objects.select_related("share__package").get(pk=opening_id)
    if opening.kind != Opening.Kind.DOWNLOAD:
        return
    Taken.objects.get_or_create(share=opening.share_id)
    with transaction.atomic():
        # Two downloads that end at a time are counted one after the other.
        row = Taken.objects.select_for_update().get(share=opening.share_id)
        row.parts = _merged(row.parts, start, end)
        row.save(update_fields=["parts"])
        if row.parts == [[0, opening.share.package.size]]:
            _note_received(opening.share_id)


def _merged(known: list[list[int]], start: int, end: int) -> list[list[int]]:
    """The parts that have left, with this one."""
    parts: list[list[int]] = []
    for part in sorted([*known, [start, end]]):
        if parts and part[0] <= parts[-1][1]:
            parts[-1][1] = max(parts[-1][1], part[1])
        else:
            parts.append(list(part))
    return parts


def _note_received(share_id: uuid.UUID) -> None:
    """Enter it, unless it was; under the lock of what has left."""
    found = Share.objects.select_related("package__case", "guest").get(pk=share_id)
    if found.received_at is not None:
        return
    with change(events.RECEIVED, by=actors.guest(found.guest_id)) as entry:
        found.received_at, found.received_entry = entry.at, entry.id
        found.save(update_fields=["received_at", "received_entry"])
        package = found.package
        entry.about(package, package.case, found, package_id=package.pk, case_id=package.case_id)
        entry.about(found.guest, guest_id=found.guest_id, number=package.number, size=package.size)
        entry.about(sha256=f"sha256:{package.sha256}")
        sentence = _("All bytes of {number} were sent to {who}.").format(
            who=found.guest.name, number=package.number
        )
        notify([found.by_id], sentence, doors.files.page_of(package))


def close(opening_id: uuid.UUID, *, by: Actor) -> None:
    """A guest closes what they looked at. Raises NotFound."""
    rows = Opening.objects.filter(pk=opening_id, share__guest=by.guest_id, ended=None)
    end_openings(rows, "closed", by=by)


def end_openings(rows: "QuerySet[Opening]", why: str, *, by: Actor) -> int:
    """End these openings, each with what was sent; how many."""
    ended = 0
    for pk in list(rows.values_list("pk", flat=True)):
        with change(events.OPENING_ENDED, by=by) as entry:
            found = (
                Opening.objects.select_for_update(of=("self",)).select_related("share__package").get(pk=pk)
            )
            running = Running.objects.select_for_update().filter(opening=pk).first()
            if found.ended is None:
                found.ended, found.bytes_sent = clock.now(), running.bytes_sent if running else 0
                found.save(update_fields=["ended", "bytes_sent"])
                ended += 1
            Running.objects.filter(opening=pk).delete()
            share = found.share
            entry.about(share.package, found, package_id=share.package_id, guest_id=share.guest_id)
            entry.about(opening_id=pk, bytes_sent=found.bytes_sent, why=why)
    return ended


def end_left(*, by: Actor) -> int:
    """End what guests left open without a word, and what they have lost the right to."""
    long_ago = clock.now() - doors.guests.LEFT_AFTER
    left = Running.objects.filter(seen_at__lt=long_ago).values("opening")
    return end_openings(Opening.objects.filter(ended=None, pk__in=left), "left", by=by)
