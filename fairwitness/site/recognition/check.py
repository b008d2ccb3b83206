"""Whether anything installed could tell people apart: by package, by names in code and compiled code, by model files."""

import ast
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from fairwitness.site.recognition.allowed import EXCUSED, MODELS, Excuse, Model
from fairwitness.site.recognition.banned import (
    DISTRIBUTIONS,
    MODEL_SUFFIXES,
    NPM,
    SERVICES,
    may_hold,
    recognises,
)
from fairwitness.site.recognition.installed import File, Installed

_HEAD = 4096
_COMPILED = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\0asm", b"!<arch>\n")
_SCRIPTS = {".js", ".mjs", ".cjs", ".ts", ".pyc", ".pyd", ".so", ".dll", ".dylib", ".wasm"}
_SOURCES = {".py", ".pyi", ".pyx", ".pxd"}
_NAME = re.compile(rb"[A-Za-z0-9_-]{4,400}")


@dataclass(frozen=True)
class Finding:
    """Something that could tell people apart, or that nobody has vouched for: whose it is, where, and why."""

    owner: str
    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.owner}: {self.where}: {self.why}"


def findings(
    installed: Installed, models: Iterable[Model] = MODELS, excused: Iterable[Excuse] = EXCUSED
) -> list[Finding]:
    """Everything that speaks against the property; an empty list: it holds.

    `models` are the only model files that may be there, by their digests; `excused` names, each with its reason, what
    looks able and is not. What this cannot find: a model that is hidden inside an archive, or under an ending and a
    beginning that no model has, and code whose names say nothing of what it does.
    """
    digests = {model.sha256 for model in models}
    found = [*_packages(installed)]
    for file in installed.files:
        found += _of_file(file, digests)
    return [
        finding
        for finding in found
        if not any(excuse.covers(finding.owner, finding.where) for excuse in excused)
    ]


def other_services(sources: Iterable[tuple[str, str]]) -> list[Finding]:
    """Calls in our own code that would open a client of any remote service but S3; `sources` are paths and texts.

    The library that speaks to S3 can speak to services which recognise people as well; nothing of ours may ask one.
    """
    return [
        Finding("fairwitness", f"{path}:{line}", "opens a client of a remote service that is not S3")
        for path, text in sources
        if "boto" in text
        for line in _clients(ast.parse(text))
    ]


def _clients(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {
            "client",
            "resource",
            "create_client",
        }:
            first = node.args[0] if node.args else None
            if not (isinstance(first, ast.Constant) and first.value == "s3"):
                yield node.lineno


def _packages(installed: Installed) -> Iterator[Finding]:
    for kind, names, known in (
        ("Python", installed.distributions, DISTRIBUTIONS),
        ("npm", installed.npm, NPM),
    ):
        for name in sorted(names):
            if name in known or recognises(name):
                yield Finding(name, f"package of {kind}", "a package that recognises people")


def _of_file(file: File, digests: set[str]) -> Iterator[Finding]:
    path = PurePath(file.path)
    if SERVICES & set(path.parts[:-1]):
        yield Finding(file.owner, file.path, "describes a remote service that recognises people")
        return
    try:
        with file.place.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return  # a list of files may name one that was taken out since
    if path.suffix.lower() in _SOURCES | _SCRIPTS or head.startswith(_COMPILED):
        yield from _code(file)
    elif is_model(path.name, head):
        digest = hashlib.sha256(file.place.read_bytes()).hexdigest()
        if digest not in digests:
            yield Finding(file.owner, file.path, f"a model file that is not on the list (sha256:{digest})")


def _code(file: File) -> Iterator[Finding]:
    path = PurePath(file.path)
    for part in path.with_suffix("").parts:
        if recognises(part):
            yield Finding(file.owner, file.path, f"a module named {part}")
            return
    data = file.place.read_bytes()
    if not may_hold(data):
        return
    names = exported(data) if path.suffix.lower() in {".py", ".pyi"} else strings(data)
    for name in sorted({name for name in names if recognises(name)})[:3]:
        yield Finding(file.owner, file.path, f"exports {name}")


def exported(source: bytes) -> Iterator[str]:
    """What a Python module defines, imports, assigns or lists in __all__; of one that cannot be parsed, every name."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        yield from strings(source)
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.name for alias in node.names)
            yield getattr(node, "module", None) or ""
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.Assign) and "__all__" in map(ast.unparse, node.targets):
            yield from (str(part.value) for part in ast.walk(node.value) if isinstance(part, ast.Constant))


def strings(data: bytes) -> Iterator[str]:
    """The names that stand in compiled code or in a script: in symbol tables, string tables, anywhere."""
    return (found[0].decode("ascii") for found in _NAME.finditer(data))


def is_model(name: str, head: bytes) -> bool:
    """Whether a file is, or may be, a trained model: by its ending, or by how it begins.

    A `.pth` of plain text is none: by such files Python learns of folders, and weights are never text.
    """
    if name.endswith(".pth") and head.isascii() and b"\0" not in head:
        return False
    return PurePath(name).suffix.lower() in MODEL_SUFFIXES or any(begins(head) for begins in _BEGINNINGS)


def _zipped_weights(head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04") and (b"/data.pkl" in head[:400] or b".npy" in head[:200])


def _onnx(head: bytes) -> bool:
    """Its version of the format, then who made it: fields 1 and 2 of the outermost message, as every exporter writes."""
    return len(head) > 5 and head[0] == 8 and 0 < head[1] < 20 and head[2] == 0x12 and 0 < head[3] < 60


def _safetensors(head: bytes) -> bool:
    return head[8:10] == b'{"' and b'"dtype"' in head and int.from_bytes(head[:8], "little") < 1 << 32


_BEGINNINGS: tuple[Callable[[bytes], bool], ...] = (
    lambda head: head.startswith((b"\x89HDF\r\n\x1a\n", b"GGUF", b"lmgg", b"\x93NUMPY")),
    lambda head: head[4:8] == b"TFL3",
    _zipped_weights,
    _onnx,
    _safetensors,
    # Cascades of OpenCV; a graph of OpenVINO; of TensorFlow.js, whose weights lie beside it.
    lambda head: (
        head.startswith(b"<") and any(each in head for each in (b"<opencv_storage", b"<cascade", b"<layers"))
    ),
    lambda head: head.startswith(b"{") and (b'"weightsManifest"' in head or b'"modelTopology"' in head),
)
