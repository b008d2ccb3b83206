"""The whole square of cases: every role, every act, every relation to the case, written out by hand."""

import uuid
from collections.abc import Callable

import pytest

from fairwitness.cases import acts, doors
from fairwitness.cases.models import Case
from fairwitness.incidents.models import Incident
from fairwitness.kernel import actors, clock
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Role
from tests.cases.made import opened, sealed_file, stop
from tests.evidence.disposals import KEPT
from tests.evidence.made import grown, rows
from tests.world import BY, CAST, World

pytestmark = pytest.mark.django_db
# Seen from who asks: they lead it, work on it, somebody below them does, nobody near them does.
RELATIONS = ("led", "worked", "below", "other")
FIND = ("find", "export", "take_file")
WORK = ("link_incident", "take_in", "take_out", "seal_file", "add_person", "withdraw_person", "note")
WORK += ("add_task", "do_task", "set_court_date")
LEAD = ("change_case", "close_case", "reopen_case", "add_member", "end_member")
EXPECTED: dict[Role, tuple[str, str, str]] = {
    Role.OFFICER: ("led worked", "led worked", "led"),
    Role.SUPERVISOR: ("led worked below", "led worked below", "led below"),
    Role.BWC_UNIT: ("led worked below other",) * 3,
    Role.RECORDS_OFFICER: ("led worked", "led worked", "led"),
    Role.COMMAND_STAFF: ("led worked below other", "led worked", "led worked below other"),
    Role.CHIEF: ("led worked below other", "led worked", "led worked below other"),
    Role.INTERNAL_AUDITOR: ("led worked below other", "", ""),
    Role.EXTERNAL_AUDITOR: ("", "", ""),
    Role.COMMUNITY_SUPERVISOR: ("", "", ""),
    Role.ACCOUNT_ADMINISTRATOR: ("", "", ""),
}
COUNTS = set(Role) - {Role.COMMUNITY_SUPERVISOR, Role.ACCOUNT_ADMINISTRATOR}
OPENS = {Role.OFFICER, Role.SUPERVISOR, Role.BWC_UNIT}


@pytest.fixture
def cases(world: World) -> dict[str, uuid.UUID]:
    """Ruiz asks: Whitfield is below her, Haddad is not."""
    made = {
        "led": opened(world, lead="ruiz"),
        "worked": opened(world, lead="haddad"),
        "below": opened(world, lead="whitfield"),
        "other": opened(world, lead="haddad"),
    }
    acts.add_member(made["worked"].pk, world.id("ruiz"), "member", by=world.actor("costa"))
    return {relation: case.pk for relation, case in made.items()}


def test_the_table_has_every_role_and_every_act() -> None:
    assert set(EXPECTED) == set(Role)
    assert {*FIND, *WORK, *LEAD, "count", "open_case"} == set(doors.REACH)


@pytest.mark.parametrize("role", Role)
def test_decision_and_list_agree_with_the_table(
    world: World, cases: dict[str, uuid.UUID], role: Role
) -> None:
    asker = actors.member(world.id("ruiz"), frozenset({role}))
    found, work, lead = (set(words.split()) for words in EXPECTED[role])
    for act in doors.REACH:
        if act in ("count", "open_case"):
            assert doors.may(asker, act) == (role in (COUNTS if act == "count" else OPENS)), act
            continue
        expected = found if act in FIND else work if act in WORK else lead
        listed = {name for name, pk in cases.items() if doors.narrowed(asker, act).filter(pk=pk).exists()}
        given = {name for name, pk in cases.items() if _given(asker, pk, act)}
        assert (act, listed, given) == (act, expected, expected)
        offered = {name for name in found if act in doors.acts_with(asker, doors.case(asker, cases[name]))}
        assert (act, offered) == (act, expected & found)
    assert doors.may_list(asker) == bool(found)
    if found:
        assert {each.pk for each in doors.list_cases(asker, doors.Sought())} == {
            cases[name] for name in found
        }
    else:
        with pytest.raises(Forbidden):
            doors.list_cases(asker, doors.Sought())


def _given(asker: actors.Actor, pk: uuid.UUID, act: str) -> bool:
    """Whether the door gives the case; who may not find it must not learn that it is there."""
    try:
        return doors.case(asker, pk, act).pk == pk
    except Forbidden:
        assert doors.narrowed(asker).filter(pk=pk).exists()
    except NotFound:
        assert not doors.narrowed(asker).filter(pk=pk).exists()
    return False


def an_incident(number: str) -> Incident:
    """An incident with nothing known of it but its number."""
    with change(KEPT, by=BY) as entry:
        made = Incident(number=number, opened=clock.now())
        made.save(force_insert=True)
        entry.about(made)
    return made


