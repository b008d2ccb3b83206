"""The agency's own settings: what differs between two agencies is data in a profile, never code."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from fairwitness.kernel.refusals import Invalid

PROFILES = Path(__file__).parent / "profiles"


@dataclass(frozen=True)
class UploadRules:
    """How long bytes stay that came in and were not sealed, with the source of that rule; when an upload is left."""

    kept_days: int
    kept_source: str
    abandoned_after_days: int


@dataclass(frozen=True)
class PrivacyRules:
    """What may be done with pictures of people: `locate_faces`, whether a program may look where a face is, to hide it.

    Never whose it is: nothing here recognises anybody, and no switch makes it. Where it is false, what is to be hidden
    is marked by hand alone.
    """

    locate_faces: bool

    def __post_init__(self) -> None:
        if not isinstance(self.locate_faces, bool):
            raise ValueError("[privacy] locate_faces is true or false, nothing else")


@dataclass(frozen=True)
class Agency:
    """One agency. `zone` is an IANA time zone; `log_origin` names its public log for ever."""

    key: str
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
    uploads: UploadRules
    privacy: PrivacyRules
    # Roles that must not meet in one person (CJIS AC-5), in pairs.
    apart: tuple[tuple[str, str], ...]
    # What is agreed to before signing in (CJIS AC-8): four statements.
    system_use: tuple[str, ...]

    @property
    def month_first(self) -> bool:
        """Whether 03/04 is the fourth of March here."""
        return self.date_format.startswith("M")

    def apart_from(self, role: str) -> frozenset[str]:
        """The roles that must not meet `role` in one person."""
        return frozenset(other for pair in self.apart if role in pair for other in pair if other != role)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


def load(key: str) -> Agency:
    """The profile called `key`. Raises Invalid naming file and field when it cannot be used."""
    path = PROFILES / f"{key}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in PROFILES.glob("*.toml")))
        raise Invalid(f"There is no agency profile “{key}”. Known: {known}.")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        said = table["agency"]
        apart = tuple((str(one), str(other)) for one, other in said.pop("apart"))
        system_use = tuple(map(str, said.pop("system_use")))
        uploads = UploadRules(**table["uploads"])
        privacy = PrivacyRules(**table["privacy"])
        return Agency(key=key, uploads=uploads, privacy=privacy, apart=apart, system_use=system_use, **said)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise Invalid(f"{path.name}: {error}") from error


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
