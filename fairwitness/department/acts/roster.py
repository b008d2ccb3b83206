"""The import of a roster: one act, one change, one entry; the preview is the same import, taken back at its end."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fairwitness.department import doors, events
from fairwitness.department.acts.people import check_grant_role
from fairwitness.department.acts.telling import tell_of_grant, tell_of_transfers
from fairwitness.department.acts.writing import (
    assign,
    check_chain,
    check_serves,
    complete,
    hold_role,
    place,
    save_valid,
)
from fairwitness.department.models import Assignment, Camera, Completion, Member, Posting, Unit
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import OpenEntry, change
from fairwitness.kernel.columns import Column, check_columns, header_digest
from fairwitness.kernel.models import Record
from fairwitness.kernel.refusals import Invalid, Refusal, WrongState
from fairwitness.kernel.roles import WORDS, Role
from fairwitness.kernel.tables import Table, read_table

COLUMNS: dict[str, Column] = {
    "badge": Column(gettext_lazy("Badge"), ("badge", "badge number", "badge no", "id"), required=True),
    "given_name": Column(gettext_lazy("Given name"), ("given name", "first name", "forename"), required=True),
    "family_name": Column(
        gettext_lazy("Family name"), ("family name", "last name", "surname"), required=True
    ),
    "title": Column(gettext_lazy("Title"), ("title", "rank title")),
    "rank": Column(gettext_lazy("Rank group"), ("rank group", "rank", "role group"), required=True),
    "unit": Column(gettext_lazy("Unit"), ("unit", "division", "assignment")),
    "reports_to": Column(
        gettext_lazy("Reports to (badge)"), ("reports to", "reports to badge", "supervisor")
    ),
    "email": Column(gettext_lazy("Email"), ("email", "e mail", "email address")),
    "joined_on": Column(gettext_lazy("Joined on"), ("joined on", "joined", "hire date", "start date")),
    "trained_on": Column(
        gettext_lazy("Trained on"), ("trained on", "trained", "bwc training"), "complete_course"
    ),
    "camera_serial": Column(
        gettext_lazy("Camera serial"), ("camera serial", "camera", "device serial"), "assign_camera"
    ),
    "camera_model": Column(gettext_lazy("Camera model"), ("camera model", "device model"), "add_camera"),
    "roles": Column(gettext_lazy("Roles"), ("roles", "role"), "grant_role"),
}


@dataclass(frozen=True)
class Outcome:
    """What one row came to: `kind` is added, changed, unchanged or faulty; `words` say what changes, or why not."""

    line: int
    badge: str
    name: str
    kind: str
    words: tuple[str, ...]


@dataclass
class Import:
    """What an import did, or in a preview would do."""

    outcomes: list[Outcome] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    cameras: list[Camera] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    # Of members who were in another unit before.
    transfers: list[Posting] = field(default_factory=list)
    entry_id: uuid.UUID | None = None

    def count(self, kind: str) -> int:
        """How many rows came to `kind`."""
        return sum(outcome.kind == kind for outcome in self.outcomes)

    @property
    def digest(self) -> str:
        """Of all outcomes: by it an import proves to be the one that was previewed."""
        rows = [[o.line, o.badge, o.kind, *o.words] for o in self.outcomes]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


class _TakenBack(Exception):
    pass


def allowed_columns(by: Actor) -> dict[str, Column]:
    """The columns that `by` may import: each asks for the act that would do the same by hand."""
    return {key: column for key, column in COLUMNS.items() if doors.may(by, column.act or "import_roster")}


def preview_roster(
    *, data: bytes, columns: Mapping[str, int], since: dt.date | None = None, by: Actor
) -> Import:
    """What `import_roster` would do with the same arguments. Writes nothing."""
    result = Import()
    with suppress(_TakenBack), change(events.ROSTER_IMPORTED, by=by):
        _take(result, read_table(data), columns, since or doors.today(), by)
        raise _TakenBack
    return result


def import_roster(
    *,
    data: bytes,
    columns: Mapping[str, int],
    since: dt.date | None = None,
    agreed: str | None = None,
    by: Actor,
) -> Import:
    """Import a CSV or XLSX file; postings and roles hold from `since` (today). Faulty rows are left out whole.

    `columns` says in which column of the file, counted from 0, each of COLUMNS stands; what is not mapped stays as
    it is. `agreed` is the digest of a preview: WrongState is raised when the import would no longer do the same.
    """
    since = since or doors.today()
    result = Import()
    with change(events.ROSTER_IMPORTED, by=by) as entry:
        table = read_table(data)
        _take(result, table, columns, since, by)
        if agreed is not None and agreed != result.digest:
            raise WrongState(_("The department has changed since the preview; look at it again."))
        if not result.members:
            raise Invalid(_("Nothing in this file differs from what is recorded."))
        result.entry_id = entry.id
        _tell(entry, result, data, table, columns, since)
        tell_of_transfers(len(result.transfers), by)
    return result


def _tell(
    entry: OpenEntry, result: Import, data: bytes, table: Table, columns: Mapping[str, int], since: dt.date
) -> None:
    entry.about(
        *(*result.members, *result.units, *result.cameras),
        sha256=f"sha256:{hashlib.sha256(data).hexdigest()}",
        header=header_digest(table.header),
        columns=dict(columns),
        since=since,
        units_added=len(result.units),
        cameras_added=len(result.cameras),
        **{kind: result.count(kind) for kind in ("added", "changed", "unchanged", "faulty")},
    )


def _take(result: Import, table: Table, columns: Mapping[str, int], since: dt.date, by: Actor) -> None:
    _check_columns(columns, len(table.header), by)
    doors.lock_chain()
    rows = [_Row(line, {key: cells[at] for key, at in columns.items()}) for line, cells in table.rows]
    doors.lock_named({row["badge"] for row in rows}, {row["camera_serial"] for row in rows})
    seen: dict[str, int] = {}
    for row in _supervisors_first(rows):
        result.outcomes.append(_outcome(result, row, seen, since, by))
    result.outcomes.sort(key=lambda outcome: outcome.line)


def _check_columns(columns: Mapping[str, int], width: int, by: Actor) -> None:
    doors.check_may(by, "import_roster")
    check_columns(columns, COLUMNS, width)
    for key in columns:
        doors.check_may(by, COLUMNS[key].act or "import_roster")


@dataclass(frozen=True)
class _Row:
    """One line of the file; `cells` has only what was mapped."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, key: str) -> str:
        return self.cells.get(key, "")


