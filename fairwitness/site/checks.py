"""What is checked by `fairwitness log verify` and every night: ledger, public log and records against each other."""

from collections.abc import Iterator

from fairwitness.cases.check import check_rows as check_cases
from fairwitness.evidence.check import check_rows
from fairwitness.kernel import locks
from fairwitness.moving.check import check_rows as check_moving
from fairwitness.publiclog.check import check_entries, check_tree


def faults() -> Iterator[str]:
    """What does not agree, in sentences; stored bytes are not read here."""
    yield from locks.missing()
    yield from check_tree()
    yield from check_entries()
    yield from check_rows()
    yield from check_cases()
    yield from check_moving()
