"""The stores that the settings name, as one: put into as many as are asked for, read from the first that is well."""

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.module_loading import import_string

from fairwitness.kernel.blobs import keys
from fairwitness.kernel.blobs.blob import (
    ENCRYPTED,
    SHA256,
    Blob,
    Damaged,
    Reader,
    Staged,
    Store,
    digest_of,
    exactly,
    refusal,
)
from fairwitness.kernel.blobs.encrypted import HEADER, BlobCipher, DecryptingReader, key_id_of
from fairwitness.kernel.blobs.files import FileStore
from fairwitness.kernel.blobs.staging import Progress, staged, staged_copy, sweep
from fairwitness.kernel.refusals import Invalid, NotFound, Refusal, StoreFull, Unavailable

# Loaded when the settings name one: the library is large, and most installations need none.
S3_STORE = "fairwitness.kernel.blobs.s3.S3Store"
Opener = Callable[[], Reader]


@dataclass(frozen=True)
class Stores:
    """Several stores, the first one first. `enough` is how many must have confirmed bytes before they count as kept."""

    all: tuple[Store, ...]
    enough: int = 1
    encrypt: bool = False
    read_only: bool = False

    def put(self, source: BinaryIO, progress: Progress | None = None) -> Blob:
        """Store the bytes of `source`, from its present position to its end, in `enough` stores.

        The digest is that of the stored bytes. When it returns they are durable and confirmed in the stores that
        `copies` names. Raises SourceUnreadable where the source fails; StoreFull, Unavailable or Damaged where too few
        stores take them: what some hold by then stays and is found again when it is tried again.
        """
        self._check_writable()
        cipher, wrapped = keys.new_cipher() if self.encrypt else (None, b"")
        with ExitStack() as until_kept:
            bytes_ = self._staged(until_kept, source, progress, cipher)
            if cipher:
                keys.keep(cipher, wrapped, bytes_.sha256)
            took = self._spread(bytes_)
            if cipher and not any(_may_need(self.one(name), bytes_.name, cipher) for name in took):
                keys.drop(cipher)
        return Blob(bytes_.sha256, bytes_.size, all(took.values()), tuple(took))

    def _staged(
        self, until: ExitStack, source: BinaryIO, progress: Progress | None, cipher: BlobCipher | None
    ) -> Staged:
        """Stage on the first disk that has room: in a store's own folder where there is one, to spare a copy."""
        folders = [s for s in self.all if isinstance(s, FileStore)]
        start = source.tell() if source.seekable() else None
        refused: Refusal | None = None
        for folder in folders:
            try:
                folder.check_writable()
                return until.enter_context(staged(folder.staging, source, progress, cipher))
            except OSError as error:
                refused = refused or refusal(error)
            except Unavailable as unavailable:
                refused = refused or unavailable
            if start is None:
                break
            source.seek(start)
        if refused:
            raise refused
        try:
            return until.enter_context(staged(_apart(), source, progress, cipher))
        except OSError as error:
            raise refusal(error) from error

    def _spread(self, bytes_: Staged) -> dict[str, bool]:
        """Let stores take the bytes until enough have; who took them, and whether they had them before."""
        took: dict[str, bool] = {}
        refusals: list[Refusal] = []
        for store in self.all:
            if len(took) == self.enough:
                break
            try:
                took[store.name] = self._take(store, bytes_)
            except (StoreFull, Unavailable) as refused:
                refusals.append(refused)
        if len(took) >= self.enough:
            return took
        if len(self.all) == 1:
            raise refusals[0]
        raise Unavailable(
            f"Only {len(took)} of {self.enough} stores took the bytes. Nothing was sealed and nothing is lost; "
            f"try again later. {' '.join(dict.fromkeys(str(refused) for refused in refusals))}"
        )

    def _take(self, store: Store, bytes_: Staged) -> bool:
        """Let one store take the bytes. What it had under their name counts when it is read and found to be them."""
        if not store.take(bytes_):
            return False
        if _holds_them(store, bytes_):
            return True
        # Damaged, or encrypted under a key that is no more: the new bytes take their place.
        store.set_aside(bytes_.name)
        if store.take(bytes_) and not _holds_them(store, bytes_):
            raise Damaged(f"The store {store.name} answers with other bytes than those it is asked for.")
        return False

    def copy(self, digest: str, source: str, target: str) -> int:
        """Bring a blob from one store to another, byte for byte as it is kept; its size. Bytes there are set aside.

        Raises Damaged or NotFound where the source is not whole, StoreFull or Unavailable for either side; nothing
        that the target holds goes before good bytes are at hand.
        """
        self._check_writable()
        giver, taker = self.one(source), self.one(target)
        name = _kept_name(giver, digest, self._forms())
        folder = taker.staging if isinstance(taker, FileStore) else _apart()
        try:
            taker.check()
            with giver.raw(name) as raw, staged_copy(folder, raw, digest, 0, name) as bytes_:
                size = _verified(bytes_)
                for form in self._forms():
                    taker.set_aside(form.format(digest))
                try:
                    self._take(taker, bytes_)
                except Damaged as taken_badly:
                    # Not the giver's fault: whoever asked must not call good bytes damaged.
                    raise Unavailable(taken_badly.sentence) from taken_badly
        except OSError as error:
            raise refusal(error) from error
        return size

    def set_aside(self, digest: str) -> None:
        """Set damaged bytes aside in every store that answers, so that they can be put anew."""
        self._check_writable()
        for store in self.all:
            for form in self._forms():
                with suppress(Unavailable):
                    store.set_aside(form.format(digest))

    def open(self, digest: str) -> Reader:
        """The blob's bytes, from the first store that is well; where one fails while it is read, from the next.

        Raises NotFound when no store holds it; Unavailable or Damaged when those that may hold it do not give it.
        """
        _digest(digest)
        forms = tuple(form.format(digest) for form in self._forms())
        openers: list[Opener] = [functools.partial(open_in, store, digest, forms) for store in self.all]
        if len(openers) == 1:
            return openers[0]()
        return _AnyOf(openers)

    def open_in(self, name: str, digest: str) -> Reader:
        """The blob's bytes from one store and no other."""
        return open_in(self.one(name), digest, tuple(form.format(digest) for form in self._forms()))

    def holds(self, digest: str) -> bool:
        """Whether some store that answers holds it."""
        try:
            self.open(digest).close()
        except (NotFound, Unavailable):
            return False
        return True

    def erase_in(self, name: str, digest: str) -> None:
        """Erase bytes in one store, in whichever form they are kept there. Raises Unavailable."""
        self._check_writable()
        self.one(name).erase(_digest(digest))

    def absent_in(self, name: str, digest: str) -> bool:
        """Whether a store, asked anew, has nothing of these bytes, and does not give them either. Raises Unavailable."""
        place = self.one(name)
        return place.absent(_digest(digest)) and not any(
            _gives(place, form.format(digest)) for form in self._forms()
        )

    def one(self, name: str) -> Store:
        """The store of this name. Raises NotFound where the settings name none such."""
        for store in self.all:
            if store.name == name:
                return store
        raise NotFound("The settings name no such store.")

    @property
    def first(self) -> FileStore:
        """The first store that is a folder: what lies on this machine."""
        return next(store for store in self.all if isinstance(store, FileStore))

    def digests(self) -> Iterator[str]:
        """Every digest that some store holds, in order within each store."""
        seen: set[str] = set()
        for store in self.all:
            for name in store.names():
                if name[:64] not in seen:
                    seen.add(name[:64])
                    yield name[:64]

    def sweep_staging(self) -> int:
        """Remove what killed processes left half-written, wherever bytes are staged. Returns how many."""
        folders = [store.staging for store in self.all if isinstance(store, FileStore)]
        return sum(map(sweep, folders)) + sweep(_apart())

    def _check_writable(self) -> None:
        if self.read_only:
            raise Unavailable("The store of recordings is set to read only; nothing was taken in.")

    def _forms(self) -> tuple[str, str]:
        """The two ways in which bytes may be kept, the likelier first."""
        plain, encrypted = "{}", "{}" + ENCRYPTED
        return (encrypted, plain) if self.encrypt else (plain, encrypted)


