"""Work of uploads that the clock starts."""

from fairwitness.kernel import actors
from fairwitness.uploads import acts


def watch_docks(timestamp: int) -> None:
    """Every five minutes: docks that fell silent, and what was seen on cameras and is sealed by now."""
    by = actors.system("uploads.watch_docks")
    acts.watch_docks(by=by)
    acts.settle_held(by=by)
