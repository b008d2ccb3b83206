"""The doors to storage: which stores there are, what each holds, what must be read, mended or copied next."""

import datetime as dt
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from fairwitness.department.models import Alarm
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.blobs import Damaged, digest_of
from fairwitness.kernel.refusals import Forbidden, NotFound, Unavailable
from fairwitness.kernel.roles import Reach, Role, reach
from fairwitness.rules import fixity
from fairwitness.storage.models import Copy, Damage, Store

_KEEPERS = {Role.BWC_UNIT: Reach.ALL, Role.ACCOUNT_ADMINISTRATOR: Reach.ALL, Role.INTERNAL_AUDITOR: Reach.ALL}

# Who may see what of the stores; nobody changes anything here by a page.
REACH: dict[str, dict[Role, Reach]] = {
    "see_stores": {**_KEEPERS, Role.EXTERNAL_AUDITOR: Reach.COUNTS},
    "see_damage": _KEEPERS,
}
# The ages in days by which copies are counted: read within one, three, seven days, and longer ago.
AGES = (1, 3, 7)


def may(actor: Actor, act: str) -> bool:
    """Whether `actor` reaches anything with `act`."""
    return reach(actor.roles, REACH[act]) > Reach.NONE


def check_may(actor: Actor, act: str) -> None:
    """Raise Forbidden unless `may(actor, act)`."""
    if not may(actor, act):
        raise Forbidden(_("Your roles do not allow this."), act=act)


@dataclass(frozen=True)
class Held:
    """What a store holds: copies and bytes that are good, how long ago they were read, and how many are not good."""

    store: Store
    copies: int
    bytes: int
    oldest: dt.datetime | None
    by_age: tuple[int, ...]
    not_good: int


def held() -> list[Held]:
    """Every store with its figures, by name. The last of `by_age` counts what was read more than seven days ago."""
    now = clock.now()
    good = Q(copies__status=Copy.Status.GOOD)
    since = [now - dt.timedelta(days=days) for days in AGES]
    rows = Store.objects.annotate(
        n=Count("copies", good),
        sum=Sum("copies__size", filter=good, default=0),
        oldest=Min("copies__checked_at", filter=good),
        bad=Count("copies", Q(copies__status__in=(Copy.Status.DAMAGED, Copy.Status.MISSING))),
        age0=Count("copies", good & Q(copies__checked_at__gte=since[0])),
        age1=Count("copies", good & Q(copies__checked_at__gte=since[1])),
        age2=Count("copies", good & Q(copies__checked_at__gte=since[2])),
    )
    return [
        Held(row, row.n, row.sum, row.oldest, _steps([row.age0, row.age1, row.age2, row.n]), row.bad)
        for row in rows.order_by("name")
    ]


def _steps(rising: list[int]) -> tuple[int, ...]:
    return tuple(high - low for low, high in zip([0, *rising], rising, strict=False))


def damages(actor: Actor) -> "QuerySet[Damage]":
    """The incidents that `actor` may see."""
    rows = Damage.objects.select_related("store", "repaired_from")
    return rows if may(actor, "see_damage") else rows.none()


