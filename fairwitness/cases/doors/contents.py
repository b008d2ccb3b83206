"""What a case holds: recordings and files, page by page; what its incidents have and it has not; times for a picture."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from fairwitness.cases.doors.reach import case, far, is_member, may, narrowed
from fairwitness.cases.models import Case, CaseIncident, File, Item
from fairwitness.evidence import doors as evidence
from fairwitness.evidence.doors import access, holds
from fairwitness.evidence.models import Recording
from fairwitness.incidents.models import Incident
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Reach

# What the items of a case are narrowed to.
WHAT = ("recordings", "files")


def items(found: Case, what: str = "") -> QuerySet[Item]:
    """What a case holds now; `what` narrows it to recordings or files. For who was given the case by its door."""
    rows = Item.objects.filter(case=found, withdrawn_at=None)
    if what in WHAT:
        rows = rows.filter(file=None) if what == "recordings" else rows.filter(recording=None)
    return rows.select_related("recording__owner", "file")


def withdrawn_items(found: Case) -> QuerySet[Item]:
    """What a case held once, the latest withdrawn first."""
    rows = Item.objects.filter(case=found).exclude(withdrawn_at=None)
    return rows.select_related("recording", "file").order_by("-withdrawn_at", "-id")


def in_order(rows: QuerySet[Item]) -> QuerySet[Item]:
    """By when it was recorded or made; what has no time of its own by when it came."""
    moment = Coalesce("recording__started", "file__made_at", "added_at")
    return rows.annotate(moment=moment).order_by("moment", "id")


@dataclass(frozen=True)
class Amounts:
    """How much a case holds."""

    recordings: int
    files: int
    bytes: int


def amounts(found: Case) -> Amounts:
    """How much a case holds now, in one query."""
    rows = Item.objects.filter(case=found, withdrawn_at=None).order_by()
    said = rows.aggregate(
        recordings=Count("recording"),
        files=Count("file"),
        size=Sum(Coalesce("recording__size", "file__size")),
    )
    return Amounts(said["recordings"], said["files"], said["size"] or 0)


def opened_among(actor: Actor, recordings: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Which of these recordings open to the actor now: class, statute, grant, case and lockout decide together."""
    found = evidence.narrowed(actor, "open").filter(pk__in=recordings, status=Recording.Status.SEALED)
    return frozenset(found.values_list("pk", flat=True))


def item_for(actor: Actor, pk: uuid.UUID, act: str, *, lock: bool = False) -> Item:
    """One item of a case, for one act with the case. Raises NotFound, Forbidden."""
    row = Item.objects.filter(pk=pk).select_related("recording", "file").first()
    if row is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    row.case = case(actor, row.case_id, act, lock=lock)
    row.refresh_from_db(fields=["withdrawn_at"])
    return row


# Taking in


def may_take_in(actor: Actor, found: Case) -> QuerySet[Recording]:
    """The recordings that the actor may take into this case: those that they may open themselves.

    The BWC Unit, which serves every case, takes in what it finds. Not into a case in which it is named: there it would
    open to itself what its role does not.
    """
    sealed = Recording.objects.filter(status=Recording.Status.SEALED)
    if actor.kind == "system":
        return sealed
    if far(actor, "take_in") == Reach.ALL and not is_member(actor, found):
        return evidence.narrowed(actor, "find") & sealed
    return evidence.narrowed(actor, "open") & sealed


def recording_to_take_in(actor: Actor, found: Case, pk: uuid.UUID) -> Recording:
    """A recording that the actor may take into this case, locked. Raises NotFound, Forbidden, WrongState.

    What stores are erasing cannot be kept any more by a case, just as by a hold.
    """
    require_change("taking a recording into a case")
    locked = evidence.locked(Recording.objects.filter(pk=pk)).first()
    if locked is None or not (actor.kind == "system" or evidence.seen(actor).filter(pk=pk).exists()):
        hidden = "take_in" if locked else ""
        raise NotFound(_("There is no such recording, or it is not one that you may see."), hidden=hidden)
    if locked.status == Recording.Status.REFUSED:
        raise WrongState(_("Only a sealed recording can be taken into a case."))
    if locked.status == Recording.Status.ERASED:
        evidence.check_has_bytes(locked)
    if not may_take_in(actor, found).filter(pk=pk).exists():
        words = _(
            "{number} is not open to you, so somebody to whom it is must take it in: a supervisor, or the BWC Unit."
        )
        raise Forbidden(words.format(number=locked.number), act="take_in")
    if going := holds.let_go(pk):
        raise WrongState(holds.too_late(locked, going))
    return locked


