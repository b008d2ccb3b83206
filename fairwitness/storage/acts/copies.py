"""Copies: confirmed with the change that names the bytes, read again, found damaged, repaired."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department.acts import end_alarm, raise_alarm
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.blobs import Blob
from fairwitness.kernel.change import change
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import NotFound, Unavailable
from fairwitness.rules import fixity
from fairwitness.storage import doors, events
from fairwitness.storage.models import Copy, Damage, Store

UNREACHABLE, LOST, DAMAGED = "storage.unreachable", "storage.lost", "storage.damage"
ABSENT, REFUSES, BEHIND = "storage.absent", "storage.refuses", "storage.behind"


@dataclass(frozen=True)
class Read:
    """What reading one copy again came to: empty where it is good, else the code of `Damage.What`."""

    copy: Copy
    what: str = ""


def begin_store(name: str, *, by: Actor) -> Store:
    """Begin a store that the settings name, so that bytes may be put there; one that is there already is answered.

    What it should hold and holds no more, all of it or some, was lost: it counts as missing until it is there again.
    """
    place = blobs.store().one(name)
    place.begin()
    known = Store.objects.filter(name=name).first()
    if known is None:
        with change(events.STORE_BEGUN, by=by) as entry:
            known = _record(place)
            entry.about(known, store_id=known.pk, store_kind=known.kind)
    elif absent := doors.absent(place, known):
        note_lost(known, absent, by=by)
    end_alarm(UNREACHABLE, key=name, by=by)
    end_alarm(LOST, key=name, by=by)
    return known


def confirm_copies(blob: Blob, *, made: bool = False) -> None:
    """Note, in the open change, which stores confirmed these bytes just now: the copies commit with what names them.

    `made` says that they can be made again. Stores that the settings name beyond these get theirs by a job.
    """
    require_change("confirming copies")
    stores = blobs.store()
    kind = Copy.Kind.MADE if made else Copy.Kind.EVIDENCE
    held = [_record(stores.one(name)) for name in blob.copies]
    _check_not_going(blob)
    _note_good(held, [(blob.sha256, blob.size, kind)])
    if held and not made and len(held) < len(stores.all):
        enqueue("storage.spread", queue="storage", sha256=blob.sha256)


def note_copies(store: Store, found: Sequence[Copy], *, by: Actor) -> None:
    """Note that `store` now holds the bytes of these copies too, each confirmed: one entry for all of them."""
    going = set(_let_go(copy.sha256 for copy in found).values_list("sha256", flat=True))
    found = [copy for copy in found if copy.sha256 not in going]
    if not found:
        return
    with change(events.COPIES_MADE, by=by) as entry:
        _note_good([store], [(copy.sha256, copy.size, copy.kind) for copy in found])
        total = sum(copy.size for copy in found)
        entry.about(store, store_id=store.pk, copies=len(found), bytes=total)
    _end_loss(store, Damage.How.COPIED, by=by)


def find_copies(unknown: Sequence[Copy], *, by: Actor) -> int:
    """Find bytes of which no copy is counted, read them, and note where they are; how many are in no store at all."""
    nowhere = {copy.sha256 for copy in unknown}
    for place in blobs.store().all:
        try:
            found = [copy for copy in unknown if not doors.what_is_wrong(place, copy)]
        except Unavailable as away:
            note_away(place.name, away.sentence, by=by)
            return 0
        if found:
            known = Store.objects.filter(name=place.name).first() or begin_store(place.name, by=by)
            note_copies(known, found, by=by)
        nowhere -= {copy.sha256 for copy in found}
    if nowhere:
        sentence = _("The bytes of {n} sealed files are in no store. Look for them in your backups.")
        note_away("", sentence.format(n=len(nowhere)), code=ABSENT, by=by)
    else:
        end_alarm(ABSENT, by=by)
    return len(nowhere)


def _let_go(digests: Iterable[str]) -> "QuerySet[Copy]":
    """The rows of bytes that are being erased, or were."""
    return Copy.objects.filter(sha256__in=list(digests), status__in=(Copy.Status.ERASING, Copy.Status.ERASED))


def _check_not_going(blob: Blob) -> None:
    """Raise Unavailable where bytes that were put just now are being erased, or were erased after they were put."""
    gone = list(_let_go([blob.sha256]).select_for_update())
    if any(copy.status == Copy.Status.ERASING for copy in gone):
        raise Unavailable(
            _("These bytes are being erased under a rule. Bring them in again when that is done.")
        )
    for name in blob.copies if gone else ():
        try:
            blobs.store().open_in(name, blob.sha256).close()
        except NotFound as erased:
            raise Unavailable(_("These bytes were erased meanwhile. Bring them in again.")) from erased


def _record(place: blobs.Store) -> Store:
    """The record of a store, in the open change; made where the settings named a new one."""
    values = {"kind": place.kind, "place": place.place[:300], "begun_at": clock.now()}
    return Store.objects.get_or_create(name=place.name, defaults=values)[0]


def _note_good(stores: Iterable[Store], bytes_: Iterable[tuple[str, int, str]]) -> None:
    now, named = clock.now(), list(bytes_)
    # What is evidence stays evidence, also when the same bytes are made of another recording.
    evidence = Copy.objects.filter(sha256__in=[each[0] for each in named], kind=Copy.Kind.EVIDENCE)
    sealed = set(evidence.values_list("sha256", flat=True))
    Copy.objects.bulk_create(
        [
            Copy(
                store=store,
                sha256=sha256,
                size=size,
                kind=Copy.Kind.EVIDENCE if sha256 in sealed else kind,
                confirmed_at=now,
                checked_at=now,
            )
            for sha256, size, kind in named
            for store in stores
        ],
        update_conflicts=True,
        unique_fields=["sha256", "store"],
        update_fields=["kind", "status", "confirmed_at", "checked_at", "written_by"],
    )


def note_check(store: Store, read: Sequence[Read], *, by: Actor) -> list[Damage]:
    """Note a batch of copies that were read again: one entry with its counts, and an incident for each damaged one."""
    let_go = set(_let_go(each.copy.sha256 for each in read if each.what).values_list("pk", flat=True))
    read = [each for each in read if each.copy.pk not in let_go]
    if not read:
        return []
    bad = [each for each in read if each.what]
    with change(events.COPIES_CHECKED, by=by) as entry:
        good = [each.copy.pk for each in read if not each.what]
        Copy.objects.filter(pk__in=good).update(checked_at=clock.now())
        Copy.objects.filter(pk__in=good, status=Copy.Status.MISSING).update(status=Copy.Status.GOOD)
        total = sum(each.copy.size for each in read if not each.what)
        entry.about(store, store_id=store.pk, copies=len(read), bytes=total, damaged=len(bad))
        damages = [note_damage(each.copy, each.what, by=by) for each in bad]
    _end_loss(store, Damage.How.FOUND, by=by)
    return damages


def _end_loss(store: Store, how: str, *, by: Actor) -> None:
    """A loss is over when the store has all its copies again."""
    for damage in Damage.objects.filter(store=store, what=Damage.What.LOST, repaired_at=None):
        if not doors.not_whole(store).exists():
            note_repaired(damage.pk, how, by=by)


def note_damage(copy: Copy, what: str, *, by: Actor) -> Damage:
    """Note that the bytes of a copy are changed, missing or unreadable, and tell those who keep the system.

    What was made of evidence is made anew; evidence is repaired from a good copy by the next round.
    """
    with change(events.DAMAGE_FOUND, by=by) as entry:
        damage = Damage.objects.filter(store=copy.store_id, sha256=copy.sha256, repaired_at=None).first()
        if damage is None:
            damage = Damage(store=copy.store, sha256=copy.sha256, what=what, found_at=clock.now())
            damage.save(force_insert=True)
        missing = what == Damage.What.MISSING
        copy.status = Copy.Status.MISSING if missing else Copy.Status.DAMAGED
        copy.save(update_fields=["status"])
        if copy.kind == Copy.Kind.MADE:
            enqueue("evidence.rebuild", sha256=copy.sha256)
        entry.about(
            damage,
            copy.store,
            store_id=copy.store_id,
            damage_id=damage.pk,
            what=what,
            sha256=f"sha256:{copy.sha256}",
            copies=1,
        )
        sentence = _("Bytes in the store {name} are damaged. What can be done about it is done by itself.")
        raise_alarm(DAMAGED, sentence.format(name=copy.store.name), key=copy.store.name, link=_link(), by=by)
    return damage


def note_lost(store: Store, absent: Collection[str], *, by: Actor) -> Damage:
    """Note that a store lost these digests at once: they count as missing, and are copied there again by jobs."""
    with change(events.DAMAGE_FOUND, by=by) as entry:
        count, digests = 0, sorted(absent)
        for first in range(0, len(digests), 5000):
            good = store.copies.filter(status=Copy.Status.GOOD, sha256__in=digests[first : first + 5000])
            made = list(good.filter(kind=Copy.Kind.MADE).values_list("sha256", flat=True))
            count += good.filter(kind=Copy.Kind.MADE).update(status=Copy.Status.OUTGROWN)
            count += good.update(status=Copy.Status.MISSING)
            for sha256 in made:
                enqueue("evidence.rebuild", sha256=sha256)
        damage = Damage.objects.filter(store=store, sha256="", repaired_at=None).first() or Damage(
            store=store, copies=count, what=Damage.What.LOST, found_at=clock.now()
        )
        damage.save()
        entry.about(damage, store, store_id=store.pk, damage_id=damage.pk, what=damage.what, copies=count)
        sentence = _("The store {name} lost {n} files. They are brought back from the other stores.")
        raise_alarm(DAMAGED, sentence.format(name=store.name, n=count), key=store.name, link=_link(), by=by)
    return damage


def note_repaired(damage_id: uuid.UUID, how: str, source: Store | None = None, *, by: Actor) -> Damage:
    """Note that damaged bytes are whole again, and from where. Repaired twice is once; ends the store's alarm."""
    with transaction.atomic():
        damage = Damage.objects.select_for_update().get(pk=damage_id)
        if damage.repaired_at is not None:
            return damage
        with change(events.DAMAGE_REPAIRED, by=by) as entry:
            damage.repaired_at, damage.repaired_how, damage.repaired_from = clock.now(), how, source
            damage.save(update_fields=["repaired_at", "repaired_how", "repaired_from"])
            now, same = clock.now(), Copy.objects.filter(store=damage.store_id, sha256=damage.sha256)
            if how == Damage.How.REBUILT:
                same.exclude(status=Copy.Status.GOOD).update(status=Copy.Status.OUTGROWN)
            elif damage.sha256:
                same.update(status=Copy.Status.GOOD, checked_at=now, confirmed_at=now)
            entry.about(
                damage,
                damage.store,
                store_id=damage.store_id,
                damage_id=damage.pk,
                how=how,
                from_store_id=source.pk if source else None,
                sha256=f"sha256:{damage.sha256}" if damage.sha256 else None,
                copies=damage.copies,
            )
    if damage.sha256:
        _end_loss(damage.store, how, by=by)
    if not Damage.objects.filter(store=damage.store_id, repaired_at=None).exists():
        end_alarm(DAMAGED, key=damage.store.name, by=by)
    return damage


