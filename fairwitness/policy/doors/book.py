"""The book: documents, versions, the rules in force at a minute, and the figures that measure them."""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.one import locked, one
from fairwitness.kernel.refusals import NotFound, WrongState
from fairwitness.policy.doors.reach import may
from fairwitness.policy.models import SINGLE, Clearance, Content, Document, Figure, Rule, Version

# Where somebody is shown what must be done before a version may come into force: address by kind, filled by site.
CLEARED_AT: dict[str, Callable[[Actor, Version], str]] = {}
# Asked how many records carry each of some categories now, by the code of the category; filled by site.
CARRIED: list[Callable[[Collection[str]], Mapping[str, int]]] = []
# What was or is in force; anyone may read it.
PUBLISHED = (Version.Status.IN_FORCE, Version.Status.SUPERSEDED)


@dataclass(frozen=True)
class Citation:
    """A rule as something cites it: the rule, and the version that it stands in."""

    version_id: uuid.UUID
    number: str
    n: int
    rule: Rule

    def __str__(self) -> str:
        return _("{rule} ({number}, version {n})").format(rule=self.rule.title, number=self.number, n=self.n)


def documents() -> "QuerySet[Document]":
    """All documents by number, each with `versions_now`: what is in force, and what is on its way."""
    now = Version.objects.filter(status__in=(Version.Status.IN_FORCE, *Version.OPEN)).order_by("n")
    return Document.objects.order_by("number").prefetch_related(
        Prefetch("versions", now, to_attr="versions_now")
    )


def _nothing() -> NotFound:
    """One sentence for what is not there and for what is not public: nobody learns which of the two it is."""
    return NotFound(_("There is no such document or version, or it is not public."))


def document_for(number: str) -> Document:
    """The document of that number. Raises NotFound."""
    found = None if "\0" in number else Document.objects.filter(number=number).first()
    if found is None:
        raise _nothing()
    return found


def versions_of(actor: Actor, document: Document) -> "QuerySet[Version]":
    """The versions of a document that `actor` may read, the latest first."""
    rows = document.versions.select_related("author", "approver", "document").order_by("-n")
    return rows if may(actor, "read_drafts") else rows.filter(status__in=PUBLISHED)


def version_for(actor: Actor, number: str, n: int) -> Version:
    """One of them. Raises NotFound."""
    found = versions_of(actor, document_for(number)).filter(n=n).first() if n < 2**31 else None
    if found is None:
        raise _nothing()
    return found


def lock_document(number: str) -> Document:
    """The document, locked until the open change ends. Raises NotFound."""
    return locked(Document.objects.all(), document_for(number).pk)


def lock_version(pk: uuid.UUID) -> Version:
    """The version, locked until the open change ends, its document before it. Raises NotFound.

    Whoever locks the document alone (to begin a version) or both takes the document first: nobody waits in a circle.
    """
    found = one(Version.objects.all(), pk)
    locked(Document.objects.all(), found.document_id)
    return locked(Version.objects.select_related("document"), pk)


def open_version(document: Document) -> Version | None:
    """The version of a document that is on its way, or None."""
    return document.versions.filter(status__in=Version.OPEN).first()


def held(at: dt.datetime) -> Q:
    """The condition of being in force at a moment: from coming into force up to when another took the place."""
    since = Q(in_force_at=None) | Q(in_force_at__lte=at)
    return Q(status__in=PUBLISHED) & since & (Q(superseded_at=None) | Q(superseded_at__gt=at))


def published_for(number: str) -> Version:
    """The version in force of the document of that number, for anyone. Raises NotFound, alike where none is public."""
    version = in_force(document_for(number))
    if version is None:
        raise _nothing()
    return version


def in_force(document: Document, at: dt.datetime | None = None) -> Version | None:
    """The version of a document in force at a moment (now), or None."""
    return document.versions.filter(held(at or clock.now())).select_related("document").first()


@lru_cache(maxsize=256)
def _read(pk: uuid.UUID, digest: str) -> Content:
    """What a published version says; it never changes, so that it is read once."""
    return Version.objects.get(pk=pk, digest=digest).says()


def rules_of(version: Version) -> list[Rule]:
    """The rules of a version, in its order."""
    content = _read(version.pk, version.digest) if version.status in PUBLISHED else version.says()
    return content.rules


def rules_at(kind: str, at: dt.datetime | None = None) -> list[Citation]:
    """Every rule of a kind in force at a moment (now), each with the version that it stands in."""
    return [found for version in versions_at(at) for found in _cited(version, kind)]


def versions_at(at: dt.datetime | None = None) -> "QuerySet[Version]":
    """The versions in force at a moment (now), by number, without what they say: `rules_of` has that."""
    rows = Version.objects.filter(held(at or clock.now())).select_related("document")
    return rows.order_by("document__number").only("id", "digest", "n", "status", "document__number")


def rules_of_kinds(*kinds: str, at: dt.datetime | None = None) -> dict[str, list[Citation]]:
    """The rules of several kinds in force at a moment (now), by kind; in one query."""
    versions = list(versions_at(at))
    return {kind: [found for version in versions for found in _cited(version, kind)] for kind in kinds}


