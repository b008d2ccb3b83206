"""What opens a recording and what keeps it closed: class, statute, grant and lockout, from one definition.

`Book` says it of codes alone; the conditions for lists and single decisions, the table in docs/reference/access.md
and the sentence on a closed page are all drawn from it.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest, Least

from fairwitness.department import doors as department
from fairwitness.evidence.models import Categorisation, Grant, IncidentLink, Recording, Settlement
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident, Involvement
from fairwitness.kernel.roles import Role
from fairwitness.policy import doors as policy
from fairwitness.policy.doors import Citation
from fairwitness.policy.models import ACCESS

# The acts that touch protected bytes, and the class as which a recording without a category counts with each.
WITHOUT_CATEGORY = {
    "open": "ordinary",
    "note": "ordinary",
    "preview": "sensitive",
    "clip": "ordinary",
    "align": "ordinary",
}
# The classes, the widest first; a category that the book does not know counts as the last.
CLASSES = tuple(ACCESS)
NARROWEST = CLASSES[-1]
# Not a category that somebody chose, but the want of one: it has retention, and no say in who opens.
NO_CATEGORY = "uncategorised"
# A recording and a unit's time at an incident must meet for so long, or for all of a recording that is shorter.
MEET_FOR = dt.timedelta(seconds=10)
# The kinds of grants that open; only a name opens what is restricted to named people.
OPENING = (Grant.Kind.NAMED, Grant.Kind.WORK, Grant.Kind.AUDIT)
KINDS = ("category", "access", "lockout")
# Of recordings: none.
NONE = Q(pk__in=[])
# What a member's work links them to, by the room that knows of it: a filter of recordings, or None where there is
# nothing. It opens as a grant for their work does. Filled by the top floor alone (site.naming).
LINKED: dict[str, Callable[[uuid.UUID], Q | None]] = {}


@dataclass(frozen=True)
class Book:
    """What the policy in force says of access; the more it leaves unsaid, the more is closed."""

    categories: Mapping[str, Citation]
    access: Mapping[str, Citation]
    lockout: Citation | None = None

    @property
    def before_report(self) -> str:
        """Whether viewing before a report is open, closed when critical, or closed. Unsaid: closed when critical."""
        said = self.lockout.rule.parameters.viewing_before_report if self.lockout else ""  # type: ignore[union-attr]
        return said or "closed_when_critical"

    def class_of(self, codes: Iterable[str], act: str = "open") -> str:
        """The class of a recording that carries these categories: the narrowest of theirs."""
        classes = [self._class(code) for code in codes if code != NO_CATEGORY]
        return max(classes, key=CLASSES.index, default=WITHOUT_CATEGORY[act])

    def _class(self, code: str) -> str:
        cited = self.categories.get(code)
        return str(cited.rule.parameters.access) if cited else NARROWEST  # type: ignore[union-attr]

    def roles_of(self, name: str) -> frozenset[str]:
        """The roles to which a class opens by itself."""
        cited = self.access.get(name)
        return frozenset(cited.rule.parameters.roles) if cited else frozenset()  # type: ignore[union-attr]

    def opens_uncategorised(self, role: Role, act: str) -> bool:
        """Whether a recording without a category opens to a role with an act."""
        return role.value in self.roles_of(WITHOUT_CATEGORY[act])

    def limits(self, code: str) -> frozenset[str] | None:
        """The only roles to which a statute lets footage of a category be opened; None where there is none."""
        said = self.categories[code].rule.parameters if code in self.categories else None
        return frozenset(said.roles) if said and said.statute else None  # type: ignore[union-attr]

    def against(self, roles: Iterable[Role]) -> frozenset[str]:
        """The categories whose statute lets none of these roles open them, whoever grants it."""
        held = frozenset(role.value for role in roles)
        limits = {code: self.limits(code) for code in self.categories}
        return frozenset(code for code, limit in limits.items() if limit is not None and not limit & held)

    def by_role(self, role: Role) -> frozenset[str]:
        """The categories of which a recording may carry any, and none besides, to open to a role by itself."""
        kept = self.against([role])
        return frozenset(
            code
            for code in self.categories
            if code not in kept and role.value in self.roles_of(self._class(code))
        )

    def by_work(self, roles: Iterable[Role]) -> frozenset[str]:
        """The same for somebody whose work or audit a grant links to the recording."""
        kept = self.against(roles)
        return frozenset(
            code for code in self.categories if code not in kept and self._class(code) != NARROWEST
        )

    def may_by_role(self, role: Role, codes: Iterable[str], act: str) -> bool:
        """Whether a recording with these categories opens to a role by itself, as far as the role reaches."""
        carried = set(codes) - {NO_CATEGORY}
        return carried <= self.by_role(role) if carried else self.opens_uncategorised(role, act)

    def may_by_grant(self, roles: Iterable[Role], codes: Iterable[str], kind: str) -> bool:
        """Whether a grant of a kind opens it to somebody with these roles."""
        carried = set(codes) - {NO_CATEGORY}
        if kind == Grant.Kind.NAMED:
            return not carried & self.against(roles)
        return kind in OPENING and carried <= self.by_work(roles)

    def shared_only_by_order(self, codes: Iterable[str]) -> list[Citation]:
        """The statutes by which a copy may leave to the defence only on a court order that is recorded (97D)."""
        return [self.categories[code] for code in sorted(set(codes)) if self.limits(code) is not None]

    def cited(self, name: str) -> Citation | None:
        """The rule of a class."""
        return self.access.get(name)


def book_of(rules: Mapping[str, Iterable[Citation]]) -> Book:
    """The book that rules of KINDS make."""
    lockouts = list(rules["lockout"])
    return Book(
        {cited.rule.parameters.code: cited for cited in rules["category"]},  # type: ignore[union-attr]
        {cited.rule.parameters.access: cited for cited in rules["access"]},  # type: ignore[union-attr]
        lockouts[0] if lockouts else None,
    )


def book() -> Book:
    """The book in force now, in one query: access goes by the version in force at the asking."""
    return book_of(policy.rules_of_kinds(*KINDS))


# What a recording carries


def _carried() -> "QuerySet[Categorisation]":
    rows = Categorisation.objects.filter(recording=OuterRef("pk"), withdrawn_at=None)
    return rows.exclude(code=NO_CATEGORY)


def codes_of(recording_id: uuid.UUID) -> list[str]:
    """The categories that a recording carries, by code."""
    rows = Categorisation.objects.filter(recording=recording_id, withdrawn_at=None)
    return list(rows.order_by("code").values_list("code", flat=True))


def carrying(codes: Collection[str]) -> dict[str, int]:
    """How many recordings that are still there carry each of these categories; that of having none counts those."""
    there = Recording.objects.filter(status=Recording.Status.SEALED)
    rows = Categorisation.objects.filter(recording__in=there, withdrawn_at=None, code__in=codes)
    found = dict(rows.order_by().values_list("code").annotate(n=Count("pk")))
    if NO_CATEGORY in codes:
        found[NO_CATEGORY] = there.exclude(Exists(_carried())).count()
    return found


def opens_by_role(found: Book, role: Role, act: str) -> Q:
    """Of recordings: what they carry opens to a role by itself."""
    fits = ~Q(Exists(_carried().exclude(code__in=found.by_role(role))))
    return fits if found.opens_uncategorised(role, act) else fits & Q(Exists(_carried()))


# Grants


def standing() -> Q:
    """The grants that stand: not ended, and their day has not come."""
    return Q(ended_at=None) & (Q(until=None) | Q(until__gt=department.today()))


def grants_to(member_id: uuid.UUID, *kinds: str) -> "QuerySet[Grant]":
    """The standing grants of these kinds to a member."""
    return Grant.objects.filter(standing(), member=member_id, kind__in=kinds)


def _over(grants: "QuerySet[Grant]") -> Q:
    """Of recordings: one of these grants is of the recording, or of an incident to which it is linked."""
    linked = grants.filter(
        incident__recording_links__recording=OuterRef("pk"),
        incident__recording_links__withdrawn_at=None,
    )
    return Q(Exists(grants.filter(recording=OuterRef("pk")))) | Q(Exists(linked))


def opens_by_grant(found: Book, member_id: uuid.UUID, roles: Iterable[Role]) -> Q:
    """Of recordings: a grant to this member or their work opens them, as far as a statute lets any of their roles."""
    named, work = NONE, reduce(or_, linked_to(member_id).values(), NONE)
    # Most members have none: a short question spares long ones.
    if grants_to(member_id, *OPENING).exists():
        named = _over(grants_to(member_id, Grant.Kind.NAMED))
        granted = _over(grants_to(member_id, Grant.Kind.WORK, Grant.Kind.AUDIT))
        work = granted if work == NONE else work | granted
    if named == work == NONE:
        return NONE
    kept, allowed = found.against(roles), found.by_work(roles)
    return (named & ~Q(Exists(_carried().filter(code__in=kept)))) | (
        work & ~Q(Exists(_carried().exclude(code__in=allowed)))
    )


def linked_to(member_id: uuid.UUID) -> dict[str, Q]:
    """Of recordings: those to which the member's work links them, by the room that knows of it."""
    asked = {name: ask(member_id) for name, ask in LINKED.items()}
    return {name: found for name, found in asked.items() if found is not None}


