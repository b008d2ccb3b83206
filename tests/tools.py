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


def main() -> int:
    """Install what is missing with apt where we are root and there is apt; never fail because of it."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = [package for tool in missing for package in TOOLS[tool]]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
            subprocess.run(
                ["apt-get", *command], env=environment, check=False, stdout=subprocess.DEVNULL, timeout=900
            )
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
    for tool in missing:
        print(
            f"*** {tool} is not here and could not be brought: the tests that need it are SKIPPED ***",
            file=sys.stderr,
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
