"""What is installed: distributions, packages of npm, and every file of them, of this repository and of its pages."""

import json
import os
import re
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import distributions
from pathlib import Path

from fairwitness.site.recognition.banned import normal

# Not ours and not served: what lies in a checkout beside the repository's own files.
_PIN = re.compile(r"^([A-Za-z0-9][^\s=\[;]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
NOBODY = "no distribution"
_NOT_OURS = {
    ".git",
    ".venv",
    "node_modules",
    "build",
    "var",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
}


@dataclass(frozen=True)
class File:
    """One file: to whom it belongs, its path there, and where it lies."""

    owner: str
    path: str
    place: Path


@dataclass(frozen=True)
class Installed:
    """Names of Python distributions and of npm packages, and files; what the checks are given."""

    distributions: frozenset[str] = frozenset()
    npm: frozenset[str] = frozenset()
    files: tuple[File, ...] = field(default=())

    def __add__(self, other: "Installed") -> "Installed":
        return Installed(
            self.distributions | other.distributions, self.npm | other.npm, self.files + other.files
        )

    def without(self, owners: frozenset[str]) -> "Installed":
        """All but what belongs to these distributions."""
        kept = tuple(file for file in self.files if file.owner not in owners)
        return Installed(self.distributions - owners, self.npm, kept)


def python(paths: Iterable[str]) -> Installed:
    """The distributions in these folders; files that no distribution claims are there too, as nobody's."""
    owners: dict[str, str] = {}
    names = set()
    folders = [str(Path(path).resolve()) for path in paths]
    for distribution in distributions(path=folders):
        name = normal(distribution.metadata["Name"])
        names.add(name)
        for file in distribution.files or ():
            owners[os.path.normpath(str(distribution.locate_file(file)))] = name
    lying = {str(file) for folder in folders for file in _walk(Path(folder))}
    every = {at for at in {*lying, *owners} if "__pycache__" not in at}  # drawn from the sources beside it
    files = (File(owners.get(at, NOBODY), _below(at, folders), Path(at)) for at in every)
    return Installed(frozenset(names), files=tuple(sorted(files, key=lambda file: file.path)))


def npm(root: Path) -> Installed:
    """The packages that the lock file under `root` names, and those that really lie in node_modules."""
    names = npm_locked(root)
    files = []
    for file in _walk(root / "node_modules"):
        path = file.relative_to(root / "node_modules")
        package = "/".join(path.parts[: 2 if path.parts[0].startswith("@") else 1])
        names |= set() if package.startswith(".") else {package}
        files.append(File(f"npm {package}", str(path), file))
    return Installed(npm=frozenset(names), files=tuple(files))


def npm_locked(root: Path) -> set[str]:
    """The packages that the lock file of npm under `root` names; none where there is no such file."""
    lock = root / "package-lock.json"
    packages = json.loads(lock.read_text("utf-8"))["packages"] if lock.is_file() else {}
    return {key.rpartition("node_modules/")[2] for key in packages if key}


def ours(root: Path) -> Installed:
    """The repository's own files, and those that are laid out and collected for its pages."""
    own = [*_walk(root, _NOT_OURS), *_walk(root / "build" / "static"), *_walk(root / "build" / "collected")]
    return Installed(files=tuple(File("fairwitness", str(file.relative_to(root)), file) for file in own))


def here(root: Path) -> Installed:
    """All of this installation."""
    places = sysconfig.get_paths()
    return python(dict.fromkeys((places["purelib"], places["platlib"]))) + npm(root) + ours(root)


def service(root: Path) -> Installed:
    """What the service runs with: all but the tools that only the lists for tests and for setting up name."""
    lists = root / "requirements"
    tools = locked(lists / "test.txt").keys() | locked(lists / "setup.txt").keys()
    return here(root).without(frozenset(tools - locked(lists / "run.txt").keys()))


def locked(requirements: Path) -> dict[str, str]:
    """Distributions and their versions in a list of requirements; nothing where there is no such list."""
    text = requirements.read_text("utf-8") if requirements.is_file() else ""
    return {normal(name): version for name, version in _PIN.findall(text)}


def _walk(folder: Path, left_out: Iterable[str] = ("__pycache__",)) -> Iterator[Path]:
    left = set(left_out)
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if each not in left)
        yield from (Path(at, name) for name in names if not Path(at, name).is_symlink())


def _below(at: str, folders: list[str]) -> str:
    """The path below its folder; of scripts and the like, which lie elsewhere, the last two parts."""
    for folder in folders:
        if at.startswith(folder + os.sep):
            return at[len(folder) + 1 :]
    return str(Path(*Path(at).parts[-2:]))
