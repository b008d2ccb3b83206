"""Blobs: bytes named by their SHA-256, written once, never changed, in one or several stores behind one interface.

A blob is on disk, file and folder synced, before any change names it; it goes only after the change that lets it go.
"""

from fairwitness.kernel.blobs.blob import (
    HASH_STEP,
    SHA256,
    Blob,
    Damaged,
    Reader,
    SourceUnreadable,
    Store,
    digest_of,
    sync_folder,
)
from fairwitness.kernel.blobs.files import FileStore
from fairwitness.kernel.blobs.staging import COPY_STEP, WriteBack
from fairwitness.kernel.blobs.stores import Stores, store

__all__ = [
    "COPY_STEP",
    "HASH_STEP",
    "SHA256",
    "Blob",
    "Damaged",
    "FileStore",
    "Reader",
    "SourceUnreadable",
    "Store",
    "Stores",
    "WriteBack",
    "digest_of",
    "store",
    "sync_folder",
]