def outgrow(sha256: str, *, by: Actor) -> None:
    """What was made of evidence and was damaged has been made anew: its incidents are over."""
    for damage in Damage.objects.filter(sha256=sha256, repaired_at=None):
        note_repaired(damage.pk, Damage.How.REBUILT, by=by)


def note_away(name: str, sentence: str, *, code: str = UNREACHABLE, by: Actor) -> None:
    """Tell those who keep the system that a store does not answer, or seems lost."""
    raise_alarm(code, sentence[:500], key=name, link=_link(), by=by)


def note_back(name: str, *, code: str = UNREACHABLE, by: Actor) -> None:
    """The store answers, or takes bytes, again."""
    end_alarm(code, key=name, by=by)


def note_pace(store: Store, *, by: Actor) -> None:
    """Tell those who keep the system that a store is not read weekly; over when nothing in it is overdue.

    Source: weekly integrity checks, CJIS Security Policy SI-7(1); a day of grace before anybody is told.
    """
    if doors.overdue(store, fixity.GRACE):
        sentence = _(
            "{n} copies in the store {name} were last read more than a week ago: reading falls behind. Give it more "
            "bytes a second (FAIRWITNESS_CHECK_RATE), or see why it stands still."
        )
        sentence = sentence.format(n=doors.overdue(store), name=store.name)
        raise_alarm(BEHIND, sentence, key=store.name, link=_link(), by=by)
    elif not doors.overdue(store):
        end_alarm(BEHIND, key=store.name, by=by)


def _link() -> str:
    return reverse("stores")
