"""Encrypted stores, filled by several at once: what is really committed, in a database of this test's own."""

import os
import threading
from pathlib import Path
from typing import Any

from django.db import connection

from fairwitness.kernel.blobs import Blob
from tests.kernel.test_stores import two


def test_many_at_once_keep_one_under_one_key(own_database: str, tmp_path: Path, settings: Any) -> None:
    """Each brings a key of its own; the one whose bytes got the name stays, and reads them."""
    settings.FAIRWITNESS_HOME = tmp_path
    stores, data = two(tmp_path, enough=2, encrypt=True), os.urandom(2_000_000)
    done, failed = list[Blob](), list[BaseException]()

    def one(number: int) -> None:
        path = tmp_path / f"source-{number}"
        path.write_bytes(data)
        try:
            with path.open("rb") as file:
                done.append(stores.put(file))
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failed, len(done)) == ([], 6)
    assert len(list(stores.digests())) == 1
    for name in ("one", "two"):
        with stores.open_in(name, done[0].sha256) as file:
            assert file.read() == data
