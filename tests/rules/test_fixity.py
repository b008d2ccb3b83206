"""Every store is read within the week, evenly, and never faster than the settings allow."""

from hypothesis import given
from hypothesis import strategies as st

from fairwitness.rules import fixity

TERABYTE = 10**12


@given(whole=st.integers(1, 10**15), seconds=st.integers(60, 3600))
def test_even_shares_come_round_within_the_week(whole: int, seconds: int) -> None:
    rounds = fixity.WEEK // seconds
    assert fixity.share(whole, 0, seconds, 10**15) * rounds >= whole


@given(
    whole=st.integers(0, 10**15),
    overdue=st.integers(0, 10**15),
    seconds=st.integers(1, 3600),
    rate=st.integers(1, 10**10),
)
def test_never_faster_than_allowed(whole: int, overdue: int, seconds: int, rate: int) -> None:
    assert fixity.share(whole, overdue, seconds, rate) <= rate * seconds


def test_a_terabyte_takes_about_two_megabytes_a_second() -> None:
    assert fixity.slow_rate(TERABYTE) == 1_929_013
    assert fixity.share(TERABYTE, 0, 300, 50 * 2**20) == 578_703_704
    assert fixity.share(TERABYTE, TERABYTE, 300, 50 * 2**20) == 300 * 50 * 2**20
