"""Keys follow time, and there is one clock."""

import datetime as dt
import time
import uuid
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.kernel import clock
from fairwitness.kernel.ids import new_id

# The fraction of a millisecond has 12 bits, so moments closer than this may share one.
STEP_NS = 1_000_000 // 4096 + 1
nanoseconds = st.integers(0, 2**48 * 10**6 - 10**9)


def made_at(ns: int) -> uuid.UUID:
    with mock.patch.object(time, "time_ns", return_value=ns):
        return new_id()


@given(nanoseconds)
def test_a_key_is_a_version_7_of_rfc_9562_with_its_time_in_front(ns: int) -> None:
    key = made_at(ns)
    assert (key.version, key.variant) == (7, uuid.RFC_4122)
    assert key.int >> 80 == ns // 1_000_000


@given(nanoseconds, st.integers(STEP_NS, 10**15))
def test_a_key_made_later_sorts_later(ns: int, later: int) -> None:
    first, second = made_at(ns), made_at(min(ns + later, 2**48 * 10**6 - 1))
    assert first < second
    assert first.hex < second.hex
    assert first.bytes < second.bytes


def test_keys_are_not_guessed() -> None:
    assert len({made_at(0).int & (1 << 62) - 1 for _ in range(1000)}) == 1000


def test_the_clock_is_utc_and_can_be_set() -> None:
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
    with clock.frozen(noon):
        assert clock.now() == noon
        assert clock.now().tzinfo is dt.UTC
        with clock.frozen(noon + dt.timedelta(days=1)):
            assert clock.now() == noon + dt.timedelta(days=1)
        assert clock.now() == noon
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=10)


def test_the_clock_goes_on_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), clock.frozen(dt.datetime(2000, 1, 1, tzinfo=dt.UTC)):
        _ = 1 / 0
    assert clock.now().year > 2000


@given(st.datetimes(dt.datetime(1000, 1, 2), dt.datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_times_that_are_hashed_have_one_spelling(moment: dt.datetime, minutes: int) -> None:
    zone = dt.timezone(dt.timedelta(minutes=minutes))
    text = clock.rfc3339(moment.replace(tzinfo=dt.UTC).astimezone(zone))
    assert len(text) == 27
    assert text[-1] == "Z"
    assert dt.datetime.fromisoformat(text) == moment.replace(tzinfo=dt.UTC)
