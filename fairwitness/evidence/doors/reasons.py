"""Why a recording opens to somebody or stays closed: the rule, its version, the grant; in words for a page."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from fairwitness.evidence import doors
from fairwitness.evidence.doors import access
from fairwitness.evidence.models import Grant, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.roles import WORDS, Role
from fairwitness.policy.doors import Citation
from fairwitness.policy.models import ACCESS


@dataclass(frozen=True)
class Ground:
    """By what a recording opens: its class, the rule of that, and the grant or the work where no role was enough."""

    access: str
    cited: Citation | None
    grant: Grant | None
    # The room whose record of the actor's work links them to it.
    linked: str = ""


@dataclass(frozen=True)
class Closed:
    """Why a recording stays closed to who asks, in a sentence, with the rules that say so."""

    sentence: str
    cites: list[Citation]
    locked: bool = False


def ground(actor: Actor, recording: Recording) -> Ground:
    """By what this recording opens to the actor, to whom it does."""
    book = access.book()
    name = book.class_of(access.codes_of(recording.pk))
    if doors.opens_by_role(actor, recording.pk):
        return Ground(name, book.cited(name), None)
    rows = access.grants_over(recording).filter(access.standing(), member=actor.member_id)
    grant = rows.filter(kind__in=access.OPENING).first()
    return Ground(name, book.cited(name), grant, "" if grant else _linked(actor, recording))


def _linked(actor: Actor, recording: Recording) -> str:
    """By which room's record of their work the actor is linked to a recording; empty where by none."""
    ways = access.linked_to(actor.person)
    return next(
        (name for name, way in ways.items() if Recording.objects.filter(way, pk=recording.pk).exists()), ""
    )


def closed_because(actor: Actor, recording: Recording) -> Closed | None:
    """Why the actor may not open a recording that they found; None where they may."""
    if doors.may(actor, recording.pk, "open"):
        return None
    book, codes = access.book(), access.codes_of(recording.pk)
    if doors.is_locked_out(actor, recording.pk):
        return Closed(_lockout_words(actor), [book.lockout] if book.lockout else [], locked=True)
    statutes = [book.categories[code] for code in codes if code in book.against(actor.roles)]
    if statutes:
        limits = [book.limits(cited.rule.parameters.code) or frozenset() for cited in statutes]  # type: ignore[union-attr]
        words = _("{statute}: it opens to {roles} alone, and to nobody else by any grant.")
        statute = statutes[0].rule.parameters.statute  # type: ignore[union-attr]
        return Closed(words.format(statute=statute, roles=_roles(frozenset.intersection(*limits))), statutes)
    name = book.class_of(codes)
    cited = book.cited(name)
    return Closed(_class_words(book, name), [cited] if cited else [])


def _lockout_words(actor: Actor) -> str:
    member = actor.person
    if not incidents.locking(member).exists() and incidents.unreported(member).exists():
        return _("Closed to you until your report of the incident is in the register.")
    return _("Closed to you until your statement is filed.")


def _class_words(book: access.Book, name: str) -> str:
    roles = book.roles_of(name)
    if roles:
        words = _("{access}: it opens to {roles}, each as far as the role reaches; to others by a grant.")
        return words.format(access=ACCESS[name], roles=_roles(roles))
    if name == access.NARROWEST:
        return _("{access}: it opens to those who are named one by one.").format(access=ACCESS[name])
    return _("{access}: it opens to nobody by role, and to others by a grant.").format(access=ACCESS[name])


def _roles(roles: frozenset[str]) -> str:
    return ", ".join(str(WORDS[role][0]) for role in Role if role.value in roles) or _("nobody")
