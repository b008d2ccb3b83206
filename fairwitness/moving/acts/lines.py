"""The report of an arrival, line by line: what came, what did not and why, what was said and is claimed by nobody."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import BinaryIO

from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence.acts.delivered import Delivered, moment
from fairwitness.evidence.acts.seal import plausible
from fairwitness.incidents import doors as incidents
from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.moving.acts.vendor import Vendor, plain
from fairwitness.moving.models import Outcome
from fairwitness.policy import doors as policy

# So much of what a source says stands in a line.
LONGEST = 2000


@dataclass(frozen=True)
class Line:
    """What became of one thing. `number` is ours; `case` the source's, `case_id` the key of ours."""

    kind: str
    outcome: str
    name: str
    why: str = ""
    number: str = ""
    sha256: str = ""
    case: str = ""
    case_id: str = ""
    said: str = ""


def whole(line: Line) -> Iterator[Line]:
    """A line with all that was said, be it in several: only the first of them counts as what became of the thing."""
    yield replace(line, said=line.said[:LONGEST])
    for at in range(LONGEST, len(line.said), LONGEST):
        why = _("What is said of it goes on.")
        yield replace(line, outcome=Outcome.UNCLAIMED, why=why, said=line.said[at : at + LONGEST])


def counted(lines: Iterable[Line]) -> dict[str, dict[str, int]]:
    """How many of each kind had which outcome."""
    found: dict[str, Counter[str]] = {}
    for line in lines:
        found.setdefault(line.kind, Counter())[line.outcome] += 1
    return {kind: dict(counts) for kind, counts in found.items()}


def total(counts: Mapping[str, Mapping[str, int]], outcome: str) -> int:
    """How many of all kinds had this outcome."""
    return sum(each.get(outcome, 0) for each in counts.values())


def write(lines: Iterable[Line], file: BinaryIO) -> None:
    """One JSON object a line; what is empty is left out."""
    for line in lines:
        said = {key: value for key, value in asdict(line).items() if value}
        file.write(
            json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
        )


def unclaimed(name: str, told: Delivered) -> Iterable[Line]:
    """What a source said of a file and nobody here can claim: it is kept as its word."""
    month_first = agency().month_first
    started = moment(told.started, agency().tz, month_first=month_first)
    if told.started and (started is None or not plausible(started, clock.now())):
        yield _word(name, _("When it began cannot be believed or read."), told.started)
    if told.ended and moment(told.ended, agency().tz, month_first=month_first) is None:
        yield _word(name, _("When it ended cannot be read."), told.ended)
    if told.owner and department.member_named(told.owner) is None:
        yield _word(name, _("Its owner is nobody here, or more than one."), told.owner)
    if told.device and department.camera_by_serial(told.device) is None:
        yield _word(name, _("No camera here has this serial."), told.device)
    if told.incident and incidents.incident_by_number(told.incident) is None:
        yield _word(name, _("No incident has this number yet; it joins the one that will."), told.incident)


def no_time(told: Delivered) -> str:
    """What a recording is filed under where the source says no time; empty where it says one."""
    return (
        ""
        if told.started
        else _("The source says no time: it is filed under the file's own date, the weakest clock.")
    )


def _word(name: str, why: str, said: str) -> Line:
    return Line("recording", Outcome.UNCLAIMED, name, why, said=said[:LONGEST])


def codes_for(label: str, by: Vendor) -> tuple[list[str], list[str]]:
    """The categories of the policy in force that a label means, and those of its words that mean none."""
    known = policy.categories_at()
    means = {word: code for word, code in by.words["categories"].items() if code in known}
    for code, cited in known.items():
        means |= {plain(word): code for word in cited.rule.parameters.delivered}  # type: ignore[union-attr]
    words = [label] if plain(label) in means else by.parts(label)
    codes = [means[plain(word)] for word in words if plain(word) in means]
    return list(dict.fromkeys(codes)), [word for word in words if plain(word) not in means]
