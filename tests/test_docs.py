"""The docs tell the truth: what is drawn from code is as the code, and every duty that is claimed is there."""

import csv
import re
from pathlib import Path

import pytest
from django.urls import get_resolver

from tests import reference
from tests.conftest import shared
from tests.house import ROOT

NAMES = ("roles.md", "access.md", "events.md", "states.md", "openapi.json", "capabilities.md")


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_is_as_the_code(name: str) -> None:
    committed = (reference.REFERENCE / name).read_text(encoding="utf-8")
    assert committed == reference.all_files()[name], "run `make docs` and commit what it drew"


def duties() -> list[dict[str, str]]:
    with (reference.REFERENCE / "duties.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_duty_is_on_the_map() -> None:
    with shared("duties.csv").open(encoding="utf-8", newline="") as file:
        known = {row["id"] for row in csv.DictReader(file)}
    assert {row["id"] for row in duties()} == known


def test_what_a_duty_claims_is_there() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    faults = []
    for row in duties():
        if row["state"] not in {"done", "part", "not yet"}:
            faults.append(f"{row['id']}: unknown state {row['state']}")
        if row["state"] == "not yet":
            continue
        faults += [f"{row['id']}: no page {page}" for page in row["page"].split() if page not in names]
        faults += [
            f"{row['id']}: no test in {test}" for test in row["test"].split() if not _tests_in(ROOT / test)
        ]
        missing = [column for column in ("rule", "page", "test") if not row[column].strip()]
        faults += [f"{row['id']}: claims without a {column}" for column in missing]
    assert not faults


def _tests_in(path: Path) -> bool:
    """Whether a file of tests, or a folder with some, holds at least one."""
    files = path.rglob("test_*.py") if path.is_dir() else [path] if path.exists() else []
    return any("def test_" in file.read_text(encoding="utf-8") for file in files)


def test_every_link_in_the_docs_leads_somewhere() -> None:
    faults = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "ops").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            if "://" not in target and not (path.parent / target).exists():
                faults.append(f"{path.relative_to(ROOT)}: {target}")
    assert not faults
