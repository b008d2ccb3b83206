"""Recordings, viewings, notes and attachments: lists narrowed to who asks, single things by the same filter."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Count, Exists, OuterRef, QuerySet, Sum, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import TruncMonth, Upper

from fairwitness.department import doors as department
from fairwitness.evidence.doors.reach import far, may, may_count, narrowed, recording
from fairwitness.evidence.models import Attachment, Clip, Derivative, Note, Recording, Viewing
from fairwitness.kernel import actors
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.refusals import Gone, NotFound
from fairwitness.kernel.roles import Reach
from fairwitness.storage.models import Copy

PAGE = 50
# So many rows of a list are looked through for words before the index of words is asked.
LOOK_THROUGH = 10_000
# Beyond this "more than" is said: counting on would take longer than finding the page.
COUNT_UP_TO = 1_000


def viewing(actor: Actor, pk: uuid.UUID, session: str, act: str = "open") -> Viewing:
    """An open viewing of this person in this sign-in, while the door still agrees. Raises Gone otherwise.

    Asked for every piece of protected bytes; one query for the viewing, one for the book, one for the door, nothing
    written. `act` is preview for stills, filmstrips and waveforms.
    """
    found = Viewing.objects.filter(pk=pk, ended=None).select_related("recording").first()
    if found is None or found.member_id != actor.member_id or found.session != session:
        raise Gone("This viewing has ended. Open the recording again and say for what.")
    if found.recording.status == Recording.Status.ERASED:
        raise Gone("The bytes of this recording were erased under a rule; its certificate says which.")
    if not may(actor, found.recording_id, act):
        raise Gone("Your right to view this recording has ended.")
    return found


def viewing_is_open(pk: uuid.UUID, session: str, act: str = "open") -> bool:
    """The same question while bytes are being sent: roles and chain of command are asked for anew."""
    found = Viewing.objects.filter(pk=pk).values_list("member", flat=True).first()
    if found is None:
        return False
    try:
        viewing(actors.member(found, department.roles_today(found)), pk, session, act)
    except Gone:
        return False
    return True


def may_be_read_again(found: Recording) -> bool:
    """Whether reading was given up, or not tried."""
    given_up = found.readable in {Recording.Readable.NO, Recording.Readable.UNTRIED}
    return given_up and found.status == Recording.Status.SEALED


def attachment(actor: Actor, pk: uuid.UUID) -> Attachment:
    """A file that came with a recording, for those who may open the recording (or all, where it has none)."""
    found = Attachment.objects.filter(pk=pk).select_related("recording").first()
    if found is None:
        raise NotFound("There is no such file.")
    if found.recording_id:
        if recording(actor, found.recording_id, "open").status == Recording.Status.ERASED:
            raise Gone("The bytes of this recording were erased under a rule; its certificate says which.")
    elif far(actor, "open") < Reach.ALL:
        raise NotFound("There is no such file.")
    return found


def is_evidence(sha256: str) -> bool:
    """Whether bytes are named by a recording, by a file that came with one, or by a clip."""
    return any(model.objects.filter(sha256=sha256).exists() for model in (Recording, Attachment, Clip))


def notes(of: Recording) -> list[Note]:
    """The notes of a recording that were not withdrawn, in the order of their moments."""
    return list(of.notes.filter(withdrawn_at=None).select_related("author").order_by("at_ms", "id"))


def owners_unknown(actor: Actor) -> "QuerySet[Recording]":
    """The queue of recordings whose wearer is not known, oldest first."""
    return narrowed(actor, "settle_owner").filter(
        owner_how=Recording.Owner.UNKNOWN, status=Recording.Status.SEALED
    )


def uncounted(most: int) -> list[Copy]:
    """Bytes that records name and of which no copy is counted, as copies yet to be found; about `most`."""
    known = Copy.objects.filter(sha256=OuterRef("sha256"))
    sealed = ((model, Copy.Kind.EVIDENCE) for model in (Recording, Attachment, Clip))
    found = {}
    for model, kind in (*sealed, (Derivative, Copy.Kind.MADE)):
        rows = model.objects.filter(~Exists(known)).exclude(sha256="").values_list("sha256", "size")
        found.update({sha256: Copy(sha256=sha256, size=size, kind=kind) for sha256, size in rows[:most]})
    return list(found.values())


@dataclass(frozen=True)
class Filters:
    """What a list of recordings is narrowed to. Words (text, incident, label) never stand in an address."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    owner: uuid.UUID | None = None
    unit: uuid.UUID | None = None
    camera: uuid.UUID | None = None
    status: str = ""
    readable: str = ""
    owner_how: str = ""
    incident: str = ""
    label: str = ""
    text: str = ""
    sort: str = "-started"

    SORTS: ClassVar = ("-started", "started", "-number", "number")

    def apply(self, rows: "QuerySet[Recording]") -> "QuerySet[Recording]":
        """The rows that pass every filter."""
        rows = self.apply_exact(rows)
        for word in self.words():
            # The trigram index is on upper(search); contains on the bare column would not use it.
            rows = rows.alias(found=Upper("search")).filter(found__contains=word)
        return rows

    def words(self) -> list[str]:
        """The words that are searched for, in the capitals in which they are indexed."""
        return [word.upper() for word in self.text.split()[:8]]

    def apply_exact(self, rows: "QuerySet[Recording]") -> "QuerySet[Recording]":
        """The rows that pass every filter but the words."""
        exact = {
            name: getattr(self, name) for name in ("status", "readable", "owner_how", "incident", "label")
        }
        if any("\0" in word for word in (*exact.values(), self.text)):
            return rows.none()  # no column can hold it, and the database refuses to be asked
        keys = {name: getattr(self, name) for name in ("owner", "unit", "camera")}
        rows = rows.filter(**{name: value for name, value in (exact | keys).items() if value})
        if self.since:
            rows = rows.filter(started__gte=self.since)
        if self.until:
            rows = rows.filter(started__lt=self.until)
        return rows


