"""Brings the tools that only tests need, where the machine lets us; the tests skip loudly without them."""

import os
import shutil
import subprocess
import sys

# The program looked for, and Debian's packages that bring it.
TOOLS = {
    "chromium": ["chromium", "fonts-noto-core"],
    "go": ["golang-go", "golang-golang-x-mod-dev"],
    "openssl": ["openssl"],
    "ffprobe": ["ffmpeg"],
    "nginx": ["nginx-light"],
}
# Nothing is skipped without it; with it pages are drawn in half the time.
FASTER = {"chromium-headless-shell": ["chromium-headless-shell"]}


def main() -> int:
    """Install what is missing with apt where we are root and there is apt; never fail because of it."""
    missing = [tool for tool in TOOLS | FASTER if not shutil.which(tool)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _apt("update", "-qq")
        # One by one: a package that this system does not know must not keep the others away.
        for tool in missing:
            _apt("install", "-y", "-qq", "--no-install-recommends", *(TOOLS | FASTER)[tool])
    for tool in TOOLS:
        if not shutil.which(tool):
            print(
                f"*** {tool} is not here and could not be brought: the tests that need it are SKIPPED ***",
                file=sys.stderr,
            )
    return 0


def _apt(*words: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", *words], env=environment, check=False, stdout=subprocess.DEVNULL, timeout=900)


if __name__ == "__main__":
    raise SystemExit(main())
