"""The agency's own settings: what differs between two agencies is data in a profile, never code."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateformat import format as date_format
from pydantic import field_validator

from fairwitness.kernel import profiles
from fairwitness.kernel.profiles import Shape
from fairwitness.kernel.refusals import Invalid
from fairwitness.rules import business_days


class UploadRules(Shape):
    """How long bytes stay that came in and were not sealed, with the source of that rule; when an upload is left."""

    kept_days: int
    kept_source: str
    abandoned_after_days: int


class PrivacyRules(Shape):
    """What may be done with pictures of people: `locate_faces`, whether a program may look where a face is, to hide it.

    Never whose it is: nothing here recognises anybody, and no switch makes it. Where it is false, what is to be hidden
    is marked by hand alone.
    """

    locate_faces: bool


class _Said(Shape):
    """The table `agency`. `zone` is an IANA time zone; `log_origin` names its public log for ever."""

    name: str
    short_name: str
    product_line: str
    address: str
    phone: str
    email: str
    website: str
    zone: str
    language: str
    date_format: str
    log_origin: str
    official: str
    # Roles that must not meet in one person (CJIS AC-5), in pairs.
    apart: list[list[str]]
    # What is agreed to before signing in (CJIS AC-8): four statements.
    system_use: list[str]
    # The legal holidays by which business days are counted (rules/business_days.py).
    holidays: str
    # What whoever writes to the agency in public is told beforehand: who may come to read it, by which law.
    public_notice: str

    @field_validator("holidays")
    @classmethod
    def _are_known(cls, holidays: str) -> str:
        if holidays not in business_days.PLACES:
            raise ValueError(f"known holidays are those of {', '.join(business_days.PLACES)}")
        return holidays

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        try:
            return ZoneInfo(zone).key
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("this is no IANA time zone") from error


class _File(Shape):
    """The file `agency.toml`."""

    agency: _Said
    uploads: UploadRules
    privacy: PrivacyRules
    # The documents that the policy book cites by file name, each by its title.
    sources: dict[str, str]


class Agency(_Said):
    """One agency: what its profile says of it."""

    key: str
    uploads: UploadRules
    privacy: PrivacyRules
    sources: dict[str, str]

    @property
    def month_first(self) -> bool:
        """Whether 03/04 is the fourth of March here."""
        return self.date_format.startswith("M")

    def cited(self, source: str) -> str:
        """A source of a rule as people read it: documents by title, for which the policy book has file names."""
        for name, title in self.sources.items():
            source = source.replace(name, f"“{title}”")
        return source

    def apart_from(self, role: str) -> frozenset[str]:
        """The roles that must not meet `role` in one person."""
        return frozenset(other for pair in self.apart if role in pair for other in pair if other != role)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def midnight(self, day: dt.date) -> dt.datetime:
        """The moment at which `day` begins here; a day of 23 or 25 hours ends where the next begins."""
        return dt.datetime.combine(day, dt.time(), self.tz)

    def day(self, moment: dt.datetime) -> dt.date:
        """The day that it is here at `moment`."""
        return moment.astimezone(self.tz).date()

    def written(self, moment: dt.datetime) -> str:
        """A moment as the agency writes it in a sentence: day and time here, to the minute."""
        return date_format(moment.astimezone(self.tz), f"{self.date_format}, H:i")


def load(key: str) -> Agency:
    """The profile called `key`. Raises Invalid naming file, line and field when it cannot be used."""
    file = profiles.read(key, "agency", _File)
    return Agency(
        key=key, uploads=file.uploads, privacy=file.privacy, sources=file.sources, **file.agency.model_dump()
    )


def agency() -> Agency:
    """The agency that this installation serves."""
    if not _cache:
        _cache.append(load(settings.FAIRWITNESS_AGENCY))
    return _cache[0]


_cache: list[Agency] = []


def claim_home(home: Path, key: str) -> None:
    """Bind this home to one agency; a second agency in the same home is refused, and nothing is written."""
    mark = home / "agency"
    if not mark.exists():
        home.mkdir(parents=True, exist_ok=True)
        mark.write_text(key + "\n", encoding="utf-8")
    bound = mark.read_text(encoding="utf-8").strip()
    if bound != key:
        raise Invalid(f"{home} belongs to the agency “{bound}”; give “{key}” a FAIRWITNESS_HOME of its own.")