class _AnyOf(Reader):
    """A blob that several stores may hold: the first that opens, and the next where that one fails later."""

    def __init__(self, openers: list[Opener]) -> None:
        super().__init__()
        self._left = iter(openers)
        self._refused: Refusal = NotFound("The store does not hold these bytes.")
        self._now = self._next()
        self.size = self._now.size

    def _next(self) -> Reader:
        for opener in self._left:
            try:
                return opener()
            except NotFound:
                continue
            except Unavailable as refused:
                self._refused = refused
        raise self._refused

    @property
    def descriptor(self) -> int | None:  # type: ignore[override]
        return self._now.descriptor

    def pread(self, count: int, at: int) -> bytes:
        while True:
            try:
                return self._now.pread(count, at)
            except Unavailable as refused:
                self._refused = refused
                self._now.close()
                self._now = self._next()

    def close(self) -> None:
        # Also called when it could not be opened at all.
        if now := getattr(self, "_now", None):
            now.close()
        super().close()


def open_in(store: Store, digest: str, names: tuple[str, ...]) -> Reader:
    """The blob in one store, in whichever form it is kept there."""
    missing: NotFound | None = None
    for name in names:
        try:
            raw = store.raw(name)
        except NotFound as not_found:
            missing = not_found
            continue
        return _plain(raw, digest) if name.endswith(ENCRYPTED) else raw
    raise missing or NotFound("The store does not hold these bytes.")


