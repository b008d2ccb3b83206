"""How long recordings are kept: what the rules in force, or those of a draft, say of many recordings at once."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence.doors.belonging import Fact, facts_of, incidents_of, others_of
from fairwitness.evidence.doors.holds import FEW
from fairwitness.evidence.models import Categorisation, Recording, Retention, Settlement
from fairwitness.kernel.agency import agency
from fairwitness.kernel.refusals import WrongState
from fairwitness.policy import doors as policy
from fairwitness.policy.doors import Citation
from fairwitness.policy.models import Version
from fairwitness.rules import retention
from fairwitness.rules.retention import Keep

# What has no category is kept by the rule of this one.
UNCATEGORISED = "uncategorised"
State = Retention.State
_NOTHING = frozenset[str]()


@dataclass(frozen=True)
class Kept:
    """The rule of one category: how long at least and at most, and where the policy says so."""

    keep: Keep
    at_most: Keep | None
    cited: Citation


@dataclass(frozen=True)
class Rules:
    """The rules of keeping, by the code of the category, of one state of the policy."""

    kept: Mapping[str, Kept]

    def of(self, codes: Collection[str]) -> dict[str, Kept]:
        """The rules of these categories; of none, or of such as the book no longer has, that of what has none.

        A category that was taken out of the policy never lets a recording go sooner than its absence would.
        """
        found = {code: self.kept[code] for code in codes if code in self.kept}
        return found or {UNCATEGORISED: self.kept[UNCATEGORISED]}


def rules_now() -> Rules:
    """The rules in force. Raises WrongState where the policy has none for what has no category."""
    return _rules(policy.rules_at("retention"))


def rules_under(version: Version) -> Rules:
    """The rules as they would be were `version` in force in the place of what is."""
    others = [cited for cited in policy.rules_at("retention") if cited.number != version.document.number]
    return _rules([*others, *policy.retention_in([version]).values()])


def _rules(cited: Iterable[Citation]) -> Rules:
    kept: dict[str, Kept] = {}
    for each in cited:
        said: Any = each.rule.parameters
        at_most = Keep.parse(said.at_most) if said.at_most else None
        kept[said.category] = Kept(Keep.parse(said.keep), at_most, each)
    if UNCATEGORISED not in kept:
        raise WrongState(
            _("The policy in force does not say how long recordings without a category are kept.")
        )
    return Rules(kept)


class Decision(NamedTuple):
    """What the rules say of one recording."""

    state: str
    starts: dt.datetime | None
    due_on: dt.date | None
    # The day that counting from the receipt gives: an earlier one takes a dry run, whoever settled the clock. Also
    # while that is in doubt: so much at least is promised.
    safe_on: dt.date | None
    at_most_on: dt.date | None
    category: str
    cited: Citation
    number: str
    # To which it belongs, by a link or because its unit was there.
    incidents: frozenset[uuid.UUID]

    @property
    def sooner_than(self) -> dt.date:
        """For comparing: the last day for which it is kept, where there is none one beyond all days."""
        return self.due_on or dt.date.max


def decide(recordings: "QuerySet[Recording]", rules: Rules) -> dict[uuid.UUID, Decision]:
    """What the rules say of each of these recordings; a few queries, however many there are."""
    facts = facts_of(recordings)
    belongs = incidents_of(facts)
    carried = carried_by(facts, belongs)
    settled = _settlements(facts)
    days, none = _Days(rules), frozenset[uuid.UUID]()
    return {
        pk: _decision(fact, carried[pk], belongs.get(pk, none), settled.get(pk), days)
        for pk, fact in facts.items()
    }


def _settlements(facts: Mapping[uuid.UUID, Fact]) -> dict[uuid.UUID, Settlement]:
    """What people settled, where enough of them did: an earlier end takes two."""
    rows = Settlement.objects.filter(withdrawn_at=None)
    rows = rows.filter(Q(ended=None) | Q(confirmed_by__isnull=False))
    if len(facts) < FEW:
        rows = rows.filter(recording__in=list(facts))
    return {row.recording_id: row for row in rows}


def carried_by(
    facts: Mapping[uuid.UUID, Any], belongs: Mapping[uuid.UUID, frozenset[uuid.UUID]]
) -> dict[uuid.UUID, frozenset[str]]:
    """The categories that count for each recording: its own, and those of the incidents to which it belongs.

    What belongs to an incident is direct and never chained: what a sibling got from another incident counts for
    the sibling alone (rules.overlap).
    """
    others = others_of({incident for of in belongs.values() for incident in of}, facts)
    own = _own({*facts, *(pk for pk, _incident in others)})
    of_incident: dict[uuid.UUID, set[str]] = defaultdict(set)
    for pk, codes in own.items():
        for incident_id in belongs.get(pk, ()):
            of_incident[incident_id] |= codes
    for pk, incident_id in others:
        of_incident[incident_id] |= own.get(pk, _NOTHING)
    found = dict.fromkeys(facts, _NOTHING) | {pk: codes for pk, codes in own.items() if pk in facts}
    for pk, of in belongs.items():
        found[pk] = found[pk].union(*(of_incident[each] for each in of if each in of_incident))
    return found


def _own(recording_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, frozenset[str]]:
    rows = Categorisation.objects.filter(withdrawn_at=None)
    if len(recording_ids) < FEW:
        rows = rows.filter(recording__in=list(recording_ids))
    found: dict[uuid.UUID, frozenset[str]] = {}
    # Most carry one, and the same as others: one set for all of them.
    alone = {code: frozenset((code,)) for code in rows.order_by().values_list("code", flat=True).distinct()}
    for pk, code in rows.values_list("recording", "code").iterator(chunk_size=5000):
        one = alone.get(code) or frozenset((code,))
        found[pk] = found[pk] | one if pk in found else one
    return found


class _Longest(NamedTuple):
    """The rule that keeps longest what counts from one day, and the days that come of it."""

    category: str
    cited: Citation
    due_on: dt.date | None
    at_most_on: dt.date | None


class _Days:
    """The same for each set of categories and each day, asked of the rules once: many recordings share both."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.zone = rules, agency().tz
        self.known: dict[tuple[frozenset[str], dt.date], _Longest] = {}

    def of(self, codes: frozenset[str], starts: dt.datetime) -> _Longest:
        """What they come to when keeping counts from `starts`."""
        key = codes, starts.astimezone(self.zone).date()
        if key not in self.known:
            kept, first = self.rules.of(codes), key[1]
            code = _longest(kept, first)
            due_on = kept[code].keep.runs_out(first)
            self.known[key] = _Longest(code, kept[code].cited, due_on, _at_most(kept.values(), first))
        return self.known[key]


