"""A package for court, put together: originals first, then what speaks of them, then what leads through them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from fairwitness.kernel.blobs import Damaged
from fairwitness.kernel.refusals import NotFound, Refusal, StoreFull
from fairwitness.packages import case_uco, page
from fairwitness.packages.bag import Bag, Finished, Member, Progress, Streamed, of_bytes
from fairwitness.packages.content import Disclosure, Exhibit, LeftOut
from fairwitness.packages.documents import pdf
from fairwitness.packages.targets import Target
from fairwitness.packages.times import clock, local, size, utc
from fairwitness.packages.words import complete_words, facts, info, is_complete, table

# Why the bytes of an exhibit are not to be had, of a refusal to give them: one of these; empty where they may be later.
DAMAGED, LOST = "damaged", "lost"
Missing = Callable[[Exhibit, Refusal], str]


def by_refusal(each: Exhibit, refusal: Refusal) -> str:
    """As the refusal itself says. Whoever has stores to ask knows better."""
    if isinstance(refusal, Damaged):
        return DAMAGED
    return LOST if isinstance(refusal, NotFound) else ""


def write(
    said: Disclosure,
    target: Target,
    journal: Path,
    *,
    progress: Progress | None = None,
    missing: Missing = by_refusal,
) -> tuple[Finished, Mapping[str, str]]:
    """Write the package; answers what came of it, and by number what was left out beyond what was said, and why.

    `missing` is asked where bytes could not be had: what is damaged or lost is left out and said to be, all else is
    raised. Stopped anywhere, called again with the same it goes on. Raises what `Bag.add` raises but for these.
    """
    with Bag(target, journal, top=said.number, progress=progress) as bag:
        said, left_out = _with_originals(said, bag, missing)
        for member in papers(said):
            bag.add(member)
        finished = bag.finish(info(said), [of_bytes("index.html", page.index(said))])
    return finished, left_out


def total(said: Disclosure) -> int:
    """How many bytes of originals, clips and files it has; what is written beside them is small."""
    return sum(each.size for each in said.exhibits)


def _with_originals(said: Disclosure, bag: Bag, missing: Missing) -> tuple[Disclosure, Mapping[str, str]]:
    """What is damaged or lost is left out and said to be: a package never hands over other bytes than were sealed."""
    there: list[Exhibit] = []
    left_out: dict[str, str] = {}
    for each in said.exhibits:
        try:
            bag.add(Member(each.path, each.size, each.sha256, each.open, each.data))
        except StoreFull:
            raise
        except Refusal as refusal:
            why = missing(each, refusal)
            if not why:
                raise
            left_out[each.number] = why
        else:
            there.append(each)
    # What plays in the place of an original plays only where it is there itself.
    there = [replace(each, copy="" if each.copy in left_out else each.copy) for each in there]
    more = tuple(_left_out(each, left_out[each.number]) for each in said.exhibits if each.number in left_out)
    return replace(said, exhibits=tuple(there), left_out=(*said.left_out, *more)), left_out


def _left_out(each: Exhibit, why: str) -> LeftOut:
    because = {
        DAMAGED: _("The stored bytes are damaged: they are not those that were sealed."),
        LOST: _("No store gives its bytes: they are lost, or cannot be read."),
    }
    return LeftOut(each.number, each.kind_words, each.title, because[why], kind=each.kind)


def papers(said: Disclosure) -> Iterator[Member | Streamed]:
    """Everything of the payload that speaks of the originals."""
    for each in said.exhibits:
        if each.custody:
            yield of_bytes(each.custody_path, custody(said, each))
        if each.receipt:
            yield of_bytes(each.receipt_path, _json(each.receipt))
        if each.proof:
            yield of_bytes(f"{each.path}.proof.json", _json(each.proof))
    yield of_bytes("data/contents.pdf", contents(said))
    yield of_bytes("data/contents.json", _json(table(said)))
    yield Streamed("data/case.jsonld", lambda: case_uco.graph(said))
    if said.log:
        yield of_bytes("data/log/checkpoint", said.log.checkpoint.encode())
        yield of_bytes("data/log/key", f"{said.log.key}\n".encode())
        if said.log.witnesses:
            yield of_bytes("data/log/witnesses", "".join(f"{k}\n" for k in said.log.witnesses).encode())
    if said.verifier:
        yield of_bytes("data/verify/fairwitness_verify.py", said.verifier)


def contents(said: Disclosure) -> bytes:
    """The table of contents with the completeness statement, as PDF."""
    return pdf(
        "contents.typ",
        {
            **_sheet(said, _("Contents and completeness of {number}").format(number=said.number)),
            "lead": complete_words(said),
            "facts": [list(row) for row in facts(said)],
            "there": [
                [e.number, f"{e.kind_words}. {e.title}".strip(), size(e.size), e.sha256]
                for e in said.exhibits
            ],
            "left_out": [
                [e.number, f"{e.kind_words}. {e.title}".strip(), f"{e.because} {e.source}".strip()]
                for e in said.left_out
            ],
            "complete": _("Nothing was left out.") if is_complete(said) else complete_words(said),
            "closing": _("The same stands in contents.json, for programs, and in index.html."),
        },
    )


def custody(said: Disclosure, each: Exhibit) -> bytes:
    """The custody history of one exhibit, as PDF."""
    lines = [
        [local(line.at, said.zone), line.sentence, "" if line.index is None else str(line.index)]
        for line in each.custody
    ]
    named = [
        (_("Number"), each.number),
        (_("Kind"), each.kind_words),
        (_("Name"), each.title),
        (_("File in this package"), each.path),
        (_("Size"), _("{n} bytes").format(n=each.size)),
        (_("SHA-256"), f"sha256:{each.sha256}"),
        (_("Sealed"), utc(each.sealed) if each.sealed else ""),
        (_("Recorded"), utc(each.started) if each.started else ""),
        (_("Length"), clock(each.duration_ms) if each.duration_ms else ""),
        (_("Cut from"), each.original),
    ]
    rows = [*named, *each.facts]
    return pdf(
        "custody.typ",
        {
            **_sheet(said, _("Custody history of {number}").format(number=each.number)),
            "lead": _(
                "Everything that was entered about it up to the moment at which the package was asked for."
            ),
            "facts": [list(row) for row in rows if row[1]],
            "lines": lines,
            "closing": _(
                "The place is that of the entry in the public log; an entry without one was not published yet. "
                "Times are those of {zone}. A letter that this font lacks stands as its code; contents.json has it."
            ).format(zone=said.zone),
        },
    )


def _sheet(said: Disclosure, title: str) -> dict[str, Any]:
    return {
        "title": title,
        "agency": said.agency,
        "language": said.language,
        "paper": "letter" if said.language.lower().endswith("us") else "a4",
        "running": f"{said.number} · {said.case_number}",
        "words": {
            "what": _("What"),
            "value": _("Value"),
            "history": _("History"),
            "none": _("Nothing was entered."),
            "when": _("When"),
            "happened": _("What happened"),
            "place": _("Place in the log"),
            "there": _("What is there"),
            "nothing_there": _("Nothing."),
            "left_out": _("What the case holds and this package does not"),
            "number": _("Number"),
            "kind": _("What it is"),
            "size": _("Size"),
            "because": _("Why"),
        },
    }


def _json(value: Any) -> bytes:
    return f"{json.dumps(value, indent=1, ensure_ascii=False)}\n".encode()
