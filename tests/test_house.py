"""The house tests itself: floors, front rooms, writes only in acts, docstrings, locks, no network in tests."""

import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from pytest_socket import SocketConnectBlockedError

from fairwitness.kernel.models import Ledger, Record
from tests import house
from tests.house import ROOT, Module

Rule = Callable[[Module], Iterator[str]]

# What is no record although it is written: each with the reason why no history is lost.
NOT_RECORDS = {
    "kernel.Outbox": "a queue; what it queues is in the ledger",
    "kernel.NumberSeries": "a counter; the numbered things are records",
    "kernel.Notice": "tells what the ledger already says",
    "kernel.JobError": "why a job failed; it goes with the job",
    "kernel.JobTally": "figures of jobs, kept for a week",
    "kernel.SavedSearch": "words of a search, kept out of addresses",
    "department.DockHeard": "what a dock said last, overwritten every minute; what was new is in the ledger",
    "department.CameraHeard": "where a camera was last seen, overwritten every minute; what was new is in the ledger",
    "accounts.TokenUse": "when a token was last shown; what was done with it is in the ledger",
    "kernel.BlobKey": "a wrapped key, forgotten when its bytes are disposed of; that it was is in the ledger",
    "accounts.Session": "ticks while somebody is signed in; its beginning and its end are in the ledger",
    "accounts.SignInLog": "a journal, only added to: addresses and failures, which the ledger must not commit to",
    "sharing.Progress": "how far the writing of a package has come; that it was made is in the ledger",
    "sharing.Running": "running totals of a guest's look or download, folded into opening_ended",
    "sharing.Taken": "which bytes have left to a guest; that all have is in the ledger",
    "evidence.Meter": "running totals of a viewing, folded into viewing_ended",
    "uploads.Progress": "how far an upload has come, folded into the upload when it stops coming",
}
OTHER_PEOPLES_APPS = {
    "auth",
    "contenttypes",
    "sessions",
    "account",
    "mfa",
    "socialaccount",
    "procrastinate",
    "messages",
}


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rules(rule: Rule) -> None:
    faults = [fault for module in house.modules() for fault in rule(module)]
    assert not faults, "\n".join(faults)


PLANTED: list[tuple[Rule, str, str]] = [
    (house.floors, "fairwitness/department/doors.py", "from fairwitness.evidence import models"),
    (house.floors, "fairwitness/kernel/change.py", "import fairwitness.department.models"),
    (house.floors, "fairwitness/evidence/jobs.py", "from fairwitness.media import probe"),
    (house.floors, "fairwitness/rules/merkle.py", "from fairwitness.kernel import clock"),
    (house.front_rooms, "fairwitness/evidence/acts/seal.py", "from fairwitness.department import forms"),
    (house.front_rooms, "fairwitness/site/pages.py", "from fairwitness.evidence.pages import shown"),
    (house.left_only, "fairwitness/evidence/doors.py", "from fairwitness.evidence.acts import seal"),
    (house.left_only, "fairwitness/department/models.py", "from fairwitness.department import doors"),
    (
        house.writes_in_acts,
        "fairwitness/evidence/pages/lists.py",
        "from fairwitness.kernel.change import change",
    ),
    (house.writes_in_acts, "fairwitness/evidence/doors.py", "Recording.objects.filter(pk=1).update(size=0)"),
    (house.writes_in_acts, "fairwitness/evidence/jobs.py", "recording.save()"),
    (house.docstrings, "fairwitness/evidence/doors.py", "x = 1"),
    (house.plain_imports, "fairwitness/evidence/doors.py", "from . import models"),
    (house.plain_imports, "fairwitness/evidence/doors.py", "def f():\n    import os"),
    (house.no_signals, "fairwitness/evidence/doors.py", "from django.db.models.signals import post_save"),
    (house.no_agency_in_code, "fairwitness/evidence/doors.py", "x = agency().key == 'cambridge_ma'"),
    (house.standard_library_only, "verify/fairwitness_verify.py", "import cryptography"),
    (house.standard_library_only, "verify/fairwitness_verify.py", "from fairwitness.rules import merkle"),
]


@pytest.mark.parametrize(("rule", "path", "source"), PLANTED, ids=lambda v: getattr(v, "__name__", None))
def test_a_planted_violation_is_found(rule: Rule, path: str, source: str) -> None:
    assert list(rule(Module(path, source)))


ALONE = sorted([*(ROOT / "verify").glob("*.py"), *(ROOT / "dock").glob("*.py")])


@pytest.mark.parametrize("path", ALONE, ids=lambda path: path.name)
def test_verifier_witness_and_dock_need_nothing(path: Path) -> None:
    module = Module(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
    assert not [*house.standard_library_only(module), *house.docstrings(module)]


def our_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m._meta.app_label not in OTHER_PEOPLES_APPS]


def test_whatever_is_no_record_is_listed_with_its_reason() -> None:
    written = {m._meta.label for m in our_models() if not issubclass(m, Record | Ledger)}
    assert written == set(NOT_RECORDS)


def test_records_are_never_cascaded_to_and_have_no_automatic_tables() -> None:
    faults = []
    for model in our_models():
        faults += [f"{model._meta.label}.{f.name} makes a table by itself" for f in model._meta.many_to_many]
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is not models.PROTECT:
                faults.append(f"{model._meta.label}.{field.name} is not PROTECT")
    assert not faults


def test_the_ledger_has_no_foreign_keys() -> None:
    assert not [
        f for m in our_models() if issubclass(m, Ledger) for f in m._meta.get_fields() if f.is_relation
    ]


def test_tests_reach_no_network() -> None:
    with socket.socket() as outside, pytest.raises(SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 80))


def test_nothing_committed_names_a_registry_or_a_place_on_this_machine() -> None:
    # Spelt in two halves, so that this file does not name them itself.
    words = ["pypi" + ".org", "python" + "hosted", "npmjs" + ".org", "npmjs" + ".com", "/wo" + "rk/"]
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout
    names = [name for name in tracked.decode().split("\0") if name]
    if not names:
        pytest.skip("not a git checkout")
    faults = []
    for name in names:
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".jpg"}:
            text = path.read_text(encoding="utf-8", errors="replace")
            faults += [f"{name}: {word}" for word in words if word in text]
    assert not faults


def test_locked_requirements_have_hashes_and_no_addresses() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9][^\s]*==", text, re.MULTILINE | re.IGNORECASE)
        assert pins, path
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text
