"""Encryption at rest: a blob under its own key, AES-256-GCM in chunks that can be read, and refused, one by one.

Header of 32 bytes: magic, version, chunk size as a power of two, six zero bytes, key id. Chunk `i` has the nonce
`i` (11 bytes) and one byte that says whether it is the last; the header is its associated data. So chunks cannot be
changed, swapped, cut off, appended, or moved to another blob (the STREAM construction of Hoang, Reyhanitabar, Rogaway
and Vizár, 2015; AES-GCM as in NIST SP 800-38D, where a key is used for one blob alone).
"""

import functools
import os
import threading
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fairwitness.kernel.blobs.blob import Damaged, Reader, exactly_into

MAGIC, VERSION = b"fw-aes\r\n", 1
CHUNK_BITS = 18
CHUNK = 1 << CHUNK_BITS
TAG = 16
STORED_CHUNK = CHUNK + TAG
HEADER = 32
WRONG = "The stored bytes are not those that were put there."


class BlobCipher:
    """One key, for one blob. The header stands before the first chunk and is bound to every one."""

    def __init__(self, key_id: uuid.UUID, key: bytes) -> None:
        self.key_id = key_id
        self.header = MAGIC + bytes((VERSION, CHUNK_BITS)) + bytes(6) + key_id.bytes
        self._aes = AESGCM(key)
        self._buffer = bytearray(STORED_CHUNK)

    @classmethod
    def new(cls, key: bytes) -> "BlobCipher":
        return cls(uuid.uuid4(), key)

    def encrypt(self, index: int, plain: bytes | memoryview, *, last: bool) -> memoryview:
        """One chunk as it is stored; valid until the next one is asked for."""
        count = len(plain) + TAG
        view = memoryview(self._buffer)[:count]
        self._aes.encrypt_into(_nonce(index, last), plain, self.header, view)
        return view

    def decrypt(self, index: int, stored: bytes | memoryview, *, last: bool) -> bytes:
        """The plain bytes of a chunk. Raises Damaged where one bit of it, its place or its blob is another."""
        try:
            return self._aes.decrypt(_nonce(index, last), stored, self.header)
        except InvalidTag as error:
            raise Damaged(WRONG) from error

    def decrypt_into(self, index: int, stored: memoryview, plain: memoryview, *, last: bool) -> None:
        """The same, into memory as long as the plain bytes are."""
        try:
            self._aes.decrypt_into(_nonce(index, last), stored, self.header, plain)
        except (InvalidTag, ValueError) as error:  # ValueError: fewer bytes are stored than there must be
            raise Damaged(WRONG) from error


def _nonce(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + bytes((last,))


def key_id_of(header: bytes) -> uuid.UUID:
    """The key that an encrypted blob names. Raises Damaged for what is no header of ours."""
    if len(header) != HEADER or header[:16] != MAGIC + bytes((VERSION, CHUNK_BITS)) + bytes(6):
        raise Damaged(WRONG)
    return uuid.UUID(bytes=header[16:])


def new_key() -> bytes:
    """256 random bits."""
    return os.urandom(32)


class DecryptingReader(Reader):
    """The plain bytes of an encrypted blob, chunk by chunk."""

    def __init__(self, raw: Reader, cipher: BlobCipher) -> None:
        super().__init__()
        self._raw, self._cipher = raw, cipher
        body = raw.size - HEADER
        chunks = -(-body // STORED_CHUNK)
        if chunks < 1 or body - (chunks - 1) * STORED_CHUNK < TAG:
            raise Damaged(WRONG)
        self._last = chunks - 1
        self.size = body - chunks * TAG
        # The encrypted chunk lies in the same memory each time, which the processor has at hand.
        self._stored, self._reading = memoryview(bytearray(STORED_CHUNK)), threading.Lock()
        # A player jumps about and a demuxer reads in small steps: the chunk of the last step is at hand.
        self._chunk = functools.lru_cache(maxsize=2)(self._read_chunk)

    def pread(self, count: int, at: int) -> bytes:
        if at >= self.size or count <= 0:
            if self.size == 0:
                self._chunk(0)  # an empty blob too is proved
            return b""
        index, offset = divmod(at, CHUNK)
        return self._chunk(index)[offset : offset + count]

    def _read_chunk(self, index: int) -> bytes:
        with self._reading:
            count = exactly_into(self._raw, self._stored, HEADER + index * STORED_CHUNK)
            return self._cipher.decrypt(index, self._stored[:count], last=index == self._last)

    def close(self) -> None:
        self._raw.close()
        super().close()
