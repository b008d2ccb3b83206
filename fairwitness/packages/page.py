"""The index of a package: one HTML file that plays, finds and verifies from a memory stick, without network."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.template import Context, Engine
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from fairwitness.packages.content import Disclosure, Exhibit, Moment
from fairwitness.packages.times import clock, local, size
from fairwitness.packages.words import complete_words, facts, is_complete

HERE = Path(__file__).parent / "templates"
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ENGINE = Engine(dirs=[str(HERE)], autoescape=True)


def index(said: Disclosure) -> bytes:
    """The page. Its scripts and styles are in it, and its policy lets no other run."""
    style, script = _text("page.css"), _text("page.js")
    by_number = {each.number: each for each in said.exhibits}
    expected = _embedded({each.path: each.sha256 for each in said.exhibits})
    context = {
        "said": said,
        "language": said.language,
        "complete": complete_words(said),
        "whole": is_complete(said),
        "title": turned(said.case_title),
        "facts": [(label, turned(value)) for label, value in facts(said)],
        "left_out": [
            (e.number, turned(f"{e.kind_words}. {e.title}".strip()), e.because, e.source)
            for e in said.left_out
        ],
        "exhibits": [_shown(said, each, by_number.get(each.copy, each)) for each in said.exhibits],
        "style": mark_safe(style),
        "script": mark_safe(script),
        "expected": expected,
        "policy": _policy(style, script),
        "script_words": _embedded(_script_words()),
        "words": _words(said),
        "texts": _texts(said),
    }
    return _ENGINE.get_template("page.html").render(Context(context)).encode()


def turned(text: str) -> str:
    """`text` without what turns the direction of reading: it ends with what it seems to end with."""
    return _TURNING.sub("", text)


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Of this page: nothing from elsewhere, no script but its own."""
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; "
        "media-src 'self' file:; img-src 'self' file:; base-uri 'none'; form-action 'none'"
    )


def _embedded(value: Any) -> SafeString:
    """JSON that no text in it can end early."""
    text = json.dumps(value, ensure_ascii=True)
    return mark_safe(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _shown(said: Disclosure, each: Exhibit, played: Exhibit) -> dict[str, Any]:
    top = played.reads.partition("/")[0]
    kept = [("SHA-256", f"sha256:{each.sha256}"), (_("Size"), size(each.size))]
    times = [(_("Recorded"), local(each.started, said.zone))] if each.started else []
    times += [(_("Length"), clock(each.duration_ms))] if each.duration_ms else []
    times += [(_("Sealed"), local(each.sealed, said.zone))] if each.sealed else []
    times += [(_("Made of"), each.original)] if each.original else []
    return {
        "number": each.number,
        "kind": each.kind_words,
        "title": turned(each.title),
        "url": quote(each.path),
        "played": quote(played.path),
        "instead": _("What plays here is a copy made for browsers; the original is the file.")
        if each.copy
        else "",
        "custody": quote(each.custody_path) if each.custody else "",
        "receipt": quote(each.receipt_path),
        "proof": quote(f"{each.path}.proof.json") if each.proof else "",
        "plays": top if top in {"video", "audio", "image"} else "",
        "rows": [*times, *((label, turned(value)) for label, value in each.facts), *kept],
        "moments": [_moment(moment) for moment in sorted(each.moments, key=lambda m: m.at_ms)],
        "find": escape(
            " ".join((each.number, each.title, each.kind_words, *(v for _k, v in each.facts))).lower()
        ),
    }


def _moment(moment: Moment) -> dict[str, Any]:
    seconds = f"{moment.at_ms / 1000:.3f}"
    return {
        "at": clock(moment.at_ms),
        "seconds": seconds,
        "text": turned(moment.text),
        "author": moment.author,
    }


def _script_words() -> dict[str, str]:
    return {
        "fine": _("as sealed"),
        "differs": _("NOT what was sealed"),
        "reading": _("reading {name}: {percent} %"),
        "all": _("All {n} items of this package are there and are what was sealed."),
        "some": _("{n} of {all} items are what was sealed. Not shown to the page: {missing}."),
        "bad": _(
            "{n} items are NOT what was sealed. Keep the stick as it is, and tell whoever gave it to you."
        ),
        "none": _("None of these files is an item of this package."),
        "found": _("{n} of {all} shown"),
        "cannot": _("This browser cannot play it. Save the file and open it with a player such as VLC."),
    }


def _words(said: Disclosure) -> dict[str, str]:
    return {
        "verify_lead": _(
            "Nothing of ours has to be installed, and nothing is sent anywhere: your own computer reads the files "
            "and compares them with what was sealed."
        ),
        "here": _(
            "Choose the folder of this package. Each item is read and its SHA-256 compared with the one that stands "
            "here. That shows whether a file changed on its way to you."
        ),
        "python": _(
            "Whether what stands here was itself sealed and published is shown by the verifier, one file of plain "
            "Python (3.9 or later) that anyone can read. Open a terminal in this folder, and type:"
        ),
        "whole": _(
            "That shows each item to be what was sealed. Whether an item was taken out, or what stands beside the items "
            "was changed, is shown by the receipt of the package, which is no part of it: whoever gave it to you hands "
            "it over beside it, and who downloads it as a guest takes it there. With that, type:"
        ),
        "elsewhere": _(
            "You need not trust the copy of the verifier that lies here: take the same program from the agency's "
            "public log, or from somebody whom you trust. Compare the log's key with one that you have from elsewhere."
        ),
        "bagit": _("The folder is a bag by BagIt 1.0 (RFC 8493); any tool for such bags checks it whole."),
        "command": "python3 data/verify/fairwitness_verify.py --package .",
        "command_whole": "python3 data/verify/fairwitness_verify.py --package . --receipt FILE",
    }


def _texts(said: Disclosure) -> dict[str, str]:
    return {
        "skip": _("Skip to what is there"),
        "made_for": _("Made for {whom}, asked for by {by} at {at}.").format(
            whom=said.for_whom, by=said.asked_by, at=local(said.asked, said.zone)
        ),
        "complete": _("Is it everything?"),
        "see_left_out": _("What is not in it, and why"),
        "on_this_page": _("On this page"),
        "there": _("What is there"),
        "left_out": _("What the case holds and this package does not"),
        "verify": _("How to verify it"),
        "contents_pdf": _("Contents as PDF"),
        "find": _("Find in numbers, names, facts and notes"),
        "open": _("Open the file"),
        "custody": _("Custody history"),
        "receipt": _("Receipt"),
        "proof": _("Proof of the clip"),
        "notes": _("Notes and marks"),
        "facts": _("What is known of it"),
        "nothing": _("Nothing."),
        "number": _("Number"),
        "kind": _("What it is"),
        "because": _("Why it is not in the package"),
        "nothing_left_out": _("Nothing was left out."),
        "verify_here": _("In this page"),
        "choose_folder": _("The whole folder"),
        "choose_files": _("Or single files"),
        "no_script": _("This needs JavaScript; the next way does not."),
        "verify_python": _("With the verifier"),
    }
