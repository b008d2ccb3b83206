"""The doors to disposal: what is due, the lists and who approved them, what else names the bytes, certificates."""

import datetime as dt
import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence import events
from fairwitness.evidence.doors import belonging, holds, keeping, preservation
from fairwitness.evidence.doors.reach import far
from fairwitness.evidence.doors.reach import recording as recording_for
from fairwitness.evidence.models import (
    Approval,
    Attachment,
    Clip,
    Derivative,
    Disposal,
    DisposalList,
    DryRun,
    Recording,
    Retention,
)
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject, require_change
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Reach
from fairwitness.policy import doors as policy
from fairwitness.rules.canonical import canonical
from fairwitness.storage.models import Copy

Status = Disposal.Status
# What a person struck out or took back is not proposed again for so long; a hold keeps it for longer.
RESTS = dt.timedelta(days=30)
# One list has so many recordings at most; the rest is for the next night.
MOST = 10_000


# What beside holds and requests keeps a recording, by the name under which a certificate says that it was asked: a
# filter of recordings each, filled by the top floor alone (site.naming). None: no such things are kept here.
KEEPS: dict[str, Callable[[], Q] | None] = {"cases": None}


def is_kept() -> Q:
    """Of recordings: whether a hold stands over them, or anything else of KEEPS. For filters."""
    asked = [ask() for ask in KEEPS.values() if ask]
    return reduce(or_, asked, Q(holds.is_held()))


def asked_beside(at: str) -> list[dict[str, str]]:
    """What else was asked, for a certificate; whatever answered yes would have kept the recording."""
    return [
        {"check": name, "result": "none", "at": at}
        if ask
        else {"check": name, "result": "not kept in this system"}
        for name, ask in KEEPS.items()
    ]


def due(today: dt.date) -> "QuerySet[Retention]":
    """What may be proposed: sealed, its last day over, held by nothing, on no list that goes on, not just struck out.

    The day itself has to be over: a law that says "not less than" is kept to in every zone.
    """
    going_on = Disposal.objects.filter(recording=OuterRef("recording"), status__in=Disposal.LIVE)
    lately = Disposal.objects.filter(
        recording=OuterRef("recording"),
        status__in=(Status.STRUCK, Status.TAKEN_BACK),
        list__proposed_at__gt=clock.now() - RESTS,
    )
    sealed = Recording.objects.filter(~is_kept(), status=Recording.Status.SEALED)
    rows = Retention.objects.filter(state=Retention.State.DATED, due_on__lt=today, recording__in=sealed)
    return rows.filter(~Exists(going_on), ~Exists(lately)).order_by("due_on", "id")


def unfit(disposals: "QuerySet[Disposal]") -> "QuerySet[Disposal]":
    """Those of these disposals whose recording may go no more: held or asked for meanwhile, kept longer, or gone.

    The date that is stored is not enough: what the rules of this minute keep longer stays. Raises WrongState where
    the policy in force does not say how long recordings are kept.
    """
    fit = Recording.objects.filter(
        ~is_kept(),
        status=Recording.Status.SEALED,
        retention__state=Retention.State.DATED,
        retention__due_on__lt=department.today(),
    )
    keys = set(disposals.values_list("recording", flat=True))
    longer = [
        pk
        for pk, decision in keeping.decide(Recording.objects.filter(pk__in=keys), keeping.rules_now()).items()
        if not keeping.is_over(decision)
    ]
    asked = preservation.asked_for(keys)
    return disposals.filter(~Q(recording__in=fit) | Q(recording__in=[*longer, *asked]))