def _supervisors_first(rows: list[_Row]) -> Iterator[_Row]:
    """The rows in such an order that whoever is reported to comes before those who report."""
    waiting = {row.line for row in rows}
    by_badge = {row["badge"]: row for row in reversed(rows)}
    for row in rows:
        path = []
        above: _Row | None = row
        while above is not None and above.line in waiting:
            waiting.remove(above.line)
            path.append(above)
            above = by_badge.get(above["reports_to"])
        yield from reversed(path)


def _outcome(result: Import, row: _Row, seen: dict[str, int], since: dt.date, by: Actor) -> Outcome:
    name = " ".join(filter(None, (row["title"], row["given_name"], row["family_name"])))
    try:
        if row["badge"] in seen:
            raise Invalid(_("The badge stands on line {line} already.").format(line=seen[row["badge"]]))
        seen[row["badge"]] = row.line
        # A savepoint: what a faulty row had already written goes with it.
        with transaction.atomic():
            kind, words = _take_row(result, row, since, by)
    except Refusal as refusal:
        kind, words = "faulty", [refusal.sentence]
    return Outcome(row.line, row["badge"], name, kind, tuple(words))


def _take_row(result: Import, row: _Row, since: dt.date, by: Actor) -> tuple[str, list[str]]:
    member = Member.objects.select_for_update(of=("self",)).filter(badge=row["badge"]).first()
    added = member is None
    member = member or Member(badge=row["badge"])
    made: list[Record] = []
    words = [
        *_particulars(member, row, added),
        *_posting(member, row, since, made),
        *_training(member, row),
        *_camera(member, row, since, made),
        *_roles(member, row, since, by),
    ]
    if words:
        result.members.append(member)
        result.units += [record for record in made if isinstance(record, Unit)]
        result.cameras += [record for record in made if isinstance(record, Camera)]
        result.transfers += [record for record in made if isinstance(record, Posting)]
    return ("added" if added else "changed" if words else "unchanged"), words


def _particulars(member: Member, row: _Row, added: bool) -> list[str]:
    wanted: dict[str, object] = {
        "given_name": row["given_name"],
        "family_name": row["family_name"],
        "rank": _rank(row["rank"]),
    }
    wanted |= {key: row[key] for key in ("title", "email") if key in row.cells}
    if row["joined_on"]:
        wanted["joined_on"] = _day(row["joined_on"])
    check_serves(member)
    changed = [key for key, value in wanted.items() if getattr(member, key) != value]
    words = [
        _("{label}: {old} → {new}").format(
            label=COLUMNS[key].label, old=getattr(member, key) or "–", new=wanted[key] or "–"
        )
        for key in changed
    ]
    for key in changed:
        setattr(member, key, wanted[key])
    if added or changed:
        save_valid(member)
    return [_("New member")] if added else words


