"""What may be written into the ledger: every event is declared once, with its sentence and the facts it may carry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from fairwitness.kernel.refusals import HouseRule

REGISTER: dict[str, "Event"] = {}


@dataclass(frozen=True)
class Event:
    """`facts` are the only names that an entry of this event may carry; ids end in `_id`, and are shown by name.

    `sentence` tells it to people with `{fact}` in place; `{actor}` is who acted. `public` names facts that are
    also published in clear: only events listed in docs/explain/public-log.md may have any. `words` says codes in
    words, fact by fact; the word of the empty code stands for a fact that is absent.
    """

    name: str
    sentence: str | Promise
    facts: frozenset[str]
    public: frozenset[str] = frozenset()
    words: Mapping[str, Mapping[str, str | Promise]] = field(default_factory=dict)

    def tell(self, facts: Mapping[str, str]) -> str:
        """The sentence with these facts in place, codes in words."""
        absent = {name: str(words[""]) for name, words in self.words.items() if "" in words}
        said = {name: str(self.words.get(name, {}).get(value, value)) for name, value in facts.items()}
        return str(self.sentence).format_map(_Absent(absent | said))

    def check(self, facts: Mapping[str, Any]) -> None:
        """Raise HouseRule when `facts` has a name that was not declared, or a value that must not be hashed."""
        unknown = facts.keys() - self.facts
        if unknown:
            raise HouseRule(f"{self.name} may not carry {sorted(unknown)}")


class _Absent(dict[str, str]):
    """Facts for a sentence; what was erased or left out is said to be absent, not shown as a hole."""

    def __missing__(self, key: str) -> str:
        return _("(not recorded)")


def event(
    name: str,
    sentence: str | Promise,
    *facts: str,
    public: tuple[str, ...] = (),
    words: Mapping[str, Mapping[str, str | Promise]] | None = None,
) -> Event:
    """Declare an event; a name is declared once in the whole house."""
    if name in REGISTER:
        raise HouseRule(f"{name} is declared twice")
    declared = Event(name, sentence, frozenset(facts), frozenset(public), words or {})
    REGISTER[name] = declared
    return declared
