"""Work of the stores: reading all of them again within the week, mending what is damaged, copying what is missing."""

import time
from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _

from fairwitness.kernel import actors, blobs
from fairwitness.kernel.blobs import Damaged
from fairwitness.kernel.refusals import NotFound, Refusal, StoreFull, Unavailable
from fairwitness.storage import acts, doors
from fairwitness.storage.models import Copy, Damage, Store

BY = actors.system("storage.watch")
# So often the clock leaves a round of reading, in seconds; so long its reading may take at the rate in the settings.
EVERY = 300
# So many copies are noted by one entry, and no more bytes than these.
BATCH, BATCH_BYTES = 200, 16 * 2**30
# So many missing in one round mean that the store is lost, or not the one it was: that is for a person to say.
MANY = 50


def watch(timestamp: int) -> None:
    """Every five minutes: for each store, mend what is damaged, copy what it lacks, read its share again."""
    for place in blobs.store().all:
        if store := reached(place):
            mend(store)
            _spread(place, store)
            read_share(place, store)
            acts.note_pace(store, by=BY)


def spread(sha256: str) -> None:
    """After a sealing: every store gets the copies that it lacks, these and all others; nothing where it has them."""
    places = blobs.store().all
    if len(doors.copies_of(sha256)) < len(places):
        for place in places:
            if store := reached(place):
                _spread(place, store)


def check_now() -> tuple[int, int]:
    """Read every copy of every store again, as fast as it goes; how many were read, and how many were not good."""
    read = bad = 0
    for place in blobs.store().all:
        if store := reached(place):
            copies = store.copies.exclude(status__in=Copy.LET_GO).order_by("checked_at", "id")
            found = _read(place, store, copies.iterator(chunk_size=500), rate=0)
            read, bad = read + found[0], bad + found[1]
            mend(store)
            acts.note_pace(store, by=BY)
    return read, bad


def reached(place: blobs.Store) -> Store | None:
    """The store's record where it answers; None, and an alarm, where it does not. A store without one holds nothing."""
    try:
        place.check()
    except Unavailable as away:
        acts.note_away(place.name, away.sentence, by=BY)
        return None
    acts.note_back(place.name, by=BY)
    return Store.objects.filter(name=place.name).first() or acts.begin_store(place.name, by=BY)


def read_share(place: blobs.Store, store: Store) -> None:
    """Read what is due in the next five minutes, spread over them by the rate in the settings."""
    rate = settings.FAIRWITNESS_CHECK_RATE
    _read(place, store, doors.due(store, EVERY, rate), rate=rate)


def _read(place: blobs.Store, store: Store, copies: Iterable[Copy], *, rate: int) -> tuple[int, int]:
    """Read copies and note them in batches; how many, and how many of them were not good."""
    count = bad = 0
    for batch in _batches(copies):
        read = []
        for copy in batch:
            begun = time.monotonic()
            try:
                read.append(acts.Read(copy, doors.what_is_wrong(place, copy)))
            except Unavailable as away:
                acts.note_away(place.name, away.sentence, by=BY)
                acts.note_check(store, read, by=BY)
                return count + len(read), bad
            if rate:
                time.sleep(max(0.0, copy.size / rate - (time.monotonic() - begun)))
        # What is known to be missing is on its way back.
        known = Copy.Status.MISSING
        gone = [each for each in read if each.what == Damage.What.MISSING and each.copy.status != known]
        if (missing := len(gone)) >= MANY:
            sentence = _(
                "Of {n} copies in the store {name}, {missing} are not there. If they are lost, begin it anew: "
                "`fairwitness storage begin {name}`. Until then this store is not read further."
            ).format(n=len(read), name=place.name, missing=missing)
            acts.note_away(place.name, sentence, code=acts.LOST, by=BY)
            acts.note_check(store, [each for each in read if each not in gone], by=BY)
            return count + len(read), bad + sum(bool(each.what) for each in read)
        acts.note_check(store, read, by=BY)
        count, bad = count + len(read), bad + sum(bool(each.what) for each in read)
    return count, bad


def _batches(copies: Iterable[Copy]) -> Iterable[list[Copy]]:
    batch: list[Copy] = []
    for copy in copies:
        batch.append(copy)
        if len(batch) == BATCH or sum(each.size for each in batch) > BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def mend(store: Store) -> None:
    """Repair damaged evidence of a store from good copies elsewhere; what has none stays damaged, and its alarm open."""
    if settings.FAIRWITNESS_STORE_READ_ONLY:
        return
    for damage in list(doors.open_damages().filter(store=store).exclude(sha256="")):
        copy = Copy.objects.filter(store=store, sha256=damage.sha256).select_related("store").first()
        if copy is not None and copy.kind == Copy.Kind.EVIDENCE:
            mend_one(damage, copy)


def mend_one(damage: Damage, copy: Copy) -> bool:
    """Repair one copy; whether it is good now."""
    for good in doors.good_elsewhere(copy):
        try:
            blobs.store().copy(copy.sha256, good.store.name, copy.store.name)
        except NotFound:
            acts.note_check(good.store, [acts.Read(good, Damage.What.MISSING)], by=BY)
        except Damaged:
            acts.note_check(good.store, [acts.Read(good, Damage.What.CHANGED)], by=BY)
        except (StoreFull, Unavailable):
            continue
        else:
            acts.note_repaired(damage.pk, Damage.How.COPIED, good.store, by=BY)
            return True
    try:
        place = blobs.store().one(copy.store.name)
        if not doors.what_is_wrong(place, copy):
            # It was the way to the bytes that failed, and not the bytes.
            acts.note_repaired(damage.pk, Damage.How.FOUND, by=BY)
            return True
    except Refusal:
        pass
    return False


def _spread(place: blobs.Store, store: Store) -> None:
    """Copy to a store what it lacks of the evidence, noted in batches."""
    if settings.FAIRWITNESS_STORE_READ_ONLY:
        return
    while lacking := doors.lacking(store, BATCH):
        brought: list[Copy] = []
        try:
            for copy in lacking:
                try:
                    blobs.store().copy(copy.sha256, copy.store.name, place.name)
                    brought.append(copy)
                except NotFound:
                    acts.note_check(copy.store, [acts.Read(copy, Damage.What.MISSING)], by=BY)
                except Damaged:
                    acts.note_check(copy.store, [acts.Read(copy, Damage.What.CHANGED)], by=BY)
        except (StoreFull, Unavailable) as away:
            acts.note_away(place.name, away.sentence, code=acts.REFUSES, by=BY)
            return
        finally:
            acts.note_copies(store, brought, by=BY)
        if not brought:
            return
    acts.note_back(place.name, code=acts.REFUSES, by=BY)
