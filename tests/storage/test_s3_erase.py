"""Erasing in a bucket: every object, what was set aside and every version goes, and that is read back."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairwitness.kernel import blobs
from tests.evidence.made import stored
from tests.kernel.seaweed import Seaweed, running

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with running(tmp_path_factory.mktemp("seaweed") / "home") as server:
        yield server


@pytest.mark.enable_socket
@pytest.mark.parametrize("versions", [False, True])
def test_it_works(seaweed: Seaweed, home: Path, settings: Any, versions: bool) -> None:
    bucket = f"erasing-{int(versions)}"
    settings.FAIRWITNESS_STORES = f"near={home}/near far=s3://{bucket}?endpoint={seaweed.endpoint}"
    settings.FAIRWITNESS_COPIES = 2
    store = blobs.store()
    for place in store.all:
        place.begin()
    client = seaweed.client()
    if versions:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    digest = stored(b"a recording").sha256
    kept = stored(b"another").sha256
    store.one("far").set_aside(digest)
    stored(b"a recording")
    assert not store.absent_in("far", digest)
    store.erase_in("far", digest)
    assert store.absent_in("far", digest)
    assert not store.absent_in("near", digest)
    left = client.list_objects_v2(Bucket=bucket).get("Contents", ())
    assert not [each for each in left if digest in each["Key"]]
    with store.open_in("far", kept) as file:
        assert io.BytesIO(file.read()).getvalue() == b"another"
