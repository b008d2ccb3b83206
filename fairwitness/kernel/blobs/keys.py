"""The keys of encrypted blobs: each wrapped by a master key that lies in a file outside every store (RFC 3394)."""

import functools
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.apps import apps
from django.conf import settings

from fairwitness.kernel.blobs.blob import Damaged, sync_folder
from fairwitness.kernel.blobs.encrypted import BlobCipher, new_key
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.refusals import Unavailable

if TYPE_CHECKING:
    from fairwitness.kernel.models import BlobKey

SIZE = 32


def _kept() -> "type[BlobKey]":
    # Asked of the registry: a store is also used where no apps are loaded.
    model: Any = apps.get_model("kernel", "BlobKey")
    found: type[BlobKey] = model
    return found


def new_cipher() -> tuple[BlobCipher, bytes]:
    """A cipher with a key of its own, and that key wrapped, to be kept under the blob's digest once it is known."""
    key = new_key()
    master_id, master = current_master()
    return BlobCipher.new(key), master_id.bytes + aes_key_wrap(master, key)


def keep(cipher: BlobCipher, wrapped: bytes, sha256: str) -> None:
    """Keep the wrapped key, before any store gives the bytes their name."""
    _kept().objects.create(
        id=cipher.key_id, sha256=sha256, master=uuid.UUID(bytes=wrapped[:16]), wrapped=wrapped[16:]
    )


def drop(cipher: BlobCipher) -> None:
    """Forget a key that no stored bytes came to use."""
    _kept().objects.filter(id=cipher.key_id).delete()


def cipher_for(key_id: uuid.UUID, sha256: str) -> BlobCipher:
    """The cipher of a blob. Raises Damaged where the key is not this blob's, Unavailable where its master is not here."""
    kept = _kept().objects.filter(id=key_id, sha256=sha256).first()
    if kept is None:
        raise Damaged(
            "There is no key for these stored bytes: they are another blob's, or the key was erased."
        )
    return BlobCipher(key_id, unwrap(bytes(kept.wrapped), kept.master))


def unwrap(wrapped: bytes, master: uuid.UUID) -> bytes:
    """A blob's key. Raises Unavailable where the master key is missing or is another."""
    try:
        return aes_key_unwrap(_master(folder() / f"{master}.key"), wrapped)
    except InvalidUnwrap as error:
        raise Unavailable(f"The master key {master} is not the one that wrapped the keys.") from error


def wrap(key: bytes, master: uuid.UUID) -> bytes:
    """A blob's key, wrapped by a master key."""
    return aes_key_wrap(_master(folder() / f"{master}.key"), key)


def erase(sha256: str) -> int:
    """Erase every key of a blob: its encrypted bytes can then be read by nobody, wherever copies of them lie."""
    erased, _by_model = _kept().objects.filter(sha256=sha256).delete()
    return erased


def kept(sha256: str) -> int:
    """How many keys there are for a blob."""
    return _kept().objects.filter(sha256=sha256).count()


def folder() -> Path:
    """Where the master keys lie: never inside a store."""
    return Path(settings.FAIRWITNESS_MASTER_KEYS or settings.FAIRWITNESS_HOME / "keys" / "master")


def masters() -> list[Path]:
    """The files of the master keys, the oldest first."""
    return sorted(folder().glob("*.key"))


def current_master() -> tuple[uuid.UUID, bytes]:
    """The newest master key; the first one is made when it is needed, unless keys are kept under one that is missing."""
    found = masters()
    if not found and _kept().objects.exists():
        raise Unavailable(
            "The master key of the stores is not there. Nothing was taken in; restore keys/master from its safe."
        )
    path = found[-1] if found else make_master()
    return uuid.UUID(path.stem), _master(path)


def make_master() -> Path:
    """A new master key, readable by this user alone; whole or absent. Raises Unavailable where it cannot be written."""
    path = folder() / f"{new_id()}.key"
    try:
        folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(path, os.urandom(SIZE))
    except OSError as error:
        raise Unavailable(
            f"The master key of the stores cannot be made in {folder()}: {error.strerror}. Nothing was taken in; "
            "give that folder to the user of the site (mode 0700)."
        ) from error
    return path


def _write(path: Path, key: bytes) -> None:
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


@functools.lru_cache(maxsize=8)
def _master(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        raise Unavailable(f"The master key {path.stem} is not there: {error.strerror}.") from error
    if len(key) != SIZE:
        raise Unavailable(f"The master key {path.stem} is not {SIZE} bytes long.")
    return key