def why_unfit(recording: Recording) -> str:
    """Why a recording, locked by the asker, may not go now, as a code; empty where it may.

    Asked are holds, requests that nobody has matched yet, the stored date, which comes nearer only by a dry run, and
    the rules of this minute, which may keep it longer than that. Raises WrongState where there are none.
    """
    if recording.status != Recording.Status.SEALED:
        return "state"
    if holds.keeping(recording):
        return "held"
    if Recording.objects.filter(is_kept(), pk=recording.pk).exists():
        return "kept"
    if preservation.asking_for(recording):
        return "asked"
    kept = Retention.objects.filter(recording=recording).first()
    if kept is None or kept.state != Retention.State.DATED or not kept.due_on:
        return "moved"
    over = kept.due_on < department.today() and keeping.is_over(keeping.decision_of(recording))
    return "" if over else "moved"


def checks(recording: Recording) -> list[dict[str, Any]]:
    """What the certificate says was asked, as it is answered now, under the lock: each with its minute."""
    at = clock.rfc3339(clock.now())
    standing, asked = holds.keeping(recording), preservation.asking_for(recording)
    siblings, decision = belonging.siblings(recording), keeping.decision_of(recording)
    return [
        {"check": "holds", "result": _found(standing), "count": len(standing), "at": at},
        {"check": "requests", "result": _found(asked), "count": len(asked), "at": at},
        *asked_beside(at),
        {
            "check": "siblings",
            "result": "named" if siblings else "none",
            "recordings": [{"number": each.number, "state": each.status} for each in siblings],
            "at": at,
        },
        {
            "check": "rule decided again",
            "result": "kept until a day that is over" if keeping.is_over(decision) else "kept longer",
            "category": decision.category,
            "rule": decision.cited.rule.id,
            "document": decision.cited.number,
            "version": decision.cited.n,
            "due_on": decision.due_on.isoformat() if decision.due_on else None,
            "at": at,
        },
    ]


def _found(what: Collection[Any]) -> str:
    return "found" if what else "none"


# Lists


def may(actor: Actor, act: str) -> bool:
    """Whether the actor reaches all recordings with an act of disposal: lists are decided on as a whole."""
    return far(actor, act) == Reach.ALL


def check_may(actor: Actor, act: str) -> None:
    """Raise NotFound for who may not even see lists, Forbidden for who may not do this with them."""
    if not may(actor, "see_disposals"):
        raise NotFound(_("There is no such list, or it is not one that you may see."))
    if not may(actor, act):
        raise Forbidden(_("Your role lets you see lists of disposal; it does not let you do this."), act=act)


def lists(actor: Actor) -> "QuerySet[DisposalList]":
    """The lists with their figures, for those who may see or count them; the latest first."""
    rows = DisposalList.objects.order_by("-proposed_at", "-id")
    return rows if far(actor, "see_disposals") > Reach.NONE else rows.none()


def disposal_list(
    actor: Actor, pk: uuid.UUID, act: str = "see_disposals", *, lock: bool = False
) -> DisposalList:
    """One list for one act. Raises NotFound, Forbidden."""
    check_may(actor, act)
    return locked_list(pk) if lock else _list(DisposalList.objects.filter(pk=pk))


def locked_list(pk: uuid.UUID) -> DisposalList:
    """A list, locked until the open change ends. Raises NotFound."""
    require_change("locking a list")
    return _list(DisposalList.objects.select_for_update(of=("self",)).filter(pk=pk))


def _list(rows: "QuerySet[DisposalList]") -> DisposalList:
    found = rows.first()
    if found is None:
        raise NotFound(_("There is no such list, or it is not one that you may see."))
    return found


def disposal(actor: Actor, pk: uuid.UUID, act: str) -> Disposal:
    """One recording on a list, for one act, locked after its recording and its list. Raises NotFound, Forbidden."""
    check_may(actor, act)
    return locked(pk)


def locked(pk: uuid.UUID) -> Disposal:
    """One recording on a list: recording, list and row locked in this order, as everybody here does. NotFound."""
    require_change("locking a disposal")
    found = Disposal.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such recording on a list of disposal."))
    Recording.objects.select_for_update(of=("self",)).get(pk=found.recording_id)
    locked_list(found.list_id)
    rows = Disposal.objects.select_for_update(of=("self",)).select_related("recording", "list")
    return rows.get(pk=pk)


