"""Work that sharing leaves for later: writing packages, removing old ones, ending what guests left open."""

import uuid

from fairwitness.kernel import actors
from fairwitness.sharing import acts


def make_package(package_id: str) -> None:
    """Write a package; stopped and run again it goes on. Raises what refuses it: it is then tried again."""
    acts.make_package(uuid.UUID(package_id), by=actors.system("sharing.make_package"))


def let_old_go(timestamp: int) -> None:
    """Every night: the files of packages that are old and shared with nobody go."""
    acts.let_old_go(by=actors.system("sharing.let_old_go"))


def end_left(timestamp: int) -> None:
    """Every few minutes: what guests left open is ended."""
    acts.end_left(by=actors.system("sharing.end_left"))