def _posting(member: Member, row: _Row, since: dt.date, made: list[Record]) -> list[str]:
    """Post the member when unit or supervisor differ; an empty “reports to” that was mapped means nobody."""
    now = doors.posting_on(member.pk, since)
    present = (now.unit, now.reports_to) if now else (None, None)
    unit = _unit(row["unit"], made) if row["unit"] else present[0]
    supervisor = present[1]
    if "reports_to" in row.cells:
        supervisor = _member_with(row["reports_to"]) if row["reports_to"] else None
    if unit is None or present == (unit, supervisor):
        return []
    check_chain(member, supervisor, since)
    posting = place(member, unit, supervisor, since)
    if present[0] not in (None, unit):
        made.append(posting)
    words = [_("Unit: {name}").format(name=unit.name)]
    return [*words, _("Reports to {name}").format(name=supervisor.name)] if supervisor else words


def _unit(name: str, made: list[Record]) -> Unit:
    """The unit by code or name; one that is not yet known is added."""
    known = Unit.objects.filter(code__iexact=name).first() or Unit.objects.filter(name__iexact=name).first()
    if known:
        return known
    code = slugify(name).upper()[:16] or "UNIT"
    taken = Unit.objects.filter(code__startswith=code).count()
    unit = Unit(code=f"{code}-{taken + 1}" if taken else code, name=name)
    save_valid(unit)
    made.append(unit)
    return unit


def _member_with(badge: str) -> Member:
    found = Member.objects.filter(badge=badge).first()
    if found is None:
        raise Invalid(_("Nobody has the badge “{badge}” to report to.").format(badge=badge))
    return found


def _training(member: Member, row: _Row) -> list[str]:
    if not row["trained_on"]:
        return []
    day = _day(row["trained_on"])
    courses = list(doors.required_courses())
    if not courses:
        raise WrongState(_("No course is required for a camera yet: add that course first."))
    done = set(Completion.objects.filter(member=member, completed_on=day).values_list("course_id", flat=True))
    missing = [course for course in courses if course.pk not in done]
    for course in missing:
        complete(member, course, day)
    return [_("Completed {title}").format(title=course.title) for course in missing]


def _camera(member: Member, row: _Row, since: dt.date, made: list[Record]) -> list[str]:
    if not row["camera_serial"]:
        return []
    camera = doors.camera_by_serial(row["camera_serial"])
    if camera is None:
        camera = Camera(serial=row["camera_serial"], model=row["camera_model"])
        save_valid(camera)
        made.append(camera)
    elif Assignment.objects.filter(camera=camera, member=member, until=None).exists():
        return []
    assign(doors.lock_camera(camera.pk), member, _handed_out(since))
    return [_("Camera {serial}").format(serial=camera.serial)]


def _handed_out(since: dt.date) -> dt.datetime:
    """Now, or for a roster of another day the beginning of that day."""
    if since == doors.today():
        return clock.now()
    return dt.datetime.combine(since, dt.time(), tzinfo=agency().tz)


def _roles(member: Member, row: _Row, since: dt.date, by: Actor) -> list[str]:
    """Grant what is named and not yet held; a roster ends no role."""
    named = [_role(text.strip()) for text in row["roles"].split(";") if text.strip()]
    wanted = [role for role in dict.fromkeys(named) if role not in doors.roles_on(member.pk, since)]
    for role in wanted:
        check_grant_role(member, by)
        hold_role(member, role, since)
        tell_of_grant(member, role, by)
    return [_("Role: {role}").format(role=WORDS[role][0]) for role in wanted]


def _role(text: str) -> Role:
    for role, (word, _meaning) in WORDS.items():
        if _folded(text) in (_folded(role), _folded(str(word))):
            return role
    raise Invalid(_("“{text}” is no role.").format(text=text))


def _rank(text: str) -> str:
    for code, label in Member.Rank.choices:
        if _folded(text) in (_folded(code), _folded(str(label))):
            return code
    known = ", ".join(str(label) for label in Member.Rank.labels)
    raise Invalid(_("“{text}” is no rank group; known are {known}.").format(text=text, known=known))


def _folded(text: str) -> str:
    """Without case, number and the manner of joining words: “Patrol Officers” is `patrol_officer`."""
    return text.casefold().replace("_", " ").replace("-", " ").removesuffix("s")


def _day(text: str) -> dt.date:
    """A day as RFC 3339 has it, as the agency writes it, or in figures in the agency's order."""
    month_first = agency().month_first
    forms = ("%Y-%m-%d", "%b %d, %Y", "%d %b %Y", "%m/%d/%Y" if month_first else "%d/%m/%Y")
    for form in forms:
        with suppress(ValueError):
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
    raise Invalid(_("“{text}” is no day; write it as 2026-01-31.").format(text=text))
