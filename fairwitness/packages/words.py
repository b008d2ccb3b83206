"""What a package says of itself: its facts, its contents, its completeness; the same in every form it is written in."""

from typing import Any

from django.utils.translation import gettext as _

from fairwitness.packages.content import Disclosure, Exhibit
from fairwitness.packages.times import local, utc

# These are made of its items, or came with them.
BESIDE = frozenset({"copy", "clip", "attachment"})


def info(said: Disclosure) -> list[tuple[str, str]]:
    """What bag-info.txt says."""
    return [
        ("Source-Organization", said.agency),
        ("Organization-Address", said.contact),
        ("External-Identifier", said.number),
        ("External-Description", f"{said.case_number} {said.case_title}"),
        ("Internal-Sender-Identifier", said.case_number),
        ("Bagging-Date", utc(said.asked)[:10]),
        ("Bag-Software-Agent", said.product),
    ]


def table(said: Disclosure) -> dict[str, Any]:
    """The contents for programs: what is there, and what is not and why."""
    return {
        "v": 1,
        "package": said.number,
        "case": said.case_number,
        "title": said.case_title,
        "agency": said.agency,
        "made_for": said.for_whom,
        "asked": utc(said.asked),
        "asked_by": said.asked_by,
        "there": [_row(each) for each in said.exhibits],
        "left_out": [vars(each) for each in said.left_out],
        "withheld": list(said.withheld),
        "complete": is_complete(said),
        "statement": complete_words(said),
    }


def _row(each: Exhibit) -> dict[str, Any]:
    return {
        "number": each.number,
        "kind": each.kind,
        "title": each.title,
        "path": each.path,
        "size": each.size,
        "sha256": f"sha256:{each.sha256}",
        "sealed": utc(each.sealed) if each.sealed else None,
        "started": utc(each.started) if each.started else None,
        "duration_ms": each.duration_ms,
        "custody": each.custody_path if each.custody else None,
        "receipt": each.receipt_path or None,
        "made_of": each.original or None,
        "plays": each.copy or None,
        "facts": [list(fact) for fact in each.facts],
        "notes": [
            {"at_ms": m.at_ms, "text": m.text, "author": m.author, "made": utc(m.made) if m.made else None}
            for m in each.moments
        ],
    }


def is_complete(said: Disclosure) -> bool:
    """Whether everything that the case held is in it."""
    return not said.left_out and not said.withheld


def complete_words(said: Disclosure) -> str:
    """The completeness statement, in sentences."""
    count = sum(each.kind not in BESIDE for each in said.exhibits)
    left = sum(each.kind not in BESIDE for each in said.left_out)
    if is_complete(said):
        words = _("Everything that the case {case} held when the package was asked for is in it: {n}.")
    elif not left:
        words = _(
            "Every recording and file that the case {case} held when the package was asked for is in it: {n}."
        )
    else:
        words = _(
            "The case {case} held {all} items when the package was asked for. In the package: {n}. Left out: {left}."
        )
    lead = words.format(case=said.case_number, all=count + left, n=count, left=left)
    more = _("Clips, copies for playing and attached files that are left out: {n}.")
    beside = more.format(n=len(said.left_out) - left) if len(said.left_out) > left else ""
    return " ".join(filter(None, (lead, beside, *said.withheld, said.beside)))


def facts(said: Disclosure) -> list[tuple[str, str]]:
    """What the package says of itself."""
    rows = [
        (_("Package"), said.number),
        (_("Case"), f"{said.case_number} {said.case_title}".strip()),
        (_("Made for"), said.for_whom),
        (_("Asked for by"), said.asked_by),
        (_("Asked for at"), f"{local(said.asked, said.zone)} ({utc(said.asked)})"),
        (_("Agency"), said.agency),
    ]
    return [*rows, (_("Key of the public log"), said.log.key)] if said.log else rows
