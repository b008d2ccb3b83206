"""Cuts an interval out of a recording: packets as they were sealed, or pictures encoded anew from the very frame."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av

from fairwitness.media.decode import packets_of
from fairwitness.media.measure import measure
from fairwitness.media.playable import browser_plays
from fairwitness.media.probe import describe, start_seconds
from fairwitness.media.source import EXHAUSTED, FAULTY, Handed, Unreadable, WrittenBytes, open_media
from fairwitness.media.viewing_copy import Window, copied_within


def clip(source: Handed, clip: int, *, begins_ms: int, ends_ms: int, exact: int) -> dict[str, Any]:
    """Write what lies between two moments, in ms from the recording's start, as plain MP4 to `clip`.

    Unless it must be `exact`, packets are copied as they are where browsers play them so: from the key frame at or
    before the beginning, and to the end of what is needed to show the last picture. Else pictures and sound are
    encoded anew. Answers what was really cut (`cut_begins_ms`, `cut_ends_ms`) and how. Raises `Unreadable` where
    nothing is there.
    """
    with open_media(source) as container:
        facts = describe(container, measure(container))
    if not exact and (cut := _copyable(source, facts, begins_ms)) is not None:
        return _copied(source, clip, facts, cut, ends_ms)
    made = copied_within(source, clip, facts, Window(Fraction(begins_ms, 1000), Fraction(ends_ms, 1000)))
    if made["length_ms"] <= 0:
        raise Unreadable("nothing_decodes")
    return {
        **{name: made[name] for name in ("size", "frames", "faults", "has_sound")},
        "made": True,
        "how": "encoded",
        "cut_begins_ms": begins_ms,
        "cut_ends_ms": min(ends_ms, begins_ms + made["length_ms"]),
    }


def _main(facts: dict[str, Any], name: str) -> dict[str, Any] | None:
    return next((stream for stream in facts["streams"] if stream["index"] == facts[name]), None)


def _copyable(source: Handed, facts: dict[str, Any], begins_ms: int) -> Fraction | None:
    """Seconds on the file's clock of the key frame from which packets can be copied; None where they cannot be."""
    video, sound = _main(facts, "main_video"), _main(facts, "main_audio")
    main = [stream for stream in (video, sound) if stream is not None]
    # An edit list hides what a copy would show; times that go back, or are missing, cannot be cut at.
    plain = all(each["dated"] and not each["discarded"] and not each["backward"] for each in main)
    head = source.pread(64, 0)
    if video is None or not plain or "mp4" not in facts["container"] or facts["packet_faults"]:
        return None
    if not browser_plays(facts["container"], facts["brand"], head, video, sound):
        return None
    wanted = start_seconds(facts) + Fraction(begins_ms, 1000)
    base, found = Fraction(*video["time_base"]), None
    with open_media(source) as container:
        for packet in packets_of(container, video["index"]):
            if packet.pts is None:
                continue
            if packet.is_keyframe and packet.pts * base <= wanted:
                found = packet.pts * base
            elif packet.dts is not None and packet.dts * base > wanted:
                break
    return found


def _copied(source: Handed, clip: int, facts: dict[str, Any], cut: Fraction, ends_ms: int) -> dict[str, Any]:
    """Copy packets from `cut` on; everything is as late as its key frame is early."""
    start = start_seconds(facts)
    ends = start + Fraction(ends_ms, 1000)
    written = WrittenBytes(clip)
    main = [facts[name] for name in ("main_video", "main_audio") if facts[name] is not None]
    counted = dict.fromkeys(main, 0)
    last = cut
    try:
        with open_media(source) as container, av.open(written, "w", format="mp4") as output:
            tracks = {index: output.add_stream_from_template(container.streams[index]) for index in main}
            for packet in _between(container, facts, cut, ends):
                index, base = packet.stream.index, packet.time_base
                last = max(last, (packet.pts + (packet.duration or 0)) * base)
                shift = round(cut / base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = tracks[index]
                output.mux(packet)
                counted[index] += 1
    except av.FFmpegError as fault:
        raise written.failed or fault from fault
    if not counted[facts["main_video"]]:
        raise Unreadable("no_picture")
    return {
        "made": True,
        "how": "copied",
        "size": written.size,
        "frames": counted[facts["main_video"]],
        "faults": 0,
        "has_sound": bool(counted.get(facts["main_audio"], 0)),
        "cut_begins_ms": max(0, int((cut - start) * 1000)),
        "cut_ends_ms": int((last - start) * 1000),
    }


def _between(container: Any, facts: dict[str, Any], cut: Fraction, ends: Fraction) -> Iterator[Any]:
    """The packets from a key frame on until the end; of the picture also what later pictures before it lean on."""
    video, sound = facts["main_video"], facts["main_audio"]
    _sought(container, container.streams[video], cut)
    begun = False
    over: set[int] = set()
    for packet in packets_of(container, video, sound):
        index = packet.stream.index
        if packet.pts is None or packet.dts is None or not packet.size:
            continue
        at = packet.pts * packet.time_base
        if index == video:
            begun = begun or (packet.is_keyframe and at == cut)
            if packet.dts * packet.time_base >= ends:
                over.add(index)
        elif at >= ends:
            over.add(index)
        if len(over) == 1 + (sound is not None):
            return
        # Pictures that are shown before their key frame lean on what was cut away.
        if index not in over and at >= cut and (index != video or begun):
            yield packet


def _sought(container: Any, stream: Any, cut: Fraction) -> None:
    """Go near the key frame; where a file cannot be sought in, everything before it is read over."""
    try:
        container.seek(int(cut / stream.time_base), stream=stream)
    except EXHAUSTED:
        raise
    except FAULTY:
        return
