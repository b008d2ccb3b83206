"""Waiting until somebody waits for a lock, for tests of the order in which acts lock."""

import time

import psycopg


def until_one_waits(address: str, done: object) -> None:
    """Until some connection of the server waits for a lock; `done` is what there is instead, for the failure's words."""
    with psycopg.connect(address, autocommit=True) as looking:
        for _ in range(100):
            waiting = looking.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
            if waiting and waiting[0]:
                return
            time.sleep(0.1)
    raise AssertionError(f"nobody ever waited: {done}")
