"""The log's signing key and the keys of its witnesses. Only the publisher's process reads the signing key."""

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings

from fairwitness.kernel.agency import agency
from fairwitness.kernel.blobs import sync_folder
from fairwitness.kernel.refusals import Unavailable
from fairwitness.rules import notes


def folder() -> Path:
    """Where keys lie; the folder is for the service's user alone."""
    path: Path = settings.FAIRWITNESS_HOME / "keys"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def signing_key() -> Ed25519PrivateKey:
    """The log's private key, made at the publisher's first start, mode 0600 (raw seed of 32 bytes, RFC 8032)."""
    path = folder() / "log.key"
    if not path.exists():
        if (settings.FAIRWITNESS_HOME / "log" / "key").exists():
            raise Unavailable(
                "The signing key of the log is not there, and a new one would end the log. Nothing was published; "
                "restore keys/log.key."
            )
        _make(path)
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def _make(path: Path) -> None:
    """A new key, whole or absent: a start that is killed must not leave half a key for ever."""
    seed = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(seed)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def key_of(private: Ed25519PrivateKey) -> notes.Key:
    """The public half under the name of this agency's log."""
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return notes.Key(agency().log_origin, notes.ED25519, raw)


def public_key() -> notes.Key:
    """The log's public key as it is published. Raises Unavailable before the publisher's first start, or if damaged."""
    try:
        return notes.parse_key(
            (settings.FAIRWITNESS_HOME / "log" / "key").read_text(encoding="utf-8").strip()
        )
    except FileNotFoundError as error:
        raise Unavailable("The public log has not been published yet.") from error
    except ValueError as error:
        raise Unavailable(f"The published key of the log is damaged: {error}.") from error


def witness_keys() -> list[notes.Key]:
    """The witnesses that this log believes: `keys/witnesses`, one vkey a line; none where there is no such file."""
    path = settings.FAIRWITNESS_HOME / "keys" / "witnesses"
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [notes.parse_key(line.strip()) for line in lines if line.strip() and not line.startswith("#")]


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is `public`'s (32 bytes) of `message`, by RFC 8032."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