def _decision(
    fact: Fact,
    codes: frozenset[str],
    belongs: frozenset[uuid.UUID],
    settled: Settlement | None,
    days: _Days,
) -> Decision:
    safe = days.of(codes, fact.received)
    if settled is None and retention.clock_doubtful(fact.ended, fact.received):
        nothing = (State.DOUBTFUL, None, None, safe.due_on, None)
        return Decision(*nothing, safe.category, safe.cited, fact.number, belongs)
    # Whoever settled it without an earlier time has it count from the receipt, whatever its own clock said.
    ended = settled.ended if settled else fact.ended
    starts = retention.counts_from(ended, fact.received, settled.ended if settled else None)
    found = safe if starts == fact.received else days.of(codes, starts)
    return Decision(
        *(
            State.DATED if found.due_on else State.FOR_EVER,
            starts,
            found.due_on,
            safe.due_on,
            found.at_most_on,
        ),
        *(found.category, found.cited, fact.number, belongs),
    )


def _longest(kept: Mapping[str, Kept], first: dt.date) -> str:
    return max(kept, key=lambda code: (kept[code].keep.runs_out(first) or dt.date.max, code))


def decision_of(recording: Recording) -> Decision:
    """What the rules in force say of one recording now. Raises WrongState where the policy has none."""
    return decide(Recording.objects.filter(pk=recording.pk), rules_now())[recording.pk]


def is_over(decision: Decision) -> bool:
    """Whether the last day of a decision is over; never for ever, nor while its clock is in doubt."""
    return decision.due_on is not None and decision.due_on < department.today()


def _at_most(kept: Iterable[Kept], first: dt.date) -> dt.date | None:
    """The last day that the longest of the limits allows; None where one of them sets none."""
    days = [each.at_most.runs_out(first) if each.at_most else None for each in kept]
    return max((day for day in days if day), default=None) if all(days) else None


def categories(recording: Recording) -> "QuerySet[Categorisation]":
    """The categories that a recording carries by itself, and those that were withdrawn, the latest first."""
    return recording.categorisations.select_related("version__document").order_by("-since", "-pk")


def category_words() -> dict[str, str]:
    """The categories in force, by code, in the words that people read."""
    return {code: words_of(cited) for code, cited in policy.categories_at().items()}


def words_of(cited: Citation) -> str:
    """How the rule of a category names it."""
    return str(cited.rule.parameters.words)  # type: ignore[union-attr]


def retention_of(recording: Recording) -> Retention | None:
    """How long a recording is kept, as it was decided; None before the first decision."""
    return Retention.objects.filter(recording=recording).select_related("version__document").first()


def undecided() -> "QuerySet[Recording]":
    """Sealed recordings about which nothing was decided yet."""
    return Recording.objects.filter(status=Recording.Status.SEALED, retention=None)
