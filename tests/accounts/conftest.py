"""The limits per address are kept in the cache, and each test comes from the same address."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_limits_from_before() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()
