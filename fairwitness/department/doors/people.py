"""The doors to members and to units."""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from fairwitness.department.doors.chain import holding_on, today
from fairwitness.department.doors.reach import reached
from fairwitness.department.models import Assignment, Member, Posting, RoleHeld, Unit
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.one import locked, one
from fairwitness.kernel.roles import Role


def members_for(actor: Actor) -> QuerySet[Member]:
    """The members whom `actor` may find."""
    within = reached(actor, "list_members")
    return Member.objects.all() if within is None else Member.objects.filter(pk__in=within)


def member_for(actor: Actor, pk: uuid.UUID) -> Member:
    """One of them, or NotFound."""
    return one(members_for(actor), pk)


@dataclass(frozen=True)
class Sought:
    """What a list of people is narrowed to; what is empty does not narrow."""

    text: str = ""
    unit_id: uuid.UUID | None = None
    rank: str = ""
    role: str = ""
    left: bool = False


def list_members(actor: Actor, sought: Sought) -> QuerySet[Member]:
    """The members whom `actor` may find and who are sought, each with `unit_name` and `camera_serials` of now."""
    day = today()
    posting = Posting.objects.filter(holding_on(day), member=OuterRef("pk"))
    held = RoleHeld.objects.filter(holding_on(day), member=OuterRef("pk"), role=sought.role)
    members = members_for(actor).filter(_words(sought.text))
    left = Q(left_on__lte=day)
    members = members.filter(left) if sought.left else members.exclude(left)
    if sought.unit_id:
        members = members.filter(Exists(posting.filter(unit_id=sought.unit_id)))
    if sought.rank:
        members = members.filter(rank=sought.rank)
    if sought.role:
        members = members.filter(Exists(held))
    worn = Assignment.objects.filter(member=OuterRef("pk"), until=None).order_by("camera__serial")
    return members.annotate(
        unit_name=Coalesce(Subquery(posting.values("unit__name")[:1]), Value("")),
        camera_serials=ArraySubquery(worn.values("camera__serial")),
    ).prefetch_related(
        Prefetch("roles_held", RoleHeld.objects.filter(holding_on(day)).order_by("role"), to_attr="roles_now")
    )


def _words(text: str) -> Q:
    """Every word of `text` is part of badge, name or title."""
    found = Q()
    for word in text.replace("\0", " ").split():
        fields = ("badge", "given_name", "family_name", "title")
        found &= reduce(or_, (Q(**{f"{name}__icontains": word}) for name in fields))
    return found


def may_open_file(actor: Actor, member_id: uuid.UUID) -> bool:
    """Whether training and history of a member are open to `actor`."""
    within = reached(actor, "open_member_file")
    return within is None or member_id in within


def member_of(actor: Actor) -> Member | None:
    """The member behind `actor`, or None when no person is."""
    return Member.objects.filter(pk=actor.member_id).first() if actor.member_id else None


def members_holding(role: Role) -> QuerySet[Member]:
    """The members who hold `role` today."""
    held = RoleHeld.objects.filter(holding_on(today()), member=OuterRef("pk"), role=role)
    return Member.objects.filter(Exists(held))


_IN_BRACKETS = re.compile(r"\s*\((?:badge(?: id)?:)?\s*([^()]*?)\s*\)$", re.IGNORECASE)


def member_named(text: str) -> Member | None:
    """The one member whom `text` names, or None when nobody or more than one is named.

    Read in this order: a badge; badge or user name in brackets at the end, as Axon Evidence writes it
    (`Ruiz, Maria (mruiz)`, `Maria Ruiz (Badge ID: 1234)`); `Given Family`, with title or without, `Family, Given`.
    """
    if not _storable(text):
        return None
    text = " ".join(text.split())
    bracket = _IN_BRACKETS.search(text)
    keys = [text, bracket[1]] if bracket else [text]
    name = _IN_BRACKETS.sub("", text)
    family, comma, given = name.partition(",")
    by_key = Q(badge__in=keys) | Q(user__username__in=keys[1:])
    return _only(by_key) or _named(f"{given.strip()} {family.strip()}" if comma else name)


def _storable(text: str) -> bool:
    """Whether the database can be asked for `text` at all: NUL and lone surrogates it refuses."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _named(name: str) -> Member | None:
    full = Concat("given_name", Value(" "), "family_name")
    titled = Concat("title", Value(" "), "given_name", Value(" "), "family_name")
    members = Member.objects.alias(full=full, titled=titled)
    return _only(Q(full__iexact=name) | Q(titled__iexact=name), members)


def _only(condition: Q, members: QuerySet[Member] | None = None) -> Member | None:
    found = (Member.objects if members is None else members).filter(condition)[:2]
    return found[0] if len(found) == 1 else None


def units() -> QuerySet[Unit]:
    """All units: their names are no secret inside."""
    return Unit.objects.order_by("name")


def counted_units() -> QuerySet[Unit]:
    """All units with `parent`, and as `serving` how many members are posted there today."""
    today_only = Q(postings__in=Posting.objects.filter(holding_on(today())))
    return units().select_related("parent").annotate(serving=Count("postings", filter=today_only))


def find_member(pk: uuid.UUID) -> Member:
    """The member, whoever asks. Raises NotFound."""
    return one(Member.objects.all(), pk)


def find_unit(pk: uuid.UUID) -> Unit:
    """The unit. Raises NotFound."""
    return one(Unit.objects.all(), pk)


def lock_member(pk: uuid.UUID) -> Member:
    """The member, locked until the change ends. Raises NotFound."""
    return locked(Member.objects.all(), pk)


def member_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Members by name, as their colleagues say them."""
    return {member.pk: member.name for member in Member.objects.filter(pk__in=ids)}


def unit_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Units by name."""
    return dict(Unit.objects.filter(pk__in=ids).values_list("pk", "name"))
