"""Banned passwords: the agency's own list of known-bad ones, compared with whenever one is chosen (CJIS IA-5(1))."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from fairwitness.kernel import clock

# CJIS IA-5(1): the list is brought up to date at least quarterly.
FRESH_FOR = dt.timedelta(days=90)


def banned_list() -> Path | None:
    """The file that settings name, a password a line; None where they name none."""
    return Path(settings.FAIRWITNESS_BANNED_PASSWORDS) if settings.FAIRWITNESS_BANNED_PASSWORDS else None


def age(path: Path) -> dt.timedelta:
    """How long ago the list was last written. Raises OSError where it cannot be reached."""
    return clock.now() - dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)


class BannedPasswordValidator:
    """Refuses what the list holds, capital letters or not; read line by line each time, so that a long one fits."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a banned password, and for any while the list cannot be read."""
        path, chosen = banned_list(), password.strip().casefold()
        if path is None:
            return
        try:
            with path.open(encoding="utf-8", errors="replace") as lines:
                banned = any(line.strip().casefold() == chosen for line in lines)
        except OSError as error:
            sentence = _("The list of banned passwords cannot be read. Tell those who run this system.")
            raise ValidationError(sentence, code="banned_list_away") from error
        if banned:
            raise ValidationError(_("This password is known to be bad: choose another."), code="banned")

    def get_help_text(self) -> str:
        """What is said beside the field."""
        return _("Your password must not be one that is known to be bad.")
