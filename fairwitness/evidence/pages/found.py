"""What reading a recording found in the file, said in words that need no manual."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Facts = Mapping[str, Any]
Row = dict[str, Any]

_CONTAINERS = {
    "mp4": "MP4",
    "matroska": "Matroska (MKV, WebM)",
    "avi": "AVI",
    "asf": "Windows Media (ASF)",
    "mpegts": "MPEG transport stream",
    "mpeg": "MPEG program stream",
    "wav": "WAV",
    "mp3": "MP3",
    "flac": "FLAC",
    "ogg": "Ogg",
    "aac": "AAC",
    "amr": "AMR",
    "h264": "H.264",
    "hevc": "HEVC (H.265)",
    "flv": "Flash video",
}
_CODECS = {
    "h264": "H.264",
    "hevc": "HEVC (H.265)",
    "av1": "AV1",
    "vp8": "VP8",
    "vp9": "VP9",
    "mpeg4": "MPEG-4 Visual",
    "mpeg2video": "MPEG-2",
    "mjpeg": "Motion JPEG",
    "aac": "AAC",
    "mp3": "MP3",
    "opus": "Opus",
    "vorbis": "Vorbis",
    "flac": "FLAC",
    "ac3": "AC-3",
}


def rows(said: Facts) -> list[Row]:
    """The facts of a probe, in the order in which people ask for them; empty where nothing was recognised."""
    if not said["streams"]:
        return []
    rows = [*_streams(said), *_lengths(said), *_reading(said)]
    container = said["container"]
    named = next((_CONTAINERS[name] for name in container if name in _CONTAINERS), ", ".join(container))
    return [{"label": _("File"), "value": named}, *rows]


def _streams(said: Facts) -> Iterator[Row]:
    """Every stream by name: those that are shown first, then second pictures and sounds, and data."""
    main = (said["main_video"], said["main_audio"])
    for stream in sorted(said["streams"], key=lambda s: (s["index"] not in main, s["index"])):
        shown = stream["index"] in main
        name = stream["name"] if not shown or len(said["streams"]) > 2 else ""
        hint = " · ".join(filter(None, [name or "", "" if shown else _("kept, not shown in the player")]))
        yield {"label": _kind(stream, shown), "value": _details(stream, said), "hint": hint}
    if more := said["stream_count"] - len(said["streams"]):
        yield {
            "label": _("More"),
            "value": ngettext("{n} more stream", "{n} more streams", more).format(n=more),
        }


def _kind(stream: Facts, shown: bool) -> str:
    words = {
        "video": _("Picture") if shown else _("Second picture"),
        "audio": _("Sound") if shown else _("Second sound"),
        "subtitle": _("Subtitles"),
        "attachment": _("Attached file"),
    }
    return words.get(stream["kind"]) or _("Data")


def _details(stream: Facts, said: Facts) -> str:
    codec = stream["codec"]
    parts = [_CODECS.get(codec, codec) if codec else ""]
    if stream["kind"] == "video":
        parts += [
            _area(stream),
            _rate(stream),
            _turned(said) if stream["index"] == said["main_video"] else "",
        ]
    elif stream["kind"] == "audio":
        parts += [_channels(stream["channels"]), _hertz(stream["sample_rate"])]
    elif stream["kind"] == "data":
        words = {"telemetry": _("position and movement of the camera"), "timecode": _("time code")}
        parts.append(words.get(stream["meaning"], _("of unknown meaning")))
    return ", ".join(filter(None, parts)) or _("not recognised")


def _area(stream: Facts) -> str:
    return f"{stream['width']} × {stream['height']}" if stream["width"] else ""


def _rate(stream: Facts) -> str:
    if not stream["frame_rate"]:
        return ""
    frames, seconds = stream["frame_rate"]
    rate = f"{frames / seconds:.3f}".rstrip("0").rstrip(".")
    if stream["variable"]:
        return _("about {rate} frames a second, varying").format(rate=rate)
    return _("{rate} frames a second").format(rate=rate)


def _turned(said: Facts) -> str:
    return _("turned by {degrees}°").format(degrees=said["rotation"]) if said["rotation"] else ""


def _channels(count: int | None) -> str:
    return {1: _("one channel"), 2: _("two channels")}.get(
        count or 0, _("{n} channels").format(n=count) if count else ""
    )


def _hertz(rate: int | None) -> str:
    return _("{kilohertz} kHz").format(kilohertz=f"{rate / 1000:g}") if rate else ""


def _lengths(said: Facts) -> Iterator[Row]:
    stated, found = said["declared_ms"], said["found_ms"]
    if found is not None:
        # The two are rounded apart: a frame of difference is none.
        same = stated is not None and abs(stated - found) <= 50
        hint = "" if same else _("the file states {length}").format(length=_seconds(stated))
        yield {"label": _("Length"), "value": _seconds(found), "hint": hint}
    elif stated is not None:
        yield {
            "label": _("Length"),
            "value": _("{length}, as the file states").format(length=_seconds(stated)),
        }
    if said["timing"] == "assumed_25_fps":
        yield {"label": _("Timing"), "value": _("The file carries no times; 25 frames a second are assumed.")}


def _reading(said: Facts) -> Iterator[Row]:
    if text := said["recorded_at"]["text"]:
        yield {"label": _("Time in the file"), "value": text}
    faults = said["packet_faults"] + said["video_faults"] + said["audio_faults"]
    words = ngettext("{n} fault while reading", "{n} faults while reading", faults).format(n=faults)
    yield {"label": _("Soundness"), "value": words if faults else _("Read without a fault")}
    if said["first_frame"]:
        yield {"label": _("First picture"), "digest": said["first_frame"]}


def _seconds(milliseconds: int | None) -> str:
    """With thousandths: an examiner compares lengths by the frame."""
    if milliseconds is None:
        return _("nothing")
    minutes, rest = divmod(milliseconds, 60_000)
    seconds = _("{seconds} s").format(seconds=f"{rest / 1000:.3f}")
    return _("{minutes} min {rest}").format(minutes=minutes, rest=seconds) if minutes else seconds
