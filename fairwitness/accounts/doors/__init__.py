"""The doors of accounts: the only way to its records, narrowed to who asks."""

from fairwitness.accounts.doors.reach import REACH, check_may, check_person, check_scope, may
from fairwitness.accounts.doors.tokens import (
    actor_of_token,
    list_tokens,
    lock_token,
    reason_against,
    token_names,
    unit_of_token,
)

# How the things of this room are named in a history.
NAMERS = {"accounts.token": token_names}

__all__ = [
    "NAMERS",
    "REACH",
    "actor_of_token",
    "check_may",
    "check_person",
    "check_scope",
    "list_tokens",
    "lock_token",
    "may",
    "reason_against",
    "token_names",
    "unit_of_token",
]