def _cited(version: Version, kind: str) -> Iterator[Citation]:
    for rule in rules_of(version):
        if rule.kind == kind:
            yield Citation(version.pk, version.document.number, version.n, rule)


def the_rule(kind: str, at: dt.datetime | None = None) -> Citation:
    """The one rule of a kind of which there is one. Raises WrongState where the book has none."""
    found = rules_at(kind, at)
    if not found:
        raise WrongState(_("The policy book has no rule of the kind “{kind}” in force.").format(kind=kind))
    return found[0]


def citation(version_id: uuid.UUID, rule_id: str) -> Citation | None:
    """A rule as it was cited, or None where that version has no such rule."""
    version = Version.objects.filter(pk=version_id).select_related("document").first()
    rules = rules_of(version) if version else []
    rule = next((each for each in rules if each.id == rule_id), None)
    return Citation(version.pk, version.document.number, version.n, rule) if version and rule else None


def rules_elsewhere(document: Document) -> Iterator[Citation]:
    """Every rule that other documents have in force or on their way."""
    rows = Version.objects.filter(status__in=(Version.Status.IN_FORCE, *Version.OPEN))
    for version in rows.exclude(document=document).select_related("document"):
        for rule in rules_of(version):
            yield Citation(version.pk, version.document.number, version.n, rule)


def one_of_a_kind(rule: Rule) -> tuple[str, str] | None:
    """What a rule settles for the whole book, so that no second document may: None where several may stand."""
    if rule.kind in SINGLE:
        return rule.kind, ""
    if rule.kind == "category":
        return rule.kind, rule.parameters.code
    return (rule.kind, rule.parameters.category) if rule.kind == "retention" else None


def categories_at(at: dt.datetime | None = None) -> dict[str, Citation]:
    """The categories in force at a moment (now), by code."""
    return {found.rule.parameters.code: found for found in rules_at("category", at)}  # type: ignore[union-attr]


def retention_in(versions: Iterable[Version]) -> dict[str, Citation]:
    """The rules of retention that these versions have, by the code of the category."""
    cited = (found for version in versions for found in _cited(version, "retention"))
    return {found.rule.parameters.category: found for found in cited}  # type: ignore[union-attr]


def is_due(version: Version) -> bool:
    """Whether a version is approved and its day has come."""
    at = version.in_force_at
    return version.status == Version.Status.APPROVED and at is not None and at <= clock.now()


def still_carried(version: Version) -> dict[str, int]:
    """The categories that a version would take out of the book while records carry them, and how many do."""
    now = in_force(version.document)
    gone = _categories(rules_of(now) if now else []) - _categories(rules_of(version))
    if gone:
        gone -= _categories(cited.rule for cited in rules_elsewhere(version.document))
    found: dict[str, int] = {}
    for ask in CARRIED if gone else ():
        for code, n in ask(gone).items():
            found[code] = found.get(code, 0) + n
    return {code: n for code, n in sorted(found.items()) if n}


def _categories(rules: Iterable[Rule]) -> set[str]:
    return {rule.parameters.code for rule in rules if rule.kind == "category"}


def clearances_missing(version: Version) -> list[Clearance.What]:
    """What must still be done before a version may come into force."""
    given = set(version.clearances.filter(digest=version.digest).values_list("what", flat=True))
    needed = [Clearance.What.RETENTION] if _touches_retention(version) else []
    return [what for what in needed if what not in given]


def _touches_retention(version: Version) -> bool:
    """Whether it differs from what is in force in what decides how long recordings are kept."""
    now = in_force(version.document)
    return _keeping(now) != _keeping(version)


def _keeping(version: Version | None) -> dict[tuple[str, str], object]:
    rules = rules_of(version) if version else []
    return {
        (rule.kind, rule.id): rule.parameters
        for rule in rules
        if rule.kind in ("category", "retention", "disposal")
    }


@dataclass(frozen=True)
class Measured:
    """The latest figure of a rule, or None with what would measure it."""

    figure: Figure | None
    words: str


def figures(measure: str) -> "QuerySet[Figure]":
    """The figures of one measure, the latest first."""
    return Figure.objects.filter(measure=measure).order_by("-as_of", "-pk")


def latest_figures() -> dict[str, Figure]:
    """The latest figure of every measure."""
    rows = Figure.objects.order_by("measure", "-as_of", "-pk").distinct("measure")
    return {row.measure: row for row in rows}


def figure_for(rule: Rule) -> Figure | None:
    """The latest figure that measures a rule, or None where nothing did yet."""
    return figures(rule.measured_by).first() if rule.measured_by else None


def document_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Documents by number, for histories."""
    return dict(Document.objects.filter(pk__in=list(ids)).values_list("pk", "number"))


def version_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Versions by number, for histories."""
    rows = Version.objects.filter(pk__in=list(ids)).values_list("pk", "document__number", "n")
    return {pk: _("{number}, version {n}").format(number=number, n=n) for pk, number, n in rows}
