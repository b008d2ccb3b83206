"""Brings the design system's style sheet, fonts and pictures, and the tus client, from npm and lays them for the site."""

import hashlib
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PACKAGE = Path("node_modules", "@uswds", "uswds")
_LAID = Path("build", "static", "uswds")
# The client that uploads from the browser, as its makers built it.
_CLIENT = Path("node_modules", "tus-js-client", "dist", "tus.min.js")
_LAID_CLIENT = Path("build", "static", "tus", "tus.min.js")
_STAMP = Path("build", "uswds.stamp")
_STYLE_SHEET = Path("css", "uswds.min.css")
_NAMED_FILE = re.compile(r"""url\(["']?\.\./([^"')]+)["']?\)""")
_SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/")
# What our own style sheet and templates name besides.
_ALSO = (
    "img/sprite.svg",
    "fonts/public-sans/PublicSans-Regular.woff2",
    "fonts/public-sans/PublicSans-Italic.woff2",
    "fonts/public-sans/PublicSans-SemiBold.woff2",
    "fonts/public-sans/PublicSans-Bold.woff2",
)


class AssetsMissing(RuntimeError):
    """The pages' style sheet could not be brought; the sentence says what to do."""


def lay(root: Path = _ROOT) -> bool:
    """Lay the design system's files into build/static/uswds under `root`; False when they lie there already.

    The stamp is a digest of the lock file and of this step, so a change of either lays anew.
    Raises AssetsMissing when npm is absent or fails.
    """
    stamp = _digest(root / "package-lock.json", Path(__file__))
    if _read(root / _STAMP) == stamp and (root / _LAID / _STYLE_SHEET).is_file():
        return False
    _install(root)
    _copy(root / _PACKAGE / "dist", root / _LAID)
    shutil.copyfile(root / _PACKAGE / "LICENSE.md", root / _LAID / "LICENSE.md")
    _copy_client(root)
    (root / _STAMP).write_text(stamp, "ascii")
    return True


def _install(root: Path) -> None:
    # The cache lies inside build/, because the home of an ordinary user or of a service may not be writable.
    cache = ("--cache", str(root / "build" / "npm"))
    command = [_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", *cache]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssetsMissing(f"npm could not bring the design system:\n{done.stdout}{done.stderr}")


def _npm() -> str:
    found = shutil.which("npm") or shutil.which("npm", path=sysconfig.get_path("scripts"))
    if not found:
        raise AssetsMissing("No npm was found; `pip install -r requirements/setup.txt` brings one.")
    return found


def _copy(source: Path, target: Path) -> None:
    """Copy the style sheet and every file that it or we name; anything laid before goes first."""
    shutil.rmtree(target, ignore_errors=True)
    # The source map is not laid, and a storage that hashes names refuses a sheet that names a missing file.
    style_sheet = _SOURCE_MAP.sub("", (source / _STYLE_SHEET).read_text("utf-8"))
    for name in sorted({*_NAMED_FILE.findall(style_sheet), *_ALSO}):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)
    (target / _STYLE_SHEET).parent.mkdir()
    (target / _STYLE_SHEET).write_text(style_sheet, "utf-8")


def _copy_client(root: Path) -> None:
    (root / _LAID_CLIENT).parent.mkdir(parents=True, exist_ok=True)
    # Without the line that names its source map, which is not laid.
    text = re.sub(r"\n//# sourceMappingURL=.*", "", (root / _CLIENT).read_text("utf-8"))
    (root / _LAID_CLIENT).write_text(text, "utf-8")
    shutil.copyfile(root / _CLIENT.parents[1] / "LICENSE", root / _LAID_CLIENT.with_name("LICENSE"))


def _digest(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _read(file: Path) -> str | None:
    return file.read_text("ascii") if file.is_file() else None


def main() -> int:
    """Run the step from the command line; 0 when the files lie ready."""
    try:
        laid = lay()
    except AssetsMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    print(f"Design system {'laid into' if laid else 'ready in'} {_LAID}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
