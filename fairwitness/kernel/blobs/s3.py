"""A store in an S3 bucket: uploaded whole from staged bytes, never overwritten, confirmed before it counts.

Where the bucket has object lock, what is put there is kept by its default retention. Deleted here are the name of
damaged bytes, once a copy of them lies under `aside/`, and, by rule, all versions of what is erased.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3
import botocore.config
import botocore.exceptions
from django.conf import settings

from fairwitness.kernel.blobs.blob import ENCRYPTED, STORED, Damaged, Reader, Staged, checked_name
from fairwitness.kernel.blobs.files import MARK
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.refusals import Invalid, NotFound, StoreFull, Unavailable

MIB = 1 << 20
# Up to this size in one request, beyond it in parts of this size: at most 10,000 parts, so 640 GB a blob.
PART = 64 * MIB
# What a reader asks for at once: little where it jumps about, more where it goes on from where it was.
JUMP, AHEAD = 256 * 1024, 8 * MIB
KEPT = 4
# Seconds. A store that answers slower than this is away; each request is tried three times.
CONNECT, ANSWER, TRIES = 5, 60, 3
# The digest of the stored bytes (encrypted ones too), so that whoever answers with another object gives itself away.
SAYS = "fairwitness-stored"
ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
FULL = frozenset({"507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"})
NO_LOCK = frozenset({"ObjectLockConfigurationNotFoundError"})
WAS_THERE = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})


class S3Store:
    """`s3://bucket/prefix?endpoint=…&region=…&profile=…`; keys come from the environment or a credentials file."""

    kind = "s3"
    erasing = "the objects were deleted, with every version that the bucket listed"

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        parts = urlsplit(address)
        said = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        if not parts.netloc or parts.username or said.keys() - {"endpoint", "region", "profile"}:
            raise Invalid(
                f"The store {name}: an address is s3://bucket?endpoint=…&region=…&profile=…, without keys."
            )
        self.bucket, self.endpoint = parts.netloc, said.get("endpoint")
        self.prefix = f"{parts.path.strip('/')}/" if parts.path.strip("/") else ""
        session = boto3.session.Session(profile_name=said.get("profile"))
        self._s3: Any = session.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=said.get("region", "us-east-1"),
            config=botocore.config.Config(
                connect_timeout=CONNECT,
                read_timeout=ANSWER,
                retries={"total_max_attempts": TRIES, "mode": "standard"},
                s3={"addressing_style": "path"},
                max_pool_connections=32,
            ),
        )

    @property
    def place(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}" + (f" ({self.endpoint})" if self.endpoint else "")

    def take(self, staged: Staged) -> bool:
        """Upload staged bytes unless they are there; True when they were. They count when the store gives them back."""
        with self._asked(), staged.path.open("rb") as file:
            says, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
            was_there = self._lies_there(staged.name, size)
            if not was_there:
                file.seek(0)
                was_there = not self._upload(self._key(staged.name), file, size, says)
        if not was_there:
            self._confirm(staged.name, says, size)
        return was_there

    def _lies_there(self, name: str, size: int) -> bool:
        try:
            found = self._s3.head_object(Bucket=self.bucket, Key=self._key(name))
        except botocore.exceptions.ClientError as error:
            if _code(error) in ABSENT:
                return False
            raise
        if found["ContentLength"] == size:
            return True
        self.set_aside(name)
        return False

    def _upload(self, key: str, file: Any, size: int, says: str) -> bool:
        """False when somebody else was quicker: what is there is never overwritten."""
        where = {"Bucket": self.bucket, "Key": key}
        try:
            if size <= PART:
                self._s3.put_object(
                    **where, Body=file, Metadata={SAYS: says}, IfNoneMatch="*", ChecksumAlgorithm="SHA256"
                )
            else:
                self._upload_parts(where, file, says)
        except botocore.exceptions.ClientError as error:
            if _code(error) in WAS_THERE:
                return False
            raise
        return True

    def _upload_parts(self, where: dict[str, str], file: Any, says: str) -> None:
        upload = self._s3.create_multipart_upload(**where, Metadata={SAYS: says})["UploadId"]
        parts: list[dict[str, Any]] = []
        try:
            while data := file.read(PART):
                number = len(parts) + 1
                part = self._s3.upload_part(**where, UploadId=upload, PartNumber=number, Body=data)
                parts.append({"PartNumber": number, "ETag": part["ETag"]})
            self._s3.complete_multipart_upload(
                **where, UploadId=upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*"
            )
        except BaseException:
            self._s3.abort_multipart_upload(**where, UploadId=upload)
            raise

    def _confirm(self, name: str, says: str, size: int) -> None:
        """See that the store really has what it was given, by its own word or by reading all of it back."""
        with self.raw(name) as raw:
            whole = raw.size == size
            if whole and settings.FAIRWITNESS_READ_BACK:
                whole = hashlib.file_digest(raw, "sha256").hexdigest() == says
        if not whole:
            raise Damaged(
                f"The store {self.name} gave other bytes back than it was given. They do not count as a copy."
            )

    def raw(self, name: str) -> Reader:
        return ObjectReader(self, self._key(checked_name(name)))

    def set_aside(self, name: str) -> None:
        """Copied to `aside/`, then hidden: in a bucket with versions or a lock the bytes also stay where they were."""
        key = self._key(checked_name(name))
        with self._asked():
            try:
                self._s3.copy(
                    {"Bucket": self.bucket, "Key": key}, self.bucket, f"{self.prefix}aside/{name}.{new_id()}"
                )
            except botocore.exceptions.ClientError as error:
                if _code(error) in ABSENT:
                    return
                raise
            self._s3.delete_object(Bucket=self.bucket, Key=key)

    def erase(self, digest: str) -> None:
        """Delete every object of these bytes, every version of it that the bucket lists, and uploads in parts."""
        with self._asked():
            for found in self._versions(digest):
                self._s3.delete_object(Bucket=self.bucket, **found)
            for key in self._objects(digest):
                self._s3.delete_object(Bucket=self.bucket, Key=key)
            for key, upload in self._parts(digest):
                self._s3.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload)

    def absent(self, digest: str) -> bool:
        self.check()
        with self._asked():
            if self._objects(digest) or self._versions(digest) or self._parts(digest):
                return False
            # A list may be behind what is there: each name is asked for by itself, too.
            return not any(self._answers(self._key(name)) for name in (digest, digest + ENCRYPTED))

    def _prefixes(self, digest: str) -> tuple[str, str]:
        return self._key(checked_name(digest)), f"{self.prefix}aside/{digest}"

    def _objects(self, digest: str) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2")
        return [
            each["Key"]
            for prefix in self._prefixes(digest)
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix)
            for each in page.get("Contents", ())
        ]

    def _versions(self, digest: str) -> list[dict[str, str]]:
        """Every version, and every mark of a deletion, in a bucket that keeps or kept versions."""
        if not self._s3.get_bucket_versioning(Bucket=self.bucket).get("Status"):
            return []
        pages = self._s3.get_paginator("list_object_versions")
        return [
            {"Key": each["Key"], "VersionId": each["VersionId"]}
            for prefix in self._prefixes(digest)
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix)
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        ]

    def _parts(self, digest: str) -> list[tuple[str, str]]:
        pages = self._s3.get_paginator("list_multipart_uploads")
        return [
            (each["Key"], each["UploadId"])
            for prefix in self._prefixes(digest)
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix)
            for each in page.get("Uploads", ())
        ]

    def _answers(self, key: str) -> bool:
        try:
            self._s3.head_object(Bucket=self.bucket, Key=key)
        except botocore.exceptions.ClientError as error:
            if _code(error) in ABSENT:
                return False
            raise
        return True

    def names(self) -> Iterator[str]:
        with self._asked():
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
            for page in pages:
                for each in page.get("Contents", ()):
                    name = str(each["Key"]).rsplit("/", 1)[-1]
                    if STORED.fullmatch(name) and each["Key"] == self._key(name):
                        yield name

    def check(self) -> None:
        with self._asked():
            try:
                self._s3.head_object(Bucket=self.bucket, Key=self.prefix + MARK)
            except botocore.exceptions.ClientError as error:
                if _code(error) in ABSENT:
                    raise Unavailable(
                        f"The store {self.name} is not there: its bucket is missing or empty, or has not been begun "
                        "(`fairwitness storage begin`)."
                    ) from error
                raise

    def kept_for(self) -> str:
        """The default retention of the bucket's object lock: its mode and time."""
        with self._asked():
            try:
                found = self._s3.get_object_lock_configuration(Bucket=self.bucket)
            except botocore.exceptions.ClientError as error:
                if _code(error) in NO_LOCK:
                    return ""
                raise
        rule = found.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        time = " ".join(f"{rule[unit]} {unit.lower()}" for unit in ("Days", "Years") if rule.get(unit))
        return f"{rule['Mode'].lower()}, {time}" if time else ""

    def begin(self) -> None:
        with self._asked():
            try:
                self._s3.head_bucket(Bucket=self.bucket)
            except botocore.exceptions.ClientError as error:
                if _code(error) not in ABSENT:
                    raise
                self._s3.create_bucket(Bucket=self.bucket)
            self._s3.put_object(Bucket=self.bucket, Key=self.prefix + MARK, Body=b"")

    def fetch(self, key: str, first: int, last: int) -> tuple[bytes, dict[str, Any]]:
        """A range of an object, and what the store says of the object."""
        with self._asked():
            answer = self._s3.get_object(Bucket=self.bucket, Key=key, Range=f"bytes={first}-{last}")
            return answer["Body"].read(), answer

    def about(self, key: str) -> dict[str, Any]:
        """What the store says of an object. Raises NotFound; Unavailable where the store is not the one it was."""
        with self._asked():
            try:
                found: dict[str, Any] = self._s3.head_object(Bucket=self.bucket, Key=key)
                return found
            except botocore.exceptions.ClientError as error:
                if _code(error) not in ABSENT:
                    raise
        self.check()
        raise NotFound("The store does not hold these bytes.")

    def _key(self, name: str) -> str:
        return f"{self.prefix}{name[:2]}/{name[2:4]}/{name}"

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """What goes wrong between us and the store, as refusals of ours."""
        try:
            yield
        except botocore.exceptions.ClientError as error:
            if _code(error) in FULL:
                raise StoreFull(f"The store {self.name} is full. Nothing was kept half.") from error
            raise Unavailable(f"The store {self.name} refused: {_code(error)}.") from error
        except (botocore.exceptions.BotoCoreError, OSError) as error:
            raise Unavailable(f"The store {self.name} does not answer ({type(error).__name__}).") from error


class ObjectReader(Reader):
    """An object, asked for in ranges that grow while it is read on; the last few are at hand."""

    def __init__(self, store: S3Store, key: str) -> None:
        super().__init__()
        self._store, self._key = store, key
        about = store.about(key)
        self.size = int(about["ContentLength"])
        self._etag, self._says = about.get("ETag"), about["Metadata"].get(SAYS)
        self._windows: list[tuple[int, bytes]] = []

    def pread(self, count: int, at: int) -> bytes:
        if at >= self.size or count <= 0:
            return b""
        for start, data in self._windows:
            if start <= at < start + len(data):
                return data[at - start : at - start + count]
        goes_on = any(start + len(data) == at for start, data in self._windows)
        last = min(at + (AHEAD if goes_on else max(JUMP, min(count, AHEAD))), self.size) - 1
        data, about = self._store.fetch(self._key, at, last)
        same = (about.get("ETag"), about["Metadata"].get(SAYS)) == (self._etag, self._says)
        if len(data) != last - at + 1 or not same:
            raise Damaged(
                f"The store {self._store.name} answered with other bytes than those it was asked for."
            )
        self._windows = [(at, data), *self._windows[: KEPT - 1]]
        return data[:count]


def _code(error: botocore.exceptions.ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