def test_every_act_on_a_closed_case_is_refused_and_writes_nothing(world: World, case: Case) -> None:
    """The status × act square: closed, a case can be found, taken out, left, and opened again; nothing else."""
    costa, lead = world.actor("costa"), world.actor("lindqvist")
    films = stop()
    item = acts.take_in(case.pk, films[0].pk, by=costa)
    file = sealed_file(case, lead)
    incident = an_incident("26-9")
    link = acts.link_incident(case.pk, incident.pk, by=costa)
    person = acts.add_person(case.pk, name="Ann Elk", role="witness", by=lead)
    note = acts.add_case_note(case.pk, "Ask her again.", by=lead)
    task = acts.add_task(case.pk, "Ask her", world.id("lindqvist"), by=lead)
    date = acts.set_court_date(case.pk, at=clock.now(), court="District Court", by=lead)
    with pytest.raises(WrongState, match="This case is open"):
        acts.reopen_case(case.pk, "Why not", by=costa)
    leading, named = (
        case.members.get(member=world.id("lindqvist")),
        acts.add_member(case.pk, world.id("okoye"), "member", by=costa),
    )
    acts.close_case(case.pk, "Pleaded", by=lead)
    refused: dict[str, Callable[[], object]] = {
        "close": lambda: acts.close_case(case.pk, "Again", by=costa),
        "link": lambda: acts.link_incident(case.pk, an_incident("26-10").pk, by=costa),
        "unlink": lambda: acts.unlink_incident(link.pk, by=costa),
        "take in": lambda: acts.take_in(case.pk, films[1].pk, by=costa),
        "take in all": lambda: acts.take_in_all(case.pk, by=costa),
        "take out": lambda: acts.take_out(item.pk, "No", by=costa),
        "seal": lambda: sealed_file(case, lead, b"later"),
        "person": lambda: acts.add_person(case.pk, name="B", role="witness", by=lead),
        "withdraw person": lambda: acts.withdraw_person(person.pk, by=lead),
        "note": lambda: acts.add_case_note(case.pk, "Later", by=lead),
        "withdraw note": lambda: acts.withdraw_case_note(note.pk, by=lead),
        "task": lambda: acts.add_task(case.pk, "Later", world.id("lindqvist"), by=lead),
        "finish": lambda: acts.finish_task(task.pk, by=lead),
        "withdraw task": lambda: acts.withdraw_task(task.pk, by=lead),
        "court": lambda: acts.set_court_date(case.pk, at=clock.now(), court="X", by=lead),
        "outcome": lambda: acts.note_outcome(date.pk, "Adjourned", by=lead),
        "withdraw date": lambda: acts.withdraw_court_date(date.pk, by=lead),
        "member": lambda: acts.add_member(case.pk, world.id("li"), "member", by=costa),
        "correct": lambda: acts.change_case(case.pk, title="Later", kind="other", by=lead),
        "end who leads it last": lambda: acts.end_member(leading.pk, by=costa),
    }
    for name, act in refused.items():
        incidents_made = Incident.objects.count()
        before = rows()
        with pytest.raises(WrongState):
            act()
        assert Incident.objects.count() - incidents_made <= 1
        assert not {table for table in grown(before) if table.startswith("cases_")}, name
    assert doors.case(lead, case.pk).status == "closed"
    assert acts.end_member(named.pk, by=lead).until, "who reads it no more"
    assert acts.take_file(file.pk, by=lead).pk == file.file_id
    assert acts.reopen_case(case.pk, "Appeal", by=lead).status == "open"


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_who_is_not_in_it_does_nothing_with_it(world: World, case: Case, part: object) -> None:
    """Every act by each of the cast: refused as the square says, and then nothing is written."""
    key = part.key  # type: ignore[attr-defined]
    actor = world.actor(key)
    tried: dict[str, Callable[[], object]] = {
        "note": lambda: acts.add_case_note(case.pk, "Mine", by=actor),
        "add_person": lambda: acts.add_person(case.pk, name="Ann", role="victim", by=actor),
        "seal_file": lambda: sealed_file(case, actor, key.encode()),
        "change_case": lambda: acts.change_case(case.pk, title="Other", kind="other", by=actor),
        "set_court_date": lambda: acts.set_court_date(case.pk, at=clock.now(), court="X", by=actor),
        "add_member": lambda: acts.add_member(case.pk, world.id("li"), "member", by=actor),
        "close_case": lambda: acts.close_case(case.pk, "Over", by=actor),
    }
    for act, do in tried.items():
        may = doors.may_with(actor, case, act) and not (act == "add_member" and key == "li")
        before = rows()
        if may:
            do()
        else:
            with pytest.raises((Forbidden, NotFound)):
                do()
            assert grown(before) == {}, act