def damage(actor: Actor, pk: uuid.UUID) -> Damage:
    """One of them, or NotFound."""
    found = damages(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such damage, or it is not for you to see."))
    return found


def copies(actor: Actor) -> "QuerySet[Copy]":
    """The copies that `actor` may list."""
    rows = Copy.objects.select_related("store").exclude(status__in=Copy.LET_GO)
    return rows if may(actor, "see_damage") else rows.none()


def copies_of(sha256: str) -> list[Copy]:
    """Where these bytes lie, by the store's name. Who may know is for the door of what they are."""
    return list(_named().filter(sha256=sha256).select_related("store").order_by("store__name"))


def enough_copies() -> "QuerySet[Any, Any]":
    """The digests, as `sha256`, of which as many stores as the settings ask hold a good copy. Narrow it before use."""
    good = _named().filter(status=Copy.Status.GOOD).values("sha256")
    return good.annotate(copies=Count("pk")).filter(copies__gte=blobs.store().enough)


def holds_enough(sha256: str) -> bool:
    """Whether as many stores as the settings ask hold a good copy of these bytes, and open it at this moment."""
    good = [copy.store.name for copy in copies_of(sha256) if copy.status == Copy.Status.GOOD]
    return sum(_opens(name, sha256) for name in good) >= blobs.store().enough


def _opens(name: str, sha256: str) -> bool:
    try:
        blobs.store().open_in(name, sha256).close()
    except (NotFound, Unavailable):
        return False
    return True


def _named() -> "QuerySet[Copy]":
    """The copies in stores that the settings still name: what was given up counts for nothing, and is not missed."""
    return Copy.objects.filter(store__name__in=[place.name for place in blobs.store().all])


def due(store: Store, seconds: int, rate: int) -> list[Copy]:
    """The copies to read again in the next `seconds`, oldest first, at `rate` bytes a second at most.

    Nothing that was read within the last day; at least one copy where one is due, however large it is.
    """
    now = clock.now()
    good = store.copies.filter(status=Copy.Status.GOOD)
    sums = good.aggregate(
        whole=Sum("size", default=0),
        overdue=Sum("size", filter=Q(checked_at__lt=now - dt.timedelta(seconds=fixity.WEEK)), default=0),
    )
    left = fixity.share(sums["whole"], sums["overdue"], seconds, rate)
    rested = good.filter(checked_at__lt=now - dt.timedelta(seconds=fixity.RESTS))
    found: list[Copy] = []
    for copy in rested.order_by("checked_at", "id").iterator(chunk_size=500):
        if found and left < copy.size:
            break
        found.append(copy)
        left -= copy.size
    return found


def overdue(store: Store, grace: int = 0) -> int:
    """How many good copies of `store` were last read longer ago than a week and `grace` seconds."""
    limit = clock.now() - dt.timedelta(seconds=fixity.WEEK + grace)
    return store.copies.filter(status=Copy.Status.GOOD, checked_at__lt=limit).count()


def good_elsewhere(copy: Copy) -> "QuerySet[Copy]":
    """Good copies of the same bytes in other stores, the most lately read first."""
    same = _named().filter(sha256=copy.sha256, status=Copy.Status.GOOD).exclude(store=copy.store_id)
    return same.select_related("store").order_by(F("checked_at").desc())


def lacking(store: Store, most: int) -> list[Copy]:
    """Good copies of evidence, each of other bytes, that `store` should hold too and does not; at most `most`."""
    here = Copy.objects.filter(store=store, sha256=OuterRef("sha256")).exclude(status=Copy.Status.MISSING)
    rows = _named().filter(kind=Copy.Kind.EVIDENCE, status=Copy.Status.GOOD).exclude(store=store)
    rows = rows.filter(~Exists(here)).select_related("store").order_by("sha256", "-checked_at")
    return list(rows.distinct("sha256")[:most])


def what_is_wrong(place: blobs.Store, copy: Copy) -> str:
    """What is wrong with a copy that is read whole, as a code of `Damage.What`, or nothing.

    Raises Unavailable where the store itself does not answer.
    """
    try:
        with blobs.store().open_in(place.name, copy.sha256) as file:
            if file.descriptor is not None:
                # From the disk, not from memory: what is asked is whether the disk still gives these bytes.
                os.posix_fadvise(file.descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            return "" if digest_of(file) == copy.sha256 else Damage.What.CHANGED
    except NotFound:
        return Damage.What.MISSING
    except Damaged:
        return Damage.What.CHANGED
    except Unavailable:
        place.check()
        # The store answers, and these bytes alone do not come.
        return Damage.What.UNREADABLE


def absent(place: blobs.Store, store: Store) -> set[str]:
    """The digests that `store` should hold, and of which its place names no file."""
    good = store.copies.filter(status=Copy.Status.GOOD).values_list("sha256", flat=True)
    return set(good.iterator(chunk_size=5000)) - {name[:64] for name in place.names()}


def not_whole(store: Store) -> "QuerySet[Copy]":
    """The copies of `store` that are damaged or missing."""
    return store.copies.filter(status__in=(Copy.Status.DAMAGED, Copy.Status.MISSING))


def open_damages() -> "QuerySet[Damage]":
    """The incidents that are not over, oldest first."""
    return Damage.objects.filter(repaired_at=None).select_related("store").order_by("found_at")


def open_alarms() -> "QuerySet[Alarm]":
    """The alarms about stores that are not over."""
    return Alarm.objects.filter(code__startswith="storage.", ended_at=None)


def figures() -> Mapping[str, int]:
    """Copies that are good, and those that are not, for whoever may see counts."""
    return Copy.objects.aggregate(
        good=Count("pk", Q(status=Copy.Status.GOOD)),
        not_good=Count("pk", Q(status__in=(Copy.Status.DAMAGED, Copy.Status.MISSING))),
    )


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Stores by name."""
    return dict(Store.objects.filter(pk__in=ids).values_list("pk", "name"))