def disposals_of(found: DisposalList) -> "QuerySet[Disposal]":
    """What stands on a list, in the order of the recordings' numbers; without the text of the policy on each row."""
    rows = found.disposals.select_related("recording", "recording__owner", "version", "version__document")
    return rows.defer("version__content").order_by("recording__number", "id")


def digest_of(found: DisposalList) -> str:
    """SHA-256 of what is left on a proposed list: what one approves, and nothing else, is what was looked at."""
    rows = found.disposals.filter(status=Status.PROPOSED).order_by("recording__number")
    columns = ("recording__number", "recording__sha256", "due_on", "rule", "version_id")
    left = [
        [number, sha256, str(due_on), rule, str(version)]
        for number, sha256, due_on, rule, version in rows.values_list(*columns).iterator(chunk_size=2000)
    ]
    lines = b"".join(canonical(row) + b"\n" for row in left)
    return hashlib.sha256(lines).hexdigest()


def approvals(found: DisposalList) -> "QuerySet[Approval]":
    """The approvals of a list that stand, the earliest first."""
    return found.approvals.filter(withdrawn_at=None).select_related("member").order_by("at", "id")


def rule() -> policy.Citation:
    """The rule of disposal that is in force now. Raises WrongState where the book has none."""
    return policy.the_rule("disposal")


def pauses() -> dt.timedelta:
    """How long a list takes from its drawing to its erasing by the rule in force; none where the book has no rule."""
    try:
        said = rule().rule.parameters
    except WrongState:
        return dt.timedelta()
    return dt.timedelta(days=said.cooling_off_days + said.grace_days)  # type: ignore[union-attr]


@dataclass(frozen=True)
class Shape:
    """How a list is made up: how many in each state, by category, by the month in which they fell due."""

    states: Mapping[str, int]
    categories: Mapping[str, int] = field(default_factory=dict)
    months: Mapping[dt.date, int] = field(default_factory=dict)


def shape(found: DisposalList) -> Shape:
    """How a list is made up."""
    month = TruncMonth("due_on")
    rows = found.disposals.annotate(month=month).values_list("status", "category", "month")
    states, categories, months = Counter[str](), Counter[str](), Counter[dt.date]()
    for status, category, first, n in rows.annotate(n=Count("pk")).order_by():
        states[status] += n
        categories[category] += n
        months[first] += n
    return Shape(states, categories, months)


def states(pks: Collection[uuid.UUID]) -> dict[uuid.UUID, Counter[str]]:
    """How many of each of these lists are in each state."""
    found: dict[uuid.UUID, Counter[str]] = defaultdict(Counter)
    rows = Disposal.objects.filter(list__in=pks).values_list("list", "status").annotate(n=Count("pk"))
    for pk, status, n in rows.order_by():
        found[pk][status] += n
    return found


def to_approve(actor: Actor) -> "QuerySet[DisposalList]":
    """The lists that wait for this person: proposed, and not yet approved by them."""
    if not may(actor, "approve_disposal"):
        return DisposalList.objects.none()
    mine = Approval.objects.filter(list=OuterRef("pk"), member=actor.member_id, withdrawn_at=None)
    return lists(actor).filter(~Exists(mine), status=DisposalList.Status.PROPOSED)


def in_grace(actor: Actor) -> "QuerySet[DisposalList]":
    """The lists that are erased before long unless somebody takes them back."""
    if not may(actor, "take_back_disposal"):
        return DisposalList.objects.none()
    return lists(actor).filter(status=DisposalList.Status.GRACE)


# Bytes

Named = tuple[str, str, int, str]


