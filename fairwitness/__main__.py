"""The command `fairwitness`: finds the database, then hands over to the command that was asked for."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from fairwitness.kernel.refusals import Refusal
from fairwitness.site import embedded


def main() -> None:
    """Run one command. Without DATABASE_URL the embedded server of FAIRWITNESS_HOME is used, and started if need be."""
    if sys.argv[1:2] == ["dock"]:
        # A program of its own, which runs where nothing of ours is installed and wants neither database nor settings.
        program = Path(__file__).resolve().parents[1] / "dock" / "fairwitness_dock.py"
        os.execv(sys.executable, [sys.executable, str(program), *sys.argv[2:]])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairwitness.site.settings")
    if sys.argv[1:2] == ["site"]:
        # Before the settings are read, also by the processes that granian starts.
        os.environ["FAIRWITNESS_POOL"] = "1"
    try:
        with embedded.database():
            execute_from_command_line(sys.argv)
    except Refusal as refusal:
        sys.exit(f"fairwitness: {refusal.sentence}")


if __name__ == "__main__":
    main()
