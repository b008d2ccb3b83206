"""What tests of storage need: the file of a copy, damaged bytes, entries about stores."""

from pathlib import Path

from django.utils import timezone

from fairwitness.kernel import blobs
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.storage.models import Copy


def file_of(store: str, sha256: str) -> Path:
    """The file in which a folder keeps bytes, plain or encrypted."""
    folder = Path(blobs.store().one(store).place) / sha256[:2] / sha256[2:4]
    return next(iter(folder.glob(f"{sha256}*")), folder / sha256)


def flip(path: Path, at: int = -1) -> None:
    """One bit of a file is another."""
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def copy_in(store: str, sha256: str) -> Copy:
    return Copy.objects.get(store__name=store, sha256=sha256)


def is_good(store: str, sha256: str) -> bool:
    """Whether a store really holds the bytes, as another program would see it."""
    with blobs.store().open_in(store, sha256) as file:
        return blobs.digest_of(file) == sha256


def entries(event: str) -> list[dict[str, object]]:
    """The facts of every entry of an event, oldest first."""
    ids = Entry.objects.filter(event=event).order_by("at", "id").values_list("id", flat=True)
    facts = dict(EntryPrivate.objects.filter(entry_id__in=list(ids)).values_list("entry_id", "facts"))
    return [facts[pk] for pk in ids]


def now_in_seconds() -> int:
    return int(timezone.now().timestamp())
