"""The table of audited events tells the truth (CJIS AU-2): each that it names is declared."""

import re

from fairwitness.accounts.models import SignInLog
from fairwitness.kernel.events import REGISTER
from tests.house import ROOT

TABLE = ROOT / "docs" / "reference" / "audit-events.md"


def test_every_event_that_is_named_exists() -> None:
    rows = re.findall(r"^\| ([^|]+) \| (log|ledger) \| (.+) \|$", TABLE.read_text("utf-8"), re.MULTILINE)
    assert len(rows) == 12
    known = {"log": set(SignInLog.WORDS), "ledger": set(REGISTER)}
    for asked, where, events in rows:
        named = set(re.findall(r"`([\w.]+)`", events))
        assert named and named <= known[where], f"{asked}: {named - known[where]}"


def test_every_kind_of_line_is_in_the_table_or_told_by_the_ledger() -> None:
    told = set(re.findall(r"`(\w+)`", TABLE.read_text("utf-8")))
    assert set(SignInLog.WORDS) - told <= {"released", "stopped", "closed"}
