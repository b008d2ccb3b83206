"""The list of a million recordings beside the same page, with as many rows shown, of ten thousand."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from statistics import median
from typing import Self

from bench import databases, world
from bench.compare import Result, at_most

MANY = databases.sized(1_000_000, 2_000)
FEW = databases.sized(10_000, 500)
WARM, ROUNDS = databases.sized(3, 0), databases.sized(11, 1)
MOST = 1.5
# The BWC Unit finds all, a sergeant the chain below, an officer their own.
ALL, CHAIN, OWN = "B001", "0200", "0201"
ROLES = {ALL: "all", CHAIN: "chain", OWN: "own"}


@dataclass(frozen=True)
class Page:
    """A page of the list: what it is called, who asks for it, narrowed to what, how deep."""

    name: str
    filters: dict[str, str] = field(default_factory=dict)
    asker: str = ALL
    depth: float = 0


PAGES = [
    Page("first page"),
    Page("deep page", depth=0.9),
    Page("since a day", {"since": "2026-05-01"}),
    Page("between days", {"since": "2025-03-01", "until": "2025-03-31"}),
    Page("officer", {"owner": "0201"}),
    Page("unit", {"unit": "D4"}),
    Page("camera", {"camera": "AX-0201"}),
    Page("incident", {"incident": "any"}),
    Page("label, common", {"label": "Traffic stop"}),
    Page("state: refused", {"status": "refused"}),
    Page("state: sealed", {"status": "sealed"}),
    Page("unreadable", {"readable": "no"}),
    Page("readable", {"readable": "yes"}),
    Page("wearer not known", {"owner_how": "unknown"}),
    Page("sorted by number", {"sort": "number"}),
    Page("unit and label, common", {"unit": "D4", "label": "Traffic stop"}),
    Page("unit and label, common each, rare together", {"unit": "D9", "label": "Disturbance"}),
    Page("officer and label, rare together", {"owner": world.DESK, "label": "Traffic stop"}),
    Page("unit and unreadable, rare together", {"unit": "D10", "readable": "no"}),
    Page("officer and another's camera: none", {"owner": "0201", "camera": "AX-0302"}),
    Page("unit and state", {"unit": "D4", "status": "sealed"}),
    Page("officer and days", {"owner": "0201", "since": "2024-09-01", "until": "2026-03-31"}),
    Page("text, common word", {"text": world.COMMON_WORD}),
    Page("text, an officer's name and badge", {"text": "0201"}),
    Page("text, rare word", {"text": world.RARE_WORD}),
    Page("text, absent word", {"text": "qqxyzzy"}),
    Page("text, common and rare", {"text": f"{world.COMMON_WORD} {world.RARE_WORD}"}),
    Page("text, common, in a unit", {"text": world.COMMON_WORD, "unit": "D4"}),
    Page("text, rare, unreadable: none", {"text": world.RARE_WORD, "readable": "no", "unit": "D10"}),
    *(
        Page(f"{name}, {ROLES[asker]}", filters, asker, depth)
        for asker in (CHAIN, OWN)
        for name, filters, depth in (
            ("first page", {}, 0),
            ("deep page", {}, 0.7),
            ("label, common", {"label": "Traffic stop"}, 0),
            ("label, rare", {"label": "Disturbance", "unit": "D9"}, 0),
            ("text, common word", {"text": world.COMMON_WORD}, 0),
            ("text, absent word", {"text": "qqxyzzy"}, 0),
        )
    ),
]


class Served:
    """A world of its own behind a process of its own."""

    def __init__(self, name: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.pages"],
            env=os.environ | databases.addresses(name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(30)

    def ask(self, page: Page) -> tuple[float, int]:
        """Fetch a page: seconds of the server, rows shown."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([page.asker, page.filters, page.depth]) + "\n")
        self.process.stdin.flush()
        seconds, rows = json.loads(self.process.stdout.readline())
        return seconds, rows


def run() -> Result:
    """The ratio is that of the worst page, by the median of the rounds."""
    world.filled("bench_10k", FEW)
    world.filled("bench", MANY)
    with Served("bench") as many, Served("bench_10k") as few:
        ratios, said = [], []
        for page in PAGES:
            ratio, sentence = _compare(page, many, few)
            ratios.append(ratio)
            said.append(sentence)
    return at_most("list-1m", max(ratios), MOST, *said)


def _compare(page: Page, many: Served, few: Served) -> tuple[float, str]:
    rounds = [(many.ask(page), few.ask(page)) for _round in range(WARM + ROUNDS)][WARM:]
    shown_many, shown_few = rounds[0][0][1], rounds[0][1][1]
    ours, peer = (median(each[side][0] for each in rounds) for side in (0, 1))
    words = f"{page.name:<45} {ours * 1000:7.1f} ms to {peer * 1000:6.1f} ms"
    ratio = ours / peer
    rows = f"{shown_many} rows" if shown_many == shown_few else f"{shown_many} AND {shown_few} ROWS"
    return ratio, f"{words}  {ratio:5.2f}  {rows}{'' if ratio <= MOST else '  short'}"