def _plain(raw: Reader, digest: str) -> Reader:
    try:
        return DecryptingReader(raw, keys.cipher_for(key_id_of(exactly(raw, HEADER, 0)), digest))
    except BaseException:
        raw.close()
        raise


def _holds_them(store: Store, bytes_: Staged) -> bool:
    """Whether what a store has under their name is these bytes, read whole."""
    try:
        with open_in(store, bytes_.sha256, (bytes_.name,)) as file:
            return digest_of(file) == bytes_.sha256
    except (Damaged, NotFound):
        return False


def _may_need(store: Store, name: str, cipher: BlobCipher) -> bool:
    """Whether what a store keeps may have been encrypted by `cipher`. In doubt it may: a key too many harms nobody.

    That a store had the bytes before says nothing: it may have taken ours, and its answer been lost on the way.
    """
    try:
        with store.raw(name) as raw:
            return key_id_of(exactly(raw, HEADER, 0)) == cipher.key_id
    except (NotFound, Unavailable):
        return True


def _digest(text: str) -> str:
    if not SHA256.fullmatch(text):
        raise Invalid("That is not a SHA-256 in lower-case hex.")
    return text


def _gives(store: Store, name: str) -> bool:
    """Whether a store gives something under a name, whatever it says of it elsewhere."""
    try:
        store.raw(name).close()
    except NotFound:
        return False
    return True


def _kept_name(store: Store, digest: str, forms: tuple[str, str]) -> str:
    for form in forms:
        try:
            store.raw(form.format(digest)).close()
        except NotFound:
            continue
        return form.format(digest)
    raise NotFound("The store does not hold these bytes.")


def _verified(bytes_: Staged) -> int:
    """The size of staged bytes that are really those of their digest. Raises Damaged where they are not."""
    staged_store = _OneFile(bytes_.path)
    with open_in(staged_store, bytes_.sha256, (bytes_.name,)) as file:
        if digest_of(file) != bytes_.sha256:
            raise Damaged("The store gave other bytes than those that were put there.")
        return file.size


class _OneFile(FileStore):
    """A staged file, read as if a store held it."""

    def path(self, name: str) -> Path:
        return self.root


def _apart() -> Path:
    """Where bytes are staged for stores that are no folders."""
    folder: Path = settings.FAIRWITNESS_HOME / "staging"
    return folder


def store() -> Stores:
    """The stores that the settings name: `name=folder` or `name=s3://…`, separated by spaces."""
    read_only = settings.FAIRWITNESS_STORE_READ_ONLY
    named = [_store(word, read_only=read_only) for word in settings.FAIRWITNESS_STORES.split()]
    found = tuple(named) or (FileStore(settings.FAIRWITNESS_HOME / "blobs", read_only=read_only),)
    if len({each.name for each in found}) < len(found) or len(found) < settings.FAIRWITNESS_COPIES:
        raise Invalid("FAIRWITNESS_STORES names a store twice, or fewer stores than FAIRWITNESS_COPIES asks.")
    return Stores(
        found, max(1, settings.FAIRWITNESS_COPIES), settings.FAIRWITNESS_ENCRYPT, read_only=read_only
    )


def _store(word: str, *, read_only: bool) -> Store:
    name, _sep, place = word.partition("=")
    if not (name.isidentifier() and place):
        raise Invalid(f"FAIRWITNESS_STORES: “{word}” is not name=folder or name=s3://bucket.")
    if place.startswith("s3://"):
        return _s3(name, place)
    return FileStore(Path(place), name=name, read_only=read_only, marked=True)


@functools.lru_cache(maxsize=16)
def _s3(name: str, place: str) -> Store:
    """One connection for each, kept for the life of the process."""
    made: Store = import_string(S3_STORE)(name, place)
    return made
