"""What an arrival would bring, line by line, with every byte read and nothing written."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence.acts.delivered import Delivered, comparable
from fairwitness.evidence.models import Attachment, Recording
from fairwitness.kernel import blobs
from fairwitness.kernel.blobs.files import FileReader
from fairwitness.moving.acts import lines as report
from fairwitness.moving.acts.cases import unclaimed
from fairwitness.moving.acts.files import not_there, unknown_label
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
        if line.kind == "recording" and line.outcome != Outcome.NOT:
            come.add(comparable(told.evidence_id))
            yield from _said(plan, told, line)
    yield from not_there(plan, used)
    for said in plan.cases.values():
        yield from _case(plan, said, come)


def _file(path: Path, plan: Plan, told: Delivered, name: str) -> Line:
    kind = "trail" if plan.is_trail(path) else "recording"
    try:
        size, sha256 = _read(path)
    except OSError as error:
        return Line(kind, Outcome.NOT, name, f"It cannot be opened: {error.strerror}.")
    except ValueError:
        return Line(kind, Outcome.NOT, name, "It is not an ordinary file.")
    why = _against(size, sha256, told) if kind == "recording" else ""
    if why:
        return Line(kind, Outcome.NOT, name, why, sha256=sha256)
    sealed = Recording.objects.filter(sha256=sha256, status=Recording.Status.SEALED).first()
    attached = kind == "trail" and Attachment.objects.filter(sha256=sha256).exists()
    here = attached if kind == "trail" else sealed is not None
    number = sealed.number if sealed and kind == "recording" else ""
    outcome = Outcome.HERE if here else Outcome.ARRIVED
    return Line(kind, outcome, name, report.no_time(told) if kind == "recording" else "", number, sha256)


def _read(path: Path) -> tuple[int, str]:
    """Size and digest. Raises OSError, ValueError for what is no ordinary file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with FileReader(descriptor) as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(path)
        return found.st_size, blobs.digest_of(file)


def _against(size: int, sha256: str, told: Delivered) -> str:
    if size == 0:
        return _("The file is empty: there is nothing to seal.")
    if told.sha256 and told.sha256 != sha256:
        return _("The file does not have the SHA-256 that the delivery declares for it.")
    if told.size is not None and told.size != size:
        return _("The file does not have the size that the delivery declares for it.")
    return ""


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
