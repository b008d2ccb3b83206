"""How far roles reach: the furthest of those held counts, and a role that is not named does not reach."""

import pytest

from fairwitness.kernel.roles import WORDS, Reach, Role, reach

ROW = {Role.OFFICER: Reach.OWN, Role.SUPERVISOR: Reach.CHAIN, Role.CHIEF: Reach.ALL}


@pytest.mark.parametrize(
    ("roles", "far"),
    [
        (set(), Reach.NONE),
        ({Role.RECORDS_OFFICER}, Reach.NONE),
        ({Role.OFFICER}, Reach.OWN),
        ({Role.OFFICER, Role.SUPERVISOR}, Reach.CHAIN),
        ({Role.OFFICER, Role.SUPERVISOR, Role.CHIEF, Role.RECORDS_OFFICER}, Reach.ALL),
    ],
)
def test_the_furthest_role_counts(roles: set[Role], far: Reach) -> None:
    assert reach(frozenset(roles), ROW) is far


def test_reaches_are_ordered() -> None:
    assert list(Reach) == sorted(Reach)
    assert Reach.NONE < Reach.COUNTS < Reach.OWN < Reach.CHAIN < Reach.ALL


def test_every_role_is_told_in_words() -> None:
    assert set(WORDS) == set(Role)
    assert all(str(name) and str(what).endswith(".") for name, what in WORDS.values())
