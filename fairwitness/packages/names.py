"""Names of files inside a package: safe on every system that a memory stick is put into."""

import re
import unicodedata

# Of a name that people gave, so many characters are kept: some systems bear no path of more than 260.
LONGEST = 80
# What Windows bears in no name, what BagIt writes otherwise (RFC 8493, 2.1.3), and what an address reads as its own.
_NEVER = re.compile(r'[<>:"/\\|?*%#&;]')
# Windows takes these for devices, whatever their ending.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def safe_name(name: str, unnamed: str = "file") -> str:
    """`name` as a file may be called everywhere: one part of a path, visible, without surprises; `unnamed` if empty."""
    text = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    visible = "".join(
        letter for letter in text if not unicodedata.category(letter).startswith(("C", "Zl", "Zp"))
    )
    plain = re.sub(r"\s+", " ", _NEVER.sub("_", visible)).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = plain, "", ""
    whole = (stem[: LONGEST - len(ending) - 1].rstrip(" .") + dot + ending) or unnamed
    return f"_{whole}" if _DEVICES.fullmatch(whole) else whole
