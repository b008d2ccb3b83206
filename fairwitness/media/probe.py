"""Finds out what a recording holds: container, streams, times, clock, first picture, and whether it can be read."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from av.container import InputContainer

from fairwitness.media.clock import recorded_at
from fairwitness.media.decode import Examined, examine, stride
from fairwitness.media.measure import Measured, Track, measure, rhythm, ticks_to_ms
from fairwitness.media.playable import browser_plays
from fairwitness.media.protection import is_encrypted
from fairwitness.media.source import Handed, SourceBytes, Unreadable, open_media

# The decoder's name where it differs from the codec's: which library decodes is not a fact of the recording.
_CODEC_OF_DECODER = {
    "libdav1d": "av1",
    "mp3float": "mp3",
    "libvorbis": "vorbis",
    "libopus": "opus",
    "dca": "dts",
}
# Tracks of data that cameras write: GoPro, Android CAMM, QuickTime timed metadata and time code, MISB KLV.
_DATA_MEANINGS = {
    "gpmd": "telemetry",
    "camm": "telemetry",
    "mebx": "telemetry",
    "klv": "telemetry",
    "tmcd": "timecode",
}
_MOST_STREAMS = 64
ASSUMED_RATE = 25

# What is said of bytes that cannot even be opened.
_NOTHING: dict[str, Any] = {
    "readable": False,
    "reason_code": None,
    "browser_playable": False,
    "container": [],
    "brand": None,
    "streams": [],
    "stream_count": 0,
    "main_video": None,
    "main_audio": None,
    "timing": None,
    "declared_ms": None,
    "found_ms": None,
    "packet_faults": 0,
    "recorded_at": recorded_at([], datetime.now(UTC)),
}
# Facts that only one kind of stream has; the others say None.
_OF_PICTURES = (
    "width",
    "height",
    "pixel_format",
    "pixel_shape",
    "frame_rate",
    "variable",
    "gap_count",
    "gaps",
)
_OF_ONE_KIND = dict.fromkeys((*_OF_PICTURES, "sample_rate", "channels", "meaning"))


def probe(handed_in: Handed) -> dict[str, Any]:
    """Facts of the recording in integers and text; `readable` is False, with a `reason_code`, where nothing plays."""
    source = SourceBytes(handed_in)
    facts = {**_NOTHING, **_examined(Examined()), "decoded": None, "size": source.size}
    try:
        with open_media(handed_in) as container:
            facts.update(describe(container, measure(container)))
    except Unreadable as found:
        return {**facts, "reason_code": found.reason_code}
    with open_media(handed_in) as container:
        video = _by_index(facts, "main_video")
        every = 1 if video is None else stride(video)
        facts.update(_examined(examine(container, facts["main_video"], facts["main_audio"], every)))
    encrypted = "mp4" in facts["container"] and is_encrypted(source)
    facts["reason_code"] = _why_unreadable(facts, encrypted)
    facts["readable"] = facts["reason_code"] is None
    facts["browser_playable"] = facts["readable"] and _plays(facts, handed_in.pread(64, 0))
    return facts


def describe(container: InputContainer, measured: Measured) -> dict[str, Any]:
    """What container and packets say without decoding; the main streams are chosen by what they really hold."""
    streams = [
        _stream(stream, measured.tracks.get(stream.index, Track()))
        for stream in list(container.streams)[:_MOST_STREAMS]
    ]
    video = _main_video(streams)
    sound = _main_sound(streams)
    return {
        "container": container.format.name.split(","),
        "brand": container.metadata.get("major_brand", "").strip() or None,
        "streams": streams,
        "stream_count": len(container.streams),
        "main_video": video,
        "main_audio": sound,
        "timing": _timing(streams, video if video is not None else sound),
        "declared_ms": None if container.duration is None else max(0, container.duration // 1000),
        "found_ms": _found_ms(streams, video, sound),
        "packet_faults": measured.faults,
        "recorded_at": recorded_at(
            [container.metadata, *(stream.metadata for stream in container.streams)], datetime.now(UTC)
        ),
    }


def _stream(stream: Any, track: Track) -> dict[str, Any]:
    context = stream.codec_context
    base = stream.time_base or Fraction(1, 1000)
    facts: dict[str, Any] = {
        **_OF_ONE_KIND,
        "index": stream.index,
        "kind": stream.type
        if stream.type in ("video", "audio", "data", "subtitle", "attachment")
        else "data",
        "codec": None if context is None else _CODEC_OF_DECODER.get(context.name, context.name),
        "profile": None if context is None else stream.profile,
        "codec_tag": _tag(context),
        "name": stream.metadata.get("handler_name") or stream.metadata.get("title"),
        "language": stream.language,
        "disposition": [flag.name for flag in type(stream.disposition) if flag in stream.disposition],
        "bit_rate": None if context is None else context.bit_rate,
        "time_base": [base.numerator, base.denominator],
        "start_ticks": stream.start_time,
        "duration_ticks": stream.duration,
        "packets": track.packets,
        "keyframes": track.keyframes,
        "bytes": track.size,
        "first_ticks": track.first,
        "end_ticks": track.end,
        "undated": track.undated,
        "backward": track.backward,
        "discarded": track.discarded,
        "dated": track.dated,
    }
    if stream.type == "video" and context is not None:
        facts.update(_picture(stream, context), **rhythm(track, base))
    elif stream.type == "audio" and context is not None:
        facts.update({"sample_rate": context.sample_rate, "channels": context.layout.nb_channels})
    elif stream.type == "data":
        facts["meaning"] = _meaning(facts)
    return facts


def _picture(stream: Any, context: Any) -> dict[str, Any]:
    rate = stream.average_rate
    shape = context.sample_aspect_ratio
    return {
        "width": context.width,
        "height": context.height,
        "pixel_format": context.pix_fmt,
        "frame_rate": None if not rate else [rate.numerator, rate.denominator],
        "pixel_shape": [shape.numerator, shape.denominator] if shape and shape.denominator else [1, 1],
    }


def _tag(context: Any) -> str | None:
    tag = "" if context is None else context.codec_tag
    return tag if tag.isascii() and tag.isprintable() and tag else None


def _meaning(facts: dict[str, Any]) -> str:
    words = f"{facts['codec_tag'] or ''} {facts['codec'] or ''} {facts['name'] or ''}".lower()
    for word, meaning in _DATA_MEANINGS.items():
        if word in words:
            return meaning
    return "telemetry" if "gps" in words else "unknown"


def _main_video(streams: list[dict[str, Any]]) -> int | None:
    """The picture to show: not a cover, decodable, one with packets, then the largest, then the first."""
    pictures = [
        stream
        for stream in streams
        if stream["kind"] == "video" and stream["codec"] and "attached_pic" not in stream["disposition"]
    ]
    best = max(
        pictures,
        key=lambda stream: (
            stream["packets"] > 0,
            # A still beside a moving picture is its poster.
            stream["packets"] > 1,
            "default" in stream["disposition"],
            stream["width"] * stream["height"],
            -stream["index"],
        ),
        default=None,
    )
    return None if best is None else best["index"]


def _main_sound(streams: list[dict[str, Any]]) -> int | None:
    sounds = [stream for stream in streams if stream["kind"] == "audio" and stream["codec"]]
    best = max(
        sounds,
        key=lambda stream: (
            stream["packets"] > 0,
            "default" in stream["disposition"],
            stream["channels"],
            -stream["index"],
        ),
        default=None,
    )
    return None if best is None else best["index"]


def _by_index(facts: dict[str, Any], name: str) -> dict[str, Any] | None:
    return next((stream for stream in facts["streams"] if stream["index"] == facts[name]), None)


def _timing(streams: list[dict[str, Any]], main: int | None) -> str:
    dated = all(stream["dated"] for stream in streams if stream["index"] == main and stream["packets"])
    return "in_file" if dated else "assumed_25_fps"


def start_seconds(facts: dict[str, Any]) -> Fraction:
    """Seconds on the file's clock at which the earlier of the main streams begins: the recording's zero."""
    main = (facts["main_video"], facts["main_audio"])
    starts = [
        _begins(stream) * Fraction(*stream["time_base"])
        for stream in facts["streams"]
        if stream["index"] in main and stream["dated"]
    ]
    return min(starts, default=Fraction(0))


def _begins(stream: dict[str, Any]) -> int:
    """The tick of the first shown moment: sound tracks begin with samples that only start the decoder."""
    first: int = stream["first_ticks"]
    shown: int | None = stream["start_ticks"]
    return first if shown is None else max(first, shown)


def _found_ms(streams: list[dict[str, Any]], *main: int | None) -> int | None:
    """From the first to the end of the last packet of the main streams; raw video counts 25 frames a second."""
    spans = []
    for stream in streams:
        if stream["index"] in main and stream["packets"]:
            base = Fraction(*stream["time_base"])
            if stream["dated"]:
                spans.append((ticks_to_ms(_begins(stream), base), ticks_to_ms(stream["end_ticks"], base)))
            elif stream["kind"] == "video":
                spans.append((0, stream["packets"] * 1000 // ASSUMED_RATE))
    return max(end for _, end in spans) - min(start for start, _ in spans) if spans else None


def _examined(found: Examined) -> dict[str, Any]:
    return {
        "decoded": found.depth,
        "frames_decoded": found.frames,
        "sound_frames_decoded": found.sound_frames,
        "video_faults": found.video_faults,
        "audio_faults": found.sound_faults,
        "first_frame": found.first_digest,
        "rotation": found.rotation,
        "frame_format": found.pixel_format,
        "frame_width": found.width,
        "frame_height": found.height,
    }


def _why_unreadable(facts: dict[str, Any], encrypted: bool) -> str | None:
    """The code of the first reason why this cannot be seen or heard; None when it can."""
    media = [stream for stream in facts["streams"] if stream["kind"] in ("video", "audio")]
    if encrypted:
        return "encrypted"
    if not media:
        return "nothing_to_see_or_hear"
    if not any(stream["packets"] for stream in media):
        return "only_a_header"
    if facts["main_video"] is not None:
        return None if facts["frames_decoded"] else "no_picture_decodes"
    if facts["main_audio"] is None:
        return "codec_unknown"
    return None if facts["sound_frames_decoded"] else "no_sound_decodes"


def _plays(facts: dict[str, Any], head: bytes) -> bool:
    # A browser stops at the first fault, where a viewing copy goes on.
    if (
        facts["timing"] != "in_file"
        or facts["packet_faults"]
        or facts["video_faults"]
        or facts["audio_faults"]
    ):
        return False
    video, sound = _by_index(facts, "main_video"), _by_index(facts, "main_audio")
    if video is not None:
        video = {**video, "pixel_format": facts["frame_format"]}
    return browser_plays(facts["container"], facts["brand"], head, video, sound)
