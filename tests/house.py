"""The rules of the house as functions over source text, so that they can be shown planted violations too."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "fairwitness"

FLOORS = {
    "rules": 0,
    "kernel": 1,
    "media": 1,
    "publiclog": 2,
    "packages": 2,
    "department": 2,
    "accounts": 3,
    "policy": 3,
    "storage": 3,
    "incidents": 3,
    "evidence": 4,
    "cases": 5,
    "uploads": 5,
    "moving": 6,
    "sharing": 6,
    "site": 99,
}
# Rooms with a shape of their own, one file a word: all of their modules may be used from above.
OPEN_ROOMS = {"rules", "kernel", "publiclog", "packages"}
FRONT = {"events", "models", "doors", "acts"}
# The top floor puts the rooms together: it alone may also reach these.
FRONT_FOR_SITE = FRONT | {"urls", "api", "jobs", "check"}
# Left only: a file may use files of its own rank or left of it.
RANK = {
    "events": 0,
    "models": 1,
    "doors": 2,
    "check": 2,
    "acts": 3,
    "forms": 4,
    "jobs": 5,
    "api": 5,
    "pages": 5,
    "urls": 6,
    "management": 6,
}
WRITES = {"bulk_create", "bulk_update", "get_or_create", "update_or_create"}
MAY_RECEIVE_SIGNALS = "fairwitness/site/signin.py"


@dataclass(frozen=True)
class Module:
    """One file of the package: its path from the repository's root and what stands in it."""

    path: str
    source: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def parts(self) -> tuple[str, ...]:
        return Path(self.path).with_suffix("").parts

    @property
    def room(self) -> str:
        return self.parts[1] if len(self.parts) > 2 else ""

    @property
    def file(self) -> str:
        """The word of the file within its room, such as `acts` for acts/seal.py."""
        return self.parts[2] if len(self.parts) > 2 else self.parts[-1]


def modules() -> list[Module]:
    """Every module of the package."""
    return [
        Module(str(p.relative_to(ROOT)), p.read_text(encoding="utf-8")) for p in sorted(PACKAGE.rglob("*.py"))
    ]


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Every module that is imported, with its line; `from a.b import c` counts as a.b.c."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def floors(module: Module) -> Iterator[str]:
    """Down only: a room imports rooms on lower floors. Media is imported by nobody."""
    for line, name in imports(module):
        parts = name.split(".")
        if parts[0] != "fairwitness" or len(parts) < 2 or not module.room:
            continue
        other = parts[1]
        if other == module.room:
            continue
        if other not in FLOORS or module.room not in FLOORS:
            yield f"{module.path}:{line} a room that has no floor: {other} or {module.room}"
        elif other == "media" or FLOORS[other] >= FLOORS[module.room]:
            yield f"{module.path}:{line} {module.room} reaches up or across to {name}"


def front_rooms(module: Module) -> Iterator[str]:
    """Of another room: events, models, doors, acts. Pages, API, forms and jobs are private."""
    allowed = FRONT_FOR_SITE if module.room == "site" else FRONT
    for line, name in imports(module):
        parts = name.split(".")
        if parts[0] != "fairwitness" or len(parts) < 3 or parts[1] in {module.room, *OPEN_ROOMS}:
            continue
        if module.room and parts[1] != "site" and parts[2] not in allowed:
            yield f"{module.path}:{line} {name} is a back room"


def left_only(module: Module) -> Iterator[str]:
    """Within a room: events <- models <- doors <- acts <- forms <- pages, api, jobs."""
    if module.room in OPEN_ROOMS | {"media", "site", ""} or module.file not in RANK:
        return
    for line, name in imports(module):
        parts = name.split(".")
        if parts[:2] != ["fairwitness", module.room] or len(parts) < 3 or parts[2] not in RANK:
            continue
        if RANK[parts[2]] > RANK[module.file]:
            yield f"{module.path}:{line} {module.file} reaches right to {name}"


def writes_in_acts(module: Module) -> Iterator[str]:
    """Only acts open a change and write records; the kernel gives them the means, migrations the tables."""
    if module.room == "kernel" or module.file in {"acts", "migrations"}:
        return
    for line, name in imports(module):
        if name.startswith("fairwitness.kernel.change."):
            yield f"{module.path}:{line} opens a change outside an act"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _writes(node.func):
            yield f"{module.path}:{node.lineno} writes records outside an act: {ast.unparse(node.func)}"


def _writes(function: ast.Attribute) -> bool:
    if function.attr in WRITES:
        return True
    chain = ast.unparse(function.value)
    if function.attr == "save":
        return chain != "super()" and "session" not in chain
    return function.attr in {"create", "update", "delete"} and ".objects" in chain


def docstrings(module: Module) -> Iterator[str]:
    """Every module says in one sentence what it is for."""
    said = ast.get_docstring(module.tree)
    if not said or not said.strip().split("\n")[0].endswith((".", ":")):
        yield f"{module.path} does not open with a sentence on what it is for"


def plain_imports(module: Module) -> Iterator[str]:
    """No relative imports, no imports inside functions."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{module.path}:{node.lineno} a relative import"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            yield from (f"{module.path}:{n.lineno} an import inside a function" for n in inner)


def no_signals(module: Module) -> Iterator[str]:
    """Nobody listens: what happens is in the act. One exception, for the sign-in library's signals."""
    if module.path == MAY_RECEIVE_SIGNALS:
        return
    for line, name in imports(module):
        if "signals" in name.split(".") or name.startswith("django.dispatch"):
            yield f"{module.path}:{line} uses signals: {name}"


def no_agency_in_code(module: Module) -> Iterator[str]:
    """Two agencies, no forks: differences are data in profiles."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare):
            text = ast.unparse(node)
            if "agency" in text.lower() and "cambridge" in text.lower():
                yield f"{module.path}:{node.lineno} decides by the agency's name: {text}"


def standard_library_only(module: Module) -> Iterator[str]:
    """The verifier and the witness know nothing of ours, and nothing that must be installed."""
    for line, name in imports(module):
        if name.split(".")[0] not in sys.stdlib_module_names:
            yield f"{module.path}:{line} {name} is not in the standard library"


RULES = (
    floors,
    front_rooms,
    left_only,
    writes_in_acts,
    docstrings,
    plain_imports,
    no_signals,
    no_agency_in_code,
)
