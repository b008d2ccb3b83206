"""What an arrival would bring, line by line, with every byte read and nothing written."""

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from fairwitness.cases.models import File
from fairwitness.department import doors as department
from fairwitness.evidence.acts.delivered import Delivered, comparable
from fairwitness.evidence.models import Attachment, Recording
from fairwitness.moving.acts import lines as report
from fairwitness.moving.acts.cases import unclaimed
from fairwitness.moving.acts.files import against, cut, digested, not_there, unknown_label
from fairwitness.moving.acts.lines import Line
from fairwitness.moving.acts.vendor import Plan, SaidCase, read
from fairwitness.moving.doors import arrivals
from fairwitness.moving.models import Outcome


def look(folder: Path, mapping: str) -> Iterator[Line]:
    """What `arrive` would report now, without what only the acts can tell. Raises Invalid as `arrive` does."""
    plan = read(folder, mapping)
    used, come = set[int](), set[str]()
    for path in plan.strange:
        why = _("It is a table whose columns the mapping does not know.")
        yield Line("table", Outcome.NOT, str(path.relative_to(folder)), why)
    for path in plan.files:
        told = Delivered() if plan.is_trail(path) else plan.about(path)
        used.add(id(told))
        line = _file(path, plan, told, str(path.relative_to(folder)))
        yield line
        if line.kind != "trail" and line.outcome != Outcome.NOT:
            come.add(comparable(told.evidence_id))
        if line.kind == "recording" and line.outcome != Outcome.NOT:
            yield from _said(plan, told, line)
    yield from not_there(plan, used)
    yield from cut(plan)
    for said in plan.cases.values():
        yield from _case(plan, said, come)


def _file(path: Path, plan: Plan, told: Delivered, name: str) -> Line:
    kind = "trail" if plan.is_trail(path) else "file" if plan.file_kind(path, told) else "recording"
    try:
        size, sha256 = digested(path)
    except OSError as error:
        return Line(kind, Outcome.NOT, name, f"It cannot be opened: {error.strerror}.")
    except ValueError:
        return Line(kind, Outcome.NOT, name, "It is not an ordinary file.")
    why = against(size, sha256, told) if kind != "trail" else ""
    if why:
        return Line(kind, Outcome.NOT, name, why, sha256=sha256)
    number, here = _here(kind, sha256)
    outcome = Outcome.HERE if here else Outcome.ARRIVED
    return Line(kind, outcome, name, report.no_time(told) if kind == "recording" else "", number, sha256)


def _here(kind: str, sha256: str) -> tuple[str, bool]:
    """By what number these bytes are here, and whether they are."""
    if kind == "trail":
        return "", Attachment.objects.filter(sha256=sha256).exists()
    sealed: Recording | File | None
    if kind == "file":
        sealed = File.objects.filter(sha256=sha256).first()
    else:
        sealed = Recording.objects.filter(sha256=sha256, status=Recording.Status.SEALED).first()
    return (sealed.number, True) if sealed else ("", False)


def _said(plan: Plan, told: Delivered, line: Line) -> Iterator[Line]:
    if told.doubt:
        yield Line("recording", Outcome.UNCLAIMED, line.name, told.doubt)
    yield from report.unclaimed(told.evidence_id or line.name, told)
    codes, unknown = report.codes_for(told.label, plan.vendor) if told.label else ([], [])
    for code in codes:
        yield Line("category", Outcome.ARRIVED, code, number=line.number, said=told.label)
    for word in unknown:
        yield unknown_label(word, line.number)


def _case(plan: Plan, said: SaidCase, come: set[str]) -> Iterator[Line]:
    number, row = said.external_id, arrivals.arrived_case(plan.vendor.key, comparable(said.external_id))
    outcome = Outcome.HERE if row else Outcome.ARRIVED
    yield Line("case", outcome, number, number=row.case.number if row else "", said=said.title)
    yield from unclaimed(plan.vendor, said)
    for name, role in said.members:
        if not name or department.member_named(name) is None:
            yield Line(
                "member",
                Outcome.UNCLAIMED,
                name or "–",
                _("This is nobody here, or more than one."),
                said=role,
            )
    for name, role, _about in said.people:
        if role and not plan.vendor.code("people", role):
            yield Line(
                "person", Outcome.UNCLAIMED, name or "–", _("The mapping does not know this part."), said=role
            )
    for each in said.evidence:
        if comparable(each) not in come and not arrivals.recordings_of(plan.vendor.key, each):
            yield Line("item", Outcome.NOT, each, _("The case names it, and it did not come."), case=number)