def bytes_of(recording: Recording) -> list[Named]:
    """All bytes that a recording names: what they are, SHA-256, size, and the kind of their copies."""
    found = [("recording", recording.sha256, recording.size, str(Copy.Kind.EVIDENCE))]
    for made in Derivative.objects.filter(recording=recording).order_by("kind"):
        found.append((made.kind, made.sha256, made.size, str(Copy.Kind.MADE)))
    for file in Attachment.objects.filter(recording=recording).order_by("id"):
        found.append(("attachment", file.sha256, file.size, str(Copy.Kind.EVIDENCE)))
    for clip in Clip.objects.filter(recording=recording, status=Clip.Status.MADE).order_by("id"):
        found.append(("clip", clip.sha256, clip.size, str(Copy.Kind.EVIDENCE)))
    known = {row[1] for row in found}
    return found + [row for row in _made_before(recording) if row[1] not in known]


def _made_before(recording: Recording) -> list[Named]:
    """What was made of a recording and made anew later: its row names the latest alone, the ledger all of them."""
    about = EntrySubject.objects.filter(kind="evidence.recording", subject=recording.pk).values("entry_id")
    made = Entry.objects.filter(pk__in=about, event=events.DERIVATIVE_MADE.name).values("pk")
    facts = (
        EntryPrivate.objects.filter(entry_id__in=made).order_by("entry_id").values_list("facts", flat=True)
    )
    kind = str(Copy.Kind.MADE)
    found = {each["sha256"].removeprefix("sha256:"): (each["kind"], each["size"]) for each in facts}
    return [(what, sha256, size, kind) for sha256, (what, size) in found.items()]


def naming(sha256: str, leaving: uuid.UUID | None) -> list[str]:
    """The live records of this room that name these bytes, in words, without those of the recording that leaves."""
    gone = Recording.Status.ERASED
    # State by state, as the indexes are: "not erased" would read every recording there is.
    recordings = [
        number
        for status in (Recording.Status.SEALED, Recording.Status.REFUSED)
        for pk, number in Recording.objects.filter(status=status, sha256=sha256).values_list("pk", "number")
        if pk != leaving
    ]
    made = Derivative.objects.filter(sha256=sha256).exclude(recording__status=gone).exclude(recording=leaving)
    files = Attachment.objects.filter(sha256=sha256).select_related("recording")
    live = [file for file in files if file.recording is None or _lives(file.recording, leaving)]
    clips = Clip.objects.filter(sha256=sha256).exclude(recording__status=gone).exclude(recording=leaving)
    return [
        *sorted(recordings),
        *(f"{kind} of {number}" for kind, number in made.values_list("kind", "recording__number")),
        *(f"attachment {file.pk}" for file in live),
        *(f"clip of {number}" for number in clips.values_list("recording__number", flat=True)),
        *DryRun.objects.filter(list_sha256=sha256).values_list("number", flat=True),
    ]


def _lives(recording: Recording, leaving: uuid.UUID | None) -> bool:
    return recording.status != Recording.Status.ERASED and recording.pk != leaving


def erased_bytes() -> dict[str, str]:
    """Every digest that an erased recording named and no live record of this room does, with whose it was."""
    erased = Recording.objects.filter(status=Recording.Status.ERASED)
    found: dict[str, str] = dict(erased.values_list("sha256", "number"))
    for model in (Derivative, Attachment, Clip):
        rows = model.objects.filter(recording__in=erased).exclude(sha256="")
        found.update(rows.values_list("sha256", "recording__number"))
    return {sha256: number for sha256, number in found.items() if not naming(sha256, None)}


# Certificates


def certificate_of(actor: Actor, recording_id: uuid.UUID) -> Disposal:
    """The disposal of an erased recording with its certificate. Raises NotFound, Forbidden."""
    recording_for(actor, recording_id, "certificate")
    found = disposal_that_erased(recording_id)
    if found is None:
        raise NotFound(_("This recording was not erased, so there is no certificate."))
    return found


def disposal_that_erased(recording_id: uuid.UUID) -> Disposal | None:
    """The disposal that erased a recording, or None."""
    done = Disposal.objects.filter(recording=recording_id, status__in=(Status.ERASED, Status.RELEASED))
    return done.select_related("recording", "list", "version", "version__document").first()


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Lists of disposal by number, for histories."""
    return dict(DisposalList.objects.filter(pk__in=list(ids)).values_list("pk", "number"))
