"""Documents of a package as PDF that screen readers can read: PDF/UA-1, which the compiler refuses to write otherwise."""

import json
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).parent / "templates"
# What the font of the documents has: Latin with all its marks, Greek, Cyrillic, punctuation, arrows, mathematics.
_HAS = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x1E00, 0x1EFF),
    (0x370, 0x3FF),
    (0x400, 0x45F),
    (0x2010, 0x2027),
    (0x2030, 0x203A),
)
_ALSO = frozenset("\n€™→←↑↓≤≥≠−×ƒȘșȚț")


def printable(text: str) -> str:
    """`text` as the documents can print it: a letter that their font lacks stands as its code, so that none is lost."""
    return "".join(
        letter if _printed(letter) else _coded(letter) for letter in unicodedata.normalize("NFC", text)
    )


def _printed(letter: str) -> bool:
    if letter in _ALSO:
        return True
    known = any(first <= ord(letter) <= last for first, last in _HAS)
    return known and unicodedata.category(letter) not in {"Cn", "Cf", "Co"}


def _coded(letter: str) -> str:
    return " " if letter in "\t\r\u2028\u2029" else f"[U+{ord(letter):04X}]"


def pdf(template: str, said: Mapping[str, Any]) -> bytes:
    """The document that a template makes of what is said. Every text is printed as it stands, never read as code."""
    files = {"main.typ": (HERE / template).read_bytes(), "common.typ": (HERE / "common.typ").read_bytes()}
    files["said.json"] = json.dumps(_texts(said, printable)).encode()
    # Its types do not know that files may be given by name.
    made: bytes = typst.compile(files, font_paths=_fonts(), pdf_standards="ua-1")  # type: ignore[call-overload]
    return made


@cache
def _fonts() -> typst.Fonts:
    """The fonts that the compiler brings with it: those of the machine would make two machines differ."""
    return typst.Fonts(include_system_fonts=False)


def _texts(value: Any, write: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return write(value)
    if isinstance(value, Mapping):
        return {key: _texts(each, write) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(each, write) for each in value]
    return value
