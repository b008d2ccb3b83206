"""What the media child may answer: the exact shape of each answer, and the sentence behind each reason.

The child has read untrusted bytes, so its answer is untrusted too: whatever is not listed here is refused.
"""

import re
import unicodedata
from typing import Any

# Why a recording cannot be seen or heard. The child only names the code; the words are ours.
REASONS = {
    "empty": "The file is empty.",
    "not_media": "No known kind of recording is recognised in these bytes.",
    "cut_short": "The file ends before its header is complete.",
    "encrypted": "The recording is encrypted, and its key is not here.",
    "nothing_to_see_or_hear": "The file holds neither pictures nor sound.",
    "only_a_header": "The file describes a recording but holds no pictures and no sound.",
    "codec_unknown": "The sound or picture is coded in a way that this system cannot decode.",
    "no_picture_decodes": "There is a picture track, but not one picture of it can be decoded.",
    "no_sound_decodes": "There is a sound track, but nothing of it can be decoded.",
    "no_sound": "The recording has no sound track.",
    "no_picture": "The recording has no picture track.",
    "nothing_decodes": "Neither a picture nor a sound of the recording can be decoded.",
}

_LONGEST_TEXT, _BIGGEST = 1000, 2**63


class Malformed(ValueError):
    """The answer is not one that we asked for."""


