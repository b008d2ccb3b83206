"""The ways around the product: each room declares its own, with the group it stands in and whom it is open to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.actors import Actor

Words = str | Promise


class Group(StrEnum):
    """The groups in which ways are shown, in this order; what stands in none is shown by itself."""

    EVIDENCE = "evidence"
    INCIDENTS = "incidents"
    POLICY = "policy"
    DEPARTMENT = "department"
    ADMINISTRATION = "administration"


WORDS: dict[Group, Words] = {
    Group.EVIDENCE: _("Evidence"),
    Group.INCIDENTS: _("Incidents"),
    Group.POLICY: _("Policy"),
    Group.DEPARTMENT: _("Department"),
    Group.ADMINISTRATION: _("Administration"),
}


@dataclass(frozen=True)
class Way:
    """A way to a page: its address by name, its words, its group, whom it is open to, and what else lies below it."""

    name: str
    label: Words
    group: Group | None
    open_to: Callable[[Actor], bool]
    below: tuple[str, ...] = ()


def navigation(ways: Iterable[Way], actor: Actor, path: str) -> list[dict[str, Any]]:
    """What is open to the actor: ways by themselves and groups of ways; a group of one way is that way."""
    shown = [(way.group, _shown(way, path)) for way in ways if way.open_to(actor)]
    found = [one for group, one in shown if group is None]
    for group in Group:
        items = [one for where, one in shown if where is group]
        if len(items) > 1:
            found.append({"label": WORDS[group], "ways": items, "current": any(o["current"] for o in items)})
        else:
            found += items
    return found


def _shown(way: Way, path: str) -> dict[str, Any]:
    url = reverse(way.name)
    return {"label": way.label, "url": url, "current": _current(path, url, way.below)}


def _current(path: str, url: str, below: tuple[str, ...]) -> str:
    """As `aria-current` says it: the page itself, or what the page lies below."""
    if path == url:
        return "page"
    return "true" if url != "/" and path.startswith((url, *below)) else ""