def grants_over(recording: Recording) -> "QuerySet[Grant]":
    """Every grant that is or was of a recording or of its incidents, the latest first."""
    links = recording.incident_links.filter(withdrawn_at=None).values("incident")
    rows = Grant.objects.filter(Q(recording=recording) | Q(incident__in=links))
    return rows.select_related("member", "granted_by", "incident", "recording").order_by("-granted_at", "-id")


# The lockout


def locked_out(found: Book, member_id: uuid.UUID) -> Q:
    """Of recordings: this member may see nothing of them before their statement or report; unless that was excepted.

    They are linked to an incident that locks the member, or were made by somebody who was there, while they were; or
    may have been, because nobody knows when they were made.
    """
    closed = [closed_by(each) for each in locking(found, member_id)]
    if not closed:
        return NONE
    excepted = grants_to(member_id, Grant.Kind.LOCKOUT)
    return reduce(or_, closed) & ~Q(Exists(excepted.filter(recording=OuterRef("pk"))))


def locking(found: Book, member_id: uuid.UUID) -> "list[QuerySet[Incident]]":
    """The incidents of which this member may see nothing before their statement, and before their report; if any."""
    if found.before_report == "open":
        return []
    asked = [incidents.locking(member_id)]
    if found.before_report == "closed":
        asked.append(incidents.unreported(member_id))
    excepted = grants_to(member_id, Grant.Kind.LOCKOUT).filter(incident=OuterRef("pk"))
    # Most members are locked out of nothing: a short question spares long ones.
    return [each for each in (rows.exclude(Exists(excepted)) for rows in asked) if each.exists()]