class Maybe:
    """Null, or what the inner shape says."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape


class Several:
    """A list of at most `most` things of one shape."""

    def __init__(self, shape: Any, most: int) -> None:
        self.shape, self.most = shape, most


def checked(untrusted: Any, shape: Any) -> Any:
    """The answer with cleaned text if it has exactly this shape; raises `Malformed` otherwise.

    A shape is `int` (64 bits, signed), `bool`, `str`, a set of the words allowed, a pattern for the whole text, `Maybe`,
    `Several`, a dict (exactly these keys) or a list of alternatives, of which the first that fits counts.
    """
    if isinstance(shape, Maybe):
        return None if untrusted is None else checked(untrusted, shape.shape)
    if isinstance(shape, dict):
        return _checked_object(untrusted, shape)
    if isinstance(shape, Several):
        if not isinstance(untrusted, list) or len(untrusted) > shape.most:
            raise Malformed("not a list of the right length")
        return [checked(part, shape.shape) for part in untrusted]
    if isinstance(shape, list):
        return _checked_alternatives(untrusted, shape)
    return _checked_value(untrusted, shape)


def _checked_object(untrusted: Any, shape: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(untrusted, dict) or untrusted.keys() != shape.keys():
        raise Malformed("not exactly the keys that were asked for")
    return {key: checked(untrusted[key], part) for key, part in shape.items()}


def _checked_alternatives(untrusted: Any, shapes: list[Any]) -> Any:
    for shape in shapes:
        try:
            return checked(untrusted, shape)
        except Malformed:
            continue
    raise Malformed("none of the alternatives")


def _checked_value(untrusted: Any, shape: Any) -> Any:
    if shape is bool or shape is int:
        # A bool is an int to Python, and not here.
        if type(untrusted) is not shape or not -_BIGGEST < untrusted < _BIGGEST:
            raise Malformed(f"not {shape.__name__}")
        return untrusted
    if not isinstance(untrusted, str) or len(untrusted) > _LONGEST_TEXT:
        raise Malformed("not a short text")
    if isinstance(shape, re.Pattern) and not shape.fullmatch(untrusted):
        raise Malformed("not a text of the right form")
    if isinstance(shape, frozenset) and untrusted not in shape:
        raise Malformed("not one of the words")
    return cleaned(untrusted)


def cleaned(text: str) -> str:
    """The text in NFC without anything that is not shown: controls, direction marks, half characters, line breaks."""
    shown = (" " if character in "\n\r\t" else character for character in text)
    kept = (c for c in shown if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def words(text: str) -> frozenset[str]:
    """A set of allowed words from one line."""
    return frozenset(text.split())


_REASON = frozenset(REASONS)
_RATIO = Several(int, 2)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_ZONE = re.compile(r"Z|[+-]\d\d:\d\d")

_STREAM = {
    "index": int,
    "kind": words("video audio data subtitle attachment"),
    "codec": Maybe(str),
    "profile": Maybe(str),
    "codec_tag": Maybe(str),
    "name": Maybe(str),
    "language": Maybe(str),
    "disposition": Several(str, 32),
    "meaning": Maybe(words("telemetry timecode unknown")),
    "bit_rate": Maybe(int),
    "time_base": _RATIO,
    "start_ticks": Maybe(int),
    "duration_ticks": Maybe(int),
    "packets": int,
    "keyframes": int,
    "bytes": int,
    "first_ticks": Maybe(int),
    "end_ticks": Maybe(int),
    "dated": bool,
    "undated": int,
    "backward": int,
    "discarded": int,
    "width": Maybe(int),
    "height": Maybe(int),
    "pixel_format": Maybe(str),
    "pixel_shape": Maybe(_RATIO),
    "frame_rate": Maybe(_RATIO),
    "variable": Maybe(bool),
    "gap_count": Maybe(int),
    "gaps": Maybe(Several({"at_ms": int, "length_ms": int}, 50)),
    "sample_rate": Maybe(int),
    "channels": Maybe(int),
}

_RECORDED_AT = {
    "text": Maybe(str),
    "tag": Maybe(str),
    "utc": Maybe(_MOMENT),
    "zone": Maybe(_ZONE),
    "clock": words("device_utc device_local container_default implausible absent"),
    "why": words(
        "no_time_in_file not_a_full_time time_never_set before_body_worn_video in_the_future zone_unknown utc_in_file "
        "zone_in_file"
    ),
}

_NOT_MADE = {"made": bool, "reason_code": _REASON}

# One shape for each verb; a child that refuses itself answers `REFUSED` instead.
ANSWERS: dict[str, Any] = {
    "probe": {
        "size": int,
        "readable": bool,
        "reason_code": Maybe(_REASON),
        "browser_playable": bool,
        "container": Several(str, 16),
        "brand": Maybe(str),
        "streams": Several(_STREAM, 64),
        "stream_count": int,
        "main_video": Maybe(int),
        "main_audio": Maybe(int),
        "timing": Maybe(words("in_file assumed_25_fps")),
        "declared_ms": Maybe(int),
        "found_ms": Maybe(int),
        "packet_faults": int,
        "recorded_at": _RECORDED_AT,
        "decoded": Maybe(words("all keyframes beginning")),
        "frames_decoded": int,
        "sound_frames_decoded": int,
        "video_faults": int,
        "audio_faults": int,
        "first_frame": Maybe(_DIGEST),
        "rotation": int,
        "frame_format": Maybe(str),
        "frame_width": int,
        "frame_height": int,
    },
    "filmstrip": [
        {"made": bool, "tile_width": int, "tile_height": int, "times_ms": Several(int, 200)},
        _NOT_MADE,
    ],
    "still": [{"made": bool, "width": int, "height": int, "at_ms": int}, _NOT_MADE],
    "waveform": [
        {"made": bool, "sound": words("heard silent"), "length_ms": int, "peaks": Several(int, 5000)},
        _NOT_MADE,
    ],
    "viewing_copy": [
        {
            "made": bool,
            "size": int,
            "timing": words("in_file assumed_25_fps"),
            "frames": int,
            "dropped": int,
            "faults": int,
            "width": int,
            "height": int,
            "has_sound": bool,
            "length_ms": int,
        },
        _NOT_MADE,
    ],
}

ANSWERS["clip"] = [
    {
        "made": bool,
        "how": words("copied encoded"),
        "size": int,
        "frames": int,
        "faults": int,
        "has_sound": bool,
        "cut_begins_ms": int,
        "cut_ends_ms": int,
    },
    _NOT_MADE,
]

WALLS = words("files network processes memory cpu output environment user")
DOCTOR = {wall: {"stands": bool, "why": str} for wall in WALLS}
REFUSED = [
    {"refused": words("wall_missing"), "walls": Several(WALLS, len(WALLS))},
    {"refused": words("memory output_too_large")},
]