def _of_incidents(found: Case) -> QuerySet[Recording]:
    """The sealed recordings of the case's incidents that it does not hold: those linked, and those of units on scene."""
    about = CaseIncident.objects.filter(case=found, withdrawn_at=None).values_list("incident", flat=True)
    belonging = {pk for incident_id in about for pk in holds.covered_by(incident_id)}
    held = Item.objects.filter(case=found, recording=OuterRef("pk"), withdrawn_at=None)
    return Recording.objects.filter(~Exists(held), pk__in=belonging, status=Recording.Status.SEALED)


@dataclass(frozen=True)
class Missing:
    """What a case's incidents have and it has not: what the actor may take in, and how much somebody else must."""

    mine: list[Recording]
    count: int
    others: int


def missing(actor: Actor, found: Case, most: int = 50) -> Missing:
    """The recordings of a case's incidents that it does not hold, as far as the actor may know of them."""
    rows = _of_incidents(found)
    total = rows.count()
    if not total:
        return Missing([], 0, 0)
    mine = rows.filter(pk__in=may_take_in(actor, found).values("pk"))
    listed = list(mine.select_related("owner").order_by("started", "id")[:most])
    count = len(listed) if len(listed) < most else mine.count()
    return Missing(listed, count, total - count)


def to_take_in(actor: Actor, found: Case) -> list[uuid.UUID]:
    """All of the first kind, by key."""
    rows = _of_incidents(found).filter(pk__in=may_take_in(actor, found).values("pk"))
    return list(rows.order_by("pk").values_list("pk", flat=True))


# Files


def files_seen(actor: Actor) -> QuerySet[File]:
    """The files of the cases that the actor may find."""
    held = Item.objects.filter(file=OuterRef("pk"), withdrawn_at=None, case__in=narrowed(actor).values("pk"))
    return File.objects.filter(Exists(held)) if may(actor, "find") else File.objects.none()


def file_for(actor: Actor, item_id: uuid.UUID) -> Item:
    """A file in a case, for who may take a copy of it. Raises NotFound, Forbidden."""
    row = item_for(actor, item_id, "take_file")
    if row.file is None or row.withdrawn_at:
        raise NotFound(_("There is no such file in this case."))
    return row


def same_file(found: Case, sha256: str) -> Item | None:
    """The item by which a case holds these bytes already, or None."""
    return items(found, "files").filter(file__sha256=sha256).first()


def file_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Files by number, for histories: what somebody called one may hold a name."""
    return dict(File.objects.filter(pk__in=list(ids)).values_list("pk", "number"))


# For other rooms: what a case keeps, opens and names


def kept() -> Q:
    """Of recordings: an open case holds them, or is about an incident to which they belong, linked or not."""
    held = Item.objects.filter(recording=OuterRef("pk"), withdrawn_at=None, case__status=Case.Status.OPEN)
    about = CaseIncident.objects.filter(
        incident=OuterRef("pk"), withdrawn_at=None, case__status=Case.Status.OPEN
    )
    return Q(Exists(held)) | access.belonging(Incident.objects.filter(Exists(about)))


def linked(member_id: uuid.UUID) -> Q | None:
    """Of recordings: an open case on which the member works holds them; None where there is none such."""
    theirs = Case.objects.filter(status=Case.Status.OPEN, members__member=member_id, members__until=None)
    # Most members have none: a short question spares long ones.
    if not theirs.exists():
        return None
    held = Item.objects.filter(
        recording=OuterRef("pk"), withdrawn_at=None, case__in=list(theirs.values_list("pk", flat=True))
    )
    return Q(Exists(held))


def naming(sha256: str, leaving: uuid.UUID | None) -> list[str]:
    """The files of cases that name these bytes, in words; none of them goes with a recording."""
    rows = File.objects.filter(sha256=sha256).order_by("number").values_list("number", flat=True)
    return [_("the file {number}").format(number=number) for number in rows]


def named() -> Iterator[tuple[str, str]]:
    """Every digest that a file names, with the file's number."""
    for digest, number in File.objects.values_list("sha256", "number"):
        yield digest, f"The file {number}"
