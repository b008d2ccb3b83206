"""Moments of a recording as people write them: 1:02:03.250, 02:03, 65.5 seconds."""

import re

_SHAPE = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,9})(?:[.,](\d{1,3})\d*)?", re.ASCII)


def position_ms(text: str) -> int | None:
    """The milliseconds from the recording's start; None for what is no moment. Beyond milliseconds nothing is kept."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    # After a colon sixty is the next unit: 1:75 is a slip, 75 alone is not.
    if (found[1] and minutes > 59) or (found[2] and seconds > 59):
        return None
    return (hours * 3600 + minutes * 60 + seconds) * 1000 + int((found[4] or "").ljust(3, "0"))


def written(milliseconds: int) -> str:
    """The same as hours:minutes:seconds.thousandths."""
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}"