@dataclass(frozen=True)
class Page:
    """One page of a keyset-paged list. Cursors are opaque to the asker: the sort value and key of a row."""

    rows: list[Recording]
    after: str = ""
    before: str = ""


def listing(actor: Actor, filters: Filters, *, after: str = "", before: str = "", size: int = PAGE) -> Page:
    """A page of what the actor may find. The page after a cursor costs the same wherever it is."""
    field = filters.sort.lstrip("-")
    descending = filters.sort.startswith("-")
    backwards = bool(before)
    sign = "-" if descending != backwards else ""
    order = (f"{sign}{field}", f"{sign}id")
    rows = _beyond(
        filters.apply_exact(narrowed(actor, "find")), field, before or after, descending != backwards
    )
    # Whoever is narrowed to an owner, a unit, a camera or an incident has few rows: their own index serves.
    narrow = (
        far(actor, "find") < Reach.ALL or filters.owner or filters.unit or filters.camera or filters.incident
    )
    found = None if narrow else _among_the_first(rows.order_by(*order), filters.words(), field, size + 1)
    if found is None:
        rows = _beyond(
            filters.apply(narrowed(actor, "find")), field, before or after, descending != backwards
        )
        found = list(rows.select_related("owner", "unit", "camera").order_by(*order)[: size + 1])
    more = len(found) > size
    found = found[:size][::-1] if backwards else found[:size]
    if not found:
        return Page([])
    has_next, has_previous = (True, more) if backwards else (more, bool(after))
    return Page(
        found,
        after=_cursor(found[-1], field) if has_next else "",
        before=_cursor(found[0], field) if has_previous else "",
    )


