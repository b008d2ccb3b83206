"""What the acts of this room share: naming units by shifts, keeping a mapping, keeping what an import came to."""

import datetime as dt
import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from fairwitness.department.acts.writing import check_text, save_valid
from fairwitness.department.models import Member
from fairwitness.incidents import doors
from fairwitness.incidents.acts.columns import Reading, as_saved
from fairwitness.incidents.acts.said import FAULTY, UNCHANGED, Outcome
from fairwitness.incidents.models import Import, Response, Shift
from fairwitness.incidents.models import Mapping as Saved
from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import OpenEntry
from fairwitness.kernel.columns import header_digest
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.models import Record
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.kernel.tables import Table, read_table
from fairwitness.rules.canonical import nfc

KINDS = ("added", "changed", "moved", "cancelled", UNCHANGED, FAULTY)
BATCH = 2000


@dataclass
class Result:
    """What an import did, or in a preview would do."""

    outcomes: list[Outcome] = field(default_factory=list)
    touched: list[Record] = field(default_factory=list)
    named: int = 0
    import_id: uuid.UUID | None = None

    def count(self, kind: str) -> int:
        """How many came to `kind`: rows where they are faulty, else the things that the rows are about."""
        if kind == FAULTY:
            return sum(outcome.kind == kind for outcome in self.outcomes)
        return len({outcome.number.upper() for outcome in self.outcomes if outcome.kind == kind})

    @property
    def doing(self) -> int:
        """How many things the import writes."""
        return sum(self.count(kind) for kind in KINDS if kind not in (UNCHANGED, FAULTY))

    @property
    def digest(self) -> str:
        """Of all outcomes: by it an import proves to be the one that was previewed."""
        rows = [[o.line, o.number, o.kind, *o.words] for o in self.outcomes]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


class TakenBack(Exception):
    """Raised at the end of a preview, so that nothing of it stays."""


def whole_table(data: bytes) -> Table:
    """The table that a file holds. Raises Invalid where it breaks off, is damaged, or is too large."""
    table = read_table(data)
    if table.broken_off:
        raise Invalid(
            _(
                "The file breaks off in its last line. Nothing was imported; fetch the whole file and try again."
            )
        )
    return table


def check_agreed(result: Result, agreed: str | None) -> None:
    """Raise WrongState where the import is no longer what was previewed, Invalid where it would do nothing."""
    if agreed is not None and agreed != result.digest:
        raise WrongState(_("What is recorded has changed since the preview; look at it again."))
    if result.doing:
        return
    if result.count(UNCHANGED) or not result.outcomes:
        raise Invalid(_("Nothing in this file differs from what is recorded."))
    raise Invalid(_("No row of this file can be imported: each is faulty."))


def keep_import(
    entry: OpenEntry, result: Result, data: bytes, table: Table, reading: Reading, purpose: str
) -> None:
    """Keep how the file was read and what became of its rows, and tell the entry."""
    mapping = _keep_mapping(table, reading, purpose)
    counts = {kind: result.count(kind) for kind in KINDS}
    rows = [
        [each.line, each.number, each.kind, list(each.words)]
        for each in result.outcomes
        if each.kind != UNCHANGED
    ]
    sha256 = hashlib.sha256(data).hexdigest()
    kept = Import(purpose=purpose, mapping=mapping, sha256=sha256, counts=counts, rows=nfc(rows))
    kept.at = clock.now()
    kept.save(force_insert=True)
    result.import_id = kept.pk
    entry.about(kept, mapping, *result.touched)
    entry.about(
        import_id=kept.pk,
        mapping_id=mapping.pk,
        sha256=f"sha256:{sha256}",
        header=mapping.header,
        columns=mapping.columns,
        layout=mapping.layout or None,
        style=mapping.style,
        list_sha256=f"sha256:{result.digest}",
        rows=len(result.outcomes),
        **counts,
    )


def _keep_mapping(table: Table, reading: Reading, purpose: str) -> Saved:
    """The mapping of files with this header, as it was used now; an earlier one of the same header is corrected."""
    mapping = doors.mapping_of(purpose, table.header)
    if mapping is None and reading.name:
        # A file with another header that is read by it, as it stands.
        named = Saved.objects.filter(purpose=purpose, withdrawn_at=None, name__iexact=reading.name).first()
        if named and as_saved(named) == replace(reading, name=named.name, style=reading.in_force):
            return named
    if mapping is None:
        mapping = Saved(purpose=purpose, header=header_digest(table.header))
        mapping.titles = nfc([title[:80].replace("\0", "") for title in table.header])
    mapping.columns, mapping.style = dict(reading.columns), reading.in_force
    if purpose == Saved.Purpose.DISPATCH:
        mapping.layout, mapping.cancelled_words = reading.layout, reading.cancelled_words
    mapping.name = reading.name or mapping.name or _free_name(purpose)
    check_name(mapping, mapping.name)
    save_valid(mapping)
    return mapping


def check_name(mapping: Saved, name: str) -> None:
    """Raise Invalid where another mapping that is in use has this name."""
    check_text(name)
    others = Saved.objects.filter(purpose=mapping.purpose, withdrawn_at=None, name__iexact=name)
    if others.exclude(pk=mapping.pk).exists():
        raise Invalid(_("There is another saved mapping “{name}”: choose another name.").format(name=name))


def _free_name(purpose: str) -> str:
    label = str(Saved.Purpose(purpose).label)
    taken = set(Saved.objects.filter(purpose=purpose, withdrawn_at=None).values_list("name", flat=True))
    tried = (f"{label} {n}" if n > 1 else label for n in range(1, len(taken) + 2))
    return next(name for name in tried if name not in taken)


def members_by_badge(badges: Iterable[str]) -> dict[str, Member]:
    """Those who have these badges, in one query; what no badge can be is not asked for."""
    wanted = {badge for badge in badges if badge and len(badge) <= 20 and "\0" not in badge}
    return {member.badge: member for member in Member.objects.filter(badge__in=wanted)}


def cells_of(table: Table, columns: Mapping[str, int], key: str) -> set[str]:
    """What stands in the column for `key`, as badges are written."""
    at = columns.get(key)
    if at is None or not 0 <= at < len(table.header):
        return set()
    return {" ".join(cells[at].split()) for _line, cells in table.rows}


def name_by_shifts(
    responses: Iterable[Response], shifts: Iterable[Shift]
) -> tuple[list[Response], list[Response]]:
    """Name the members of units by the shifts under their call signs; answers (named, further).

    A unit of two has two members: `further` are responses like the unit's own, one for each member after the first.
    """
    by_sign: dict[str, list[Shift]] = defaultdict(list)
    for shift in sorted(shifts, key=lambda shift: (shift.begins, str(shift.pk))):
        by_sign[shift.call_sign].append(shift)
    named: list[Response] = []
    further: list[Response] = []
    for response in responses:
        crew = [shift for shift in by_sign[response.call_sign] if shift.begins <= response.at < shift.ends]
        for place, shift in enumerate(crew):
            one = response if place == 0 else like(response)
            one.member_id, one.how = shift.member_id, Response.How.SHIFT
            (named if place == 0 else further).append(one)
    return named, further


def like(response: Response) -> Response:
    """A response with the same times, for another member of the same unit."""
    same = ("event_id", "call_sign", "dispatched", "en_route", "arrived", "cleared", "at")
    return Response(pk=new_id(), **{name: getattr(response, name) for name in same})


def in_words(moment: dt.datetime) -> str:
    """A moment as the agency writes it."""
    return date_format(moment.astimezone(agency().tz), f"{agency().date_format}, H:i:s")
