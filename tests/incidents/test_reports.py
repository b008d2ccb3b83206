"""The acts file_report and withdraw_report."""

import datetime as dt
import hashlib

import pytest

from fairwitness.incidents import acts, doors
from fairwitness.incidents.models import Incident, Report
from fairwitness.kernel import clock
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.department.ledger import latest, sentence
from tests.incidents.made import dispatch, incident, local
from tests.world import World

DIGEST = hashlib.sha256(b"a report").hexdigest()
SAID = {
    "kind": "force",
    "number": "UOF-7",
    "sha256": f"sha256:{DIGEST}",
    "filed_at": local("2026-03-05T10:00"),
}


def _incident() -> Incident:
    dispatch("26-001,3/4/2026,13:05:00,Noise,,4A12,13:06:00,,,,")
    return incident()


def test_it_works(world: World) -> None:
    found = _incident()
    report = acts.file_report(found.pk, **SAID, author_id=world.id("whitfield"), by=world.actor("ruiz"))
    assert doors.reports_of(found) == [report]
    assert report.sha256 == DIGEST
    event, subjects, facts = latest()
    assert event == "incidents.report_filed"
    assert subjects == {("incidents.incident", found.pk), ("incidents.report", report.pk)}
    assert facts["sha256"] == f"sha256:{DIGEST}" and "UOF-7" not in str(facts)
    assert sentence() == "Sgt. Maria Ruiz filed a report (use of force) about 26-001"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"sha256": "soon"}, "digest of the report"),
        ({"kind": "rumour"}, "not a valid choice"),
        ({"number": ""}, "number"),
        ({"number": "uof-7"}, "is in the register"),
        ({"filed_at": clock.now() + dt.timedelta(days=1)}, "in the future"),
    ],
)
def test_what_cannot_be_filed(world: World, said: dict[str, object], says: str) -> None:
    found, by = _incident(), world.actor("costa")
    acts.file_report(found.pk, **SAID, by=by)
    with pytest.raises(Invalid, match=says):
        acts.file_report(found.pk, **{**SAID, "number": "UOF-8", **said}, by=by)
    assert Report.objects.count() == 1


def test_a_withdrawn_report_stays_and_its_number_is_free_again(world: World) -> None:
    found, by = _incident(), world.actor("hale")
    report = acts.file_report(found.pk, **SAID, by=by)
    acts.withdraw_report(report.pk, by=by)
    with pytest.raises(WrongState, match="before"):
        acts.withdraw_report(report.pk, by=by)
    acts.file_report(found.pk, **SAID, by=by)
    assert [bool(each.withdrawn_at) for each in doors.reports_of(found)] == [True, False]


def test_who_may_file_and_withdraw(world: World) -> None:
    found = _incident()
    report = acts.file_report(found.pk, **SAID, by=world.actor("costa"))
    for key, refusal in {
        **dict.fromkeys(("weber", "park", "sato"), Forbidden),
        **dict.fromkeys(("whitfield", "adeyemi", "novak", "chen"), NotFound),
    }.items():
        with pytest.raises(refusal):
            acts.file_report(found.pk, **{**SAID, "number": "8"}, by=world.actor(key))
        with pytest.raises(refusal):
            acts.withdraw_report(report.pk, by=world.actor(key))