def _among_the_first(
    rows: "QuerySet[Recording]", words: list[str], field: str, count: int
) -> list[Recording] | None:
    """`count` rows with these words among the first LOOK_THROUGH of a list; None where there are not so many there.

    How common a word is cannot be told from the index of words: it would fetch and sort all that a common one
    finds. A common one stands on the first rows; only what does not is left to that index.
    """
    if not words:
        return None
    first = rows.annotate(words=Upper("search")).values("id", field, "words")[:LOOK_THROUGH]
    try:
        sql, parameters = first.query.sql_with_params()
    except EmptyResultSet:
        return None
    direction = "DESC" if str(rows.query.order_by[0]).startswith("-") else "ASC"
    like = " AND ".join(["words LIKE %s"] * len(words))
    query = (
        f"SELECT id FROM ({sql}) AS first WHERE {like} ORDER BY {field} {direction}, id {direction} LIMIT %s"  # noqa: S608
    )
    patterns = [f"%{connection.ops.prep_for_like_query(word)}%" for word in words]
    with connection.cursor() as cursor:
        cursor.execute(query, [*parameters, *patterns, count])
        ids = [row[0] for row in cursor.fetchall()]
    if len(ids) < count:
        return None
    found = Recording.objects.select_related("owner", "unit", "camera").in_bulk(ids)
    return [found[pk] for pk in ids]


def _cursor(row: Recording, field: str) -> str:
    value = getattr(row, field)
    return f"{value.isoformat() if hasattr(value, 'isoformat') else value}~{row.pk}"


def _beyond(rows: "QuerySet[Recording]", field: str, cursor: str, descending: bool) -> "QuerySet[Recording]":
    """Rows past a cursor, by row value: PostgreSQL reads them straight from the index, however deep."""
    if not cursor:
        return rows
    value, _sep, key = cursor.replace("\0", "").rpartition("~")
    try:
        bound = (dt.datetime.fromisoformat(value) if field == "started" else value, uuid.UUID(key))
    except ValueError as error:
        raise NotFound("This page of the list does not exist.") from error
    column = {"started": "evidence_recording.started", "number": "evidence_recording.number"}[field]
    compare = "<" if descending else ">"
    beyond = RawSQL(f"({column}, evidence_recording.id) {compare} (%s, %s)", bound, BooleanField())
    return rows.filter(beyond)


def count_of(actor: Actor, filters: Filters) -> tuple[int, bool]:
    """How many the filters find, counted up to COUNT_UP_TO; True when there are more than were counted."""
    rows = filters.apply(narrowed(actor, "find")).order_by()
    counted = rows.annotate(one=Value(1)).values_list("one", flat=True)[: COUNT_UP_TO + 1].count()
    return min(counted, COUNT_UP_TO), counted > COUNT_UP_TO


def every(actor: Actor, filters: Filters) -> Iterator[Recording]:
    """All that the filters find, page by page, with flat memory: for exports."""
    after = ""
    while True:
        page = listing(actor, filters, after=after, size=1000)
        yield from page.rows
        if not page.after:
            return
        after = page.after


def labels() -> list[str]:
    """The labels as delivered that occur, found by leaping through their index: quick however many recordings."""
    found: list[str] = []
    last = ""
    while len(found) < 200:
        label = (
            Recording.objects.filter(label__gt=last).order_by("label").values_list("label", flat=True).first()
        )
        if label is None:
            break
        found.append(label)
        last = label
    return found


def counts(actor: Actor) -> Mapping[str, Any]:
    """Counts and nothing else: by month, by state, by readability. For those who may count."""
    if not may_count(actor):
        raise NotFound("There is no such page.")
    rows = Recording.objects.order_by()
    return {
        "total": rows.count(),
        "bytes": rows.aggregate(bytes=Sum("size"))["bytes"] or 0,
        "by_month": list(
            rows.annotate(month=TruncMonth("started", tzinfo=agency().tz))
            .values("month")
            .annotate(n=Count("id"))
            .order_by("month")
        ),
        "by_status": list(rows.values("status").annotate(n=Count("id")).order_by("status")),
        "by_readable": list(rows.values("readable").annotate(n=Count("id")).order_by("readable")),
        "viewings": Viewing.objects.count(),
    }


def amounts() -> list[tuple[str, int, int]]:
    """How many recordings there are of each state, and their bytes: for the operator's figures, of no one recording."""
    rows = Recording.objects.order_by().values("status").annotate(n=Count("id"), bytes=Sum("size"))
    return [(row["status"], row["n"], row["bytes"] or 0) for row in rows]


def open_viewings() -> int:
    """How many viewings are open now, whoever's."""
    return Viewing.objects.filter(ended=None).count()


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Recordings by number, for histories."""
    return dict(Recording.objects.filter(pk__in=list(ids)).values_list("pk", "number"))
