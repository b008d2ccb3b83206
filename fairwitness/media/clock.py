"""Finds when a recording says it was made, keeps its own words beside, and says how far that clock can be believed."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

# Tags in the order of trust: one that carries the device's own zone says most. QuickTime's creation date
# (Apple, "QuickTime File Format": com.apple.quicktime.creationdate); MP4 `mvhd` creation time, UTC by ISO/IEC 14496-12
# 8.2.2; Matroska DateUTC; RIFF ICRD and ID3 TDRC reach us as "date".
_TAGS = ("com.apple.quicktime.creationdate", "creation_time", "date_recorded", "creation date", "date")
_UTC_BY_DEFINITION = {"creation_time"}
# What writers put there when they know no time: the epochs of MP4, Unix, FAT, and common resets of cameras.
_NO_CLOCK_YEARS = {1904, 1970, 1980, 2000}
_FIRST_PLAUSIBLE_YEAR = 1995

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?)?\s*(Z|[+-]\d\d:?\d\d)?"
)


def recorded_at(tag_sets: list[Mapping[str, str]], now: datetime) -> dict[str, Any]:
    """The first time found in the tags of the container, then of its streams, and how good it is.

    Answers text (as found), utc (RFC 3339 or None), zone ("Z", "+02:00" or None), tag, clock and why:
    `device_utc` a full time in UTC; `device_local` a time in the device's own zone or in an unknown one (utc is None
    where unknown); `container_default` a time that means "not set"; `implausible`; `absent`.
    """
    for tag, text in _candidates(tag_sets):
        return {"text": text, "tag": tag, **_judge(tag, text, now)}
    return {"text": None, "tag": None, "utc": None, "zone": None, "clock": "absent", "why": "no_time_in_file"}


def _candidates(tag_sets: list[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    lowered = [{name.lower(): value for name, value in tags.items()} for tags in tag_sets]
    for tag in _TAGS:
        for tags in lowered:
            if tags.get(tag, "").strip():
                yield tag, tags[tag].strip()


def _judge(tag: str, text: str, now: datetime) -> dict[str, Any]:
    moment, zone = _read(text, in_utc=tag in _UTC_BY_DEFINITION)
    if moment is None:
        return {"utc": None, "zone": None, "clock": "device_local", "why": "not_a_full_time"}
    utc = moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z") if zone else None
    clock, why = _quality(moment, zone, now)
    return {"utc": utc, "zone": zone, "clock": clock, "why": why}


def _quality(moment: datetime, zone: str | None, now: datetime) -> tuple[str, str]:
    if (moment.month, moment.day) == (1, 1) and moment.hour == 0 and moment.year in _NO_CLOCK_YEARS:
        return "container_default", "time_never_set"
    if moment.year < _FIRST_PLAUSIBLE_YEAR:
        return "implausible", "before_body_worn_video"
    if moment.replace(tzinfo=moment.tzinfo or UTC) > now + timedelta(days=1):
        return "implausible", "in_the_future"
    if zone is None:
        return "device_local", "zone_unknown"
    return ("device_utc", "utc_in_file") if zone == "Z" else ("device_local", "zone_in_file")


def _read(text: str, *, in_utc: bool) -> tuple[datetime | None, str | None]:
    found = _MOMENT.fullmatch(text)
    if found is None or found[4] is None:
        return None, None
    year, month, day, hour, minute = (int(found[i]) for i in range(1, 6))
    zone = _zone(found[8]) or ("Z" if in_utc else None)
    try:
        moment = datetime.fromisoformat(
            f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{int(found[6] or 0):02}"
            f".{(found[7] or '').ljust(6, '0')}{(zone or '').replace('Z', '+00:00')}"
        )
    except ValueError:
        return None, None
    return moment, zone


def _zone(text: str | None) -> str | None:
    if text is None or text == "Z":
        return text
    zone = text if ":" in text else f"{text[:3]}:{text[3:]}"
    return "Z" if zone in ("+00:00", "-00:00") else zone