def closed_by(found: "QuerySet[Incident]") -> Q:
    """Of recordings: what these incidents close to whom they lock."""
    return belonging(found) | _perhaps_made_there(found)


def belonging(found: "QuerySet[Incident]") -> Q:
    """Of recordings: linked to one of these incidents, or made by somebody who was there, while they were."""
    linked = IncidentLink.objects.filter(recording=OuterRef("pk"), withdrawn_at=None, incident__in=found)
    return Q(Exists(linked)) | Q(Exists(_meeting(_units(found)))) | Q(Exists(_meeting(_people(found))))


def _units(found: "QuerySet[Incident]") -> Any:
    """Of a recording's owner: when they were at one of these incidents, as dispatch says."""
    return incidents.scenes_at(found).filter(member=OuterRef("owner"))


def _people(found: "QuerySet[Incident]") -> Any:
    """Of a recording's owner: that they are involved, from the opening of the incident to its end."""
    # Of whoever was only proposed, dispatch says when they were there.
    named = Involvement.objects.filter(
        incident__in=found,
        member=OuterRef("owner"),
        status__in=(Involvement.Status.INVOLVED, Involvement.Status.STATED),
    )
    return named.annotate(
        begin=F("incident__opened"),
        last=Coalesce("incident__closed", F("incident__opened") + Value(incidents.LONGEST)),
    )


def _perhaps_made_there(found: "QuerySet[Incident]") -> Q:
    """Of recordings: of somebody who was there, received since, and nobody knows when they were made.

    A clock that cannot be right closes, until people settle a time before the incident, or what locks has ended.
    """
    settled = Settlement.objects.filter(
        recording=OuterRef(OuterRef("pk")), withdrawn_at=None, confirmed_by__isnull=False
    )
    latest = Coalesce(Subquery(settled.values("ended")[:1]), OuterRef("sealed_at"))
    there = Q(Exists(_units(found).filter(begin__lte=latest))) | Q(
        Exists(_people(found).filter(begin__lte=latest))
    )
    return Q(clock__in=Recording.UNBELIEVED) & there


def _meeting(rows: Any) -> Any:
    """Of rows with `begin` and `last`: the recording outside meets them for MEET_FOR, or for all of itself.

    Where nobody knows when it ended, that it began there is enough.
    """
    lasted = Func(
        OuterRef("duration_ms"),
        template="(%(expressions)s * interval '1 millisecond')",
        output_field=DurationField(),
    )
    began = ExpressionWrapper(OuterRef("started"), output_field=DateTimeField())
    ended = Coalesce(
        ExpressionWrapper(OuterRef("started") + lasted, output_field=DateTimeField()),
        OuterRef("ended"),
        OuterRef("started"),
        output_field=DateTimeField(),
    )
    meets = ExpressionWrapper(
        Least(F("last"), ended) - Greatest(F("begin"), began), output_field=DurationField()
    )
    needed = Least(
        Value(MEET_FOR, output_field=DurationField()),
        ExpressionWrapper(ended - began, output_field=DurationField()),
    )
    return rows.alias(meets=meets).filter(meets__gte=needed)
