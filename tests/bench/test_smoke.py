"""Every comparison runs to its closing line, with worlds and files too small to measure anything."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import compare, machine
from bench.__main__ import COMPARISONS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the embedded database may enter, which as root runs as a user of its own; pytest's are closed."""
    with tempfile.TemporaryDirectory(prefix="fairwitness-bench-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def bench(home: Path, *names: str) -> "subprocess.CompletedProcess[str]":
    """`python -m bench` in a home of its own, with everything small."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "FAIRWITNESS"))
    }
    kept |= {"FAIRWITNESS_BENCH_HOME": str(home), "FAIRWITNESS_BENCH_SMALL": "1"}
    command = [sys.executable, "-m", "bench", *names]
    return subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, timeout=1800)


@pytest.mark.slow
def test_every_comparison_runs_to_its_closing_line(home: Path) -> None:
    page = ROOT / "docs" / "reference" / "bench.md"
    before = page.read_bytes() if page.exists() else None
    done = bench(home)
    assert done.returncode == 0, done.stderr[-3000:]
    closing = re.findall(r"^BENCH (\S+) \d+\.\d\d [<>]=[\d.]+ (?:ok|short)$", done.stdout, re.MULTILINE)
    assert closing == list(COMPARISONS)
    after = page.read_bytes() if page.exists() else None
    assert after == before, "what small worlds measure must not reach the docs"


@pytest.mark.slow
def test_a_comparison_that_does_not_exist_is_named(home: Path) -> None:
    done = bench(home, "ingest-2g")
    assert (done.returncode, "no comparison ingest-2g" in done.stdout) == (2, True)


def test_the_closing_line_says_whether_the_target_was_met() -> None:
    assert compare.at_most("x", 1.15, 1.15).line() == "BENCH x 1.15 <=1.15 ok"
    assert compare.at_most("x", 1.16, 1.15).line() == "BENCH x 1.16 <=1.15 short"
    assert compare.at_least("x", 0.79, 0.8).line() == "BENCH x 0.79 >=0.8 short"


def test_sides_take_turns_and_stop_when_the_time_is_up() -> None:
    calls: list[str] = []

    def side(name: str) -> float:
        calls.append(name)
        return 1.0

    measured = compare.in_turn({"a": lambda: side("a"), "b": lambda: side("b")}, 2)
    assert (calls, measured) == (["a", "b", "a", "b"], {"a": [1.0, 1.0], "b": [1.0, 1.0]})
    assert compare.in_turn({"a": lambda: 1.0}, 5, within=-1) == {"a": [1.0]}


def test_the_page_keeps_what_did_not_run_again() -> None:
    page = (ROOT / "docs" / "reference" / "bench.md").read_text(encoding="utf-8")
    known = machine.kept(page)
    assert known["ingest-8g"]["line"].startswith("BENCH ingest-8g ")
    one = {"line": compare.at_most("x-1", 1.0, 2.0).line(), "said": ["1 and 2"], "day": "2026-01-01"}
    assert machine.kept("\n".join(machine._page(known | {"x-1": one})) + "\n") == known | {"x-1": one}
