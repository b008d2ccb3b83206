"""What tests of the public log share: a home of their own, and a database that is really committed to."""

from tests.evidence.conftest import home, own_world

__all__ = ["home", "own_world"]
