"""What a comparison is: rounds of ours and of the peer in turn, the best of each, a ratio, and a verdict."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Result:
    """What one comparison came to. `ratio` is ours to the peer's, `target` the limit in words, `said` the numbers."""

    name: str
    ratio: float
    target: str
    ok: bool
    said: list[str] = field(default_factory=list)

    def line(self) -> str:
        """The closing line of a comparison."""
        return f"BENCH {self.name} {self.ratio:.2f} {self.target} {'ok' if self.ok else 'short'}"


def at_most(name: str, ratio: float, limit: float, *said: str) -> Result:
    """A result that is well when the ratio is at most `limit`."""
    return Result(name, ratio, f"<={limit:g}", ratio <= limit, list(said))


def at_least(name: str, ratio: float, limit: float, *said: str) -> Result:
    """A result that is well when the ratio is at least `limit`."""
    return Result(name, ratio, f">={limit:g}", ratio >= limit, list(said))


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes once."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_turn(
    sides: dict[str, Callable[[], float]], rounds: int, *, within: float = 600
) -> dict[str, list[float]]:
    """Each side once per round, one after the other, so that what else the machine does falls on all alike.

    A side answers what it measured (seconds, or a rate). No new round begins after `within` seconds.
    """
    measured: dict[str, list[float]] = {name: [] for name in sides}
    until = time.monotonic() + within
    for number in range(rounds):
        if number and time.monotonic() > until:
            break
        for name, side in sides.items():
            measured[name].append(side())
    return measured


def by_rounds(ours: list[float], peer: list[float]) -> float:
    """The middle one of the ratios of each round.

    For what depends on a disk or a network: there the best of each side may come from different minutes, of which one
    was luckier for all; within a round both were measured in the same one.
    """
    return median(mine / theirs for mine, theirs in zip(ours, peer, strict=True))


def listed(values: list[float], form: str = ".2f") -> str:
    """Every measurement, so that a reader sees how far they lie apart."""
    return " ".join(format(value, form) for value in values)
