"""Copies of bytes that a rule lets go: marked before they are erased, so that nobody brings them back; marked after."""

from collections.abc import Callable, Collection, Iterable

from fairwitness.department.acts import end_alarm
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import NotFound, Unavailable
from fairwitness.storage.acts.copies import DAMAGED, _record
from fairwitness.storage.models import Copy, Damage

Bytes = tuple[str, int, str]


def begin_erasing(named: Iterable[Bytes], still_named: Callable[[str], Collection[str]]) -> list[str]:
    """Mark, in the open change, every copy of these bytes as being erased; the digests that are really let go.

    `named` is (SHA-256, size, a code of Copy.Kind). The rows are locked before `still_named` is asked, so that whoever
    comes to name the same bytes has either committed by then and is heard, or finds them marked and is refused.
    """
    require_change("erasing copies")
    wanted = {each[0]: each for each in named}
    list(Copy.objects.select_for_update().filter(sha256__in=list(wanted)).order_by("pk"))
    let_go = [each for each in wanted.values() if not still_named(each[0])]
    stores = [_record(place) for place in blobs.store().all]
    now = clock.now()
    Copy.objects.bulk_create(
        [
            Copy(
                store=store,
                sha256=sha256,
                size=size,
                kind=kind,
                status=Copy.Status.ERASING,
                confirmed_at=now,
                checked_at=now,
            )
            for sha256, size, kind in let_go
            for store in stores
        ],
        update_conflicts=True,
        unique_fields=["sha256", "store"],
        update_fields=["status", "written_by"],
    )
    digests = [each[0] for each in let_go]
    # What lies in a store that the settings name no more is let go too; nobody can say that it is gone.
    Copy.objects.filter(sha256__in=digests).update(status=Copy.Status.ERASING)
    return digests


def note_erased(digests: Collection[str], *, by: Actor) -> None:
    """Mark, in the open change, copies that were read back as absent, and end the damages of what is no more."""
    require_change("noting erased copies")
    now, copies = clock.now(), Copy.objects.filter(sha256__in=list(digests))
    copies.filter(status=Copy.Status.ERASING).update(status=Copy.Status.ERASED, checked_at=now)
    damages = Damage.objects.filter(sha256__in=list(digests), repaired_at=None)
    stores = {damage.store for damage in damages.select_related("store")}
    damages.update(repaired_at=now, repaired_how=Damage.How.ERASED)
    for store in stores:
        if not Damage.objects.filter(store=store, repaired_at=None).exists():
            end_alarm(DAMAGED, key=store.name, by=by)


def keep_after_all(digests: Collection[str]) -> None:
    """In the open change: bytes that were to be erased are kept; what a store has no more is brought back to it."""
    require_change("keeping copies")
    rows = Copy.objects.filter(sha256__in=list(digests), status=Copy.Status.ERASING).select_related("store")
    for copy in rows:
        copy.status = Copy.Status.GOOD if _opens(copy) else Copy.Status.MISSING
        copy.save(update_fields=["status"])


def _opens(copy: Copy) -> bool:
    try:
        blobs.store().open_in(copy.store.name, copy.sha256).close()
    except (NotFound, Unavailable):
        return False
    return True
