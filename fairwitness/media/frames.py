"""Upright pictures of a recording at wanted times, and the encoding of a picture as JPEG or PNG."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from fairwitness.media.decode import clockwise, decoded
from fairwitness.media.measure import measure, ticks_to_ms
from fairwitness.media.probe import ASSUMED_RATE, describe
from fairwitness.media.source import EXHAUSTED, FAULTY, Handed, Unreadable, open_media

Picture = NDArray[np.uint8]

# Up to here every frame is decoded in order, which finds the very frame; beyond, key frames are sought.
_SEQUENTIAL_BUDGET = 3_000_000_000
_JPEG_QUALITY = 4  # the encoder's scale: 2 best, 31 worst
_LAMBDA = 118  # FF_QP2LAMBDA


@dataclass(frozen=True)
class Timeline:
    """The main picture track of a recording as it was measured: where it starts and how long it runs."""

    stream: int
    start: int
    length_ms: int
    dated: bool
    base: Fraction
    pixels: int

    def ticks(self, at_ms: int) -> int:
        """The stream's own time, in ticks, of a moment in ms from the start."""
        return self.start + int(at_ms / (1000 * self.base))


def timeline(source: Handed) -> tuple[Timeline, dict[str, Any]]:
    """The main picture track and the facts as `probe` describes them; raises `Unreadable` where there is none."""
    with open_media(source) as container:
        facts = describe(container, measure(container))
    for stream in facts["streams"]:
        if stream["index"] == facts["main_video"] and stream["packets"]:
            base = Fraction(*stream["time_base"])
            span = stream["end_ticks"] - stream["first_ticks"] if stream["dated"] else 0
            length = ticks_to_ms(span, base) if stream["dated"] else stream["packets"] * 1000 // ASSUMED_RATE
            pixels = stream["packets"] * stream["width"] * stream["height"]
            start = stream["first_ticks"] if stream["dated"] else 0
            return Timeline(stream["index"], start, length, stream["dated"], base, pixels), facts
    raise Unreadable("no_picture")


def pixel_shape(facts: dict[str, Any]) -> Fraction:
    """Width of a pixel of the main picture track over its height; 1 where the file claims something absurd."""
    shape = next(
        stream["pixel_shape"] for stream in facts["streams"] if stream["index"] == facts["main_video"]
    )
    found = Fraction(*shape) if all(shape) else Fraction(1)
    return found if Fraction(1, 4) <= found <= 4 else Fraction(1)


def frames_at(source: Handed, line: Timeline, times_ms: list[int]) -> Iterator[tuple[int, VideoFrame]]:
    """For each wanted time the frame shown then, with its own time in ms; times must rise; no frame comes twice.

    Long recordings answer with the key frame before the wanted time, where seeking works.
    """
    last = None
    if line.dated and line.pixels > _SEQUENTIAL_BUDGET:
        found: Iterator[tuple[int, VideoFrame]] = _by_seeking(source, line, times_ms)
    else:
        found = _in_order(source, line, times_ms)
    for at, frame in found:
        if at != last:
            yield at, frame
        last = at


def _in_order(source: Handed, line: Timeline, times_ms: list[int]) -> Iterator[tuple[int, VideoFrame]]:
    wanted = iter(times_ms)
    next_wanted = next(wanted, None)
    shown = None
    with open_media(source) as container:
        for at, frame in _timed(container, line):
            while next_wanted is not None and shown is not None and at > next_wanted:
                yield shown
                next_wanted = next(wanted, None)
            if next_wanted is None:
                return
            shown = (at, frame)
    if shown is not None and next_wanted is not None:
        yield shown


def _by_seeking(source: Handed, line: Timeline, times_ms: list[int]) -> Iterator[tuple[int, VideoFrame]]:
    with open_media(source) as container:
        stream = container.streams[line.stream]
        for at_ms in times_ms:
            try:
                container.seek(line.ticks(at_ms), stream=stream)
            except EXHAUSTED:
                raise
            except FAULTY:
                continue
            first = next(_timed(container, line), None)
            if first is not None:
                yield first


def _timed(container: InputContainer, line: Timeline) -> Iterator[tuple[int, VideoFrame]]:
    """Decoded frames of the track with their time in ms from its start; faults are passed over."""
    count = 0
    for packet in container.demux(container.streams[line.stream]):
        for frame in decoded(packet)[0]:
            if not line.dated:
                yield count * 1000 // ASSUMED_RATE, frame
            elif frame.pts is not None:
                yield max(0, ticks_to_ms(frame.pts - line.start, line.base)), frame
            count += 1


def upright(frame: VideoFrame, most_width: int, most_height: int, shape: Fraction = Fraction(1)) -> Picture:
    """The frame as people should see it (turned upright, pixels square), no larger than asked; rows x columns x RGB."""
    turn = clockwise(frame)
    width, height = shown_size(frame.width * shape, Fraction(frame.height), most_width, most_height, turn)
    if turn in (90, 270):
        width, height = height, width
    pixels = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    return np.ascontiguousarray(np.rot90(pixels, -turn // 90)).astype(np.uint8)


def shown_size(
    width: Fraction, height: Fraction, most_width: int, most_height: int, turn: int
) -> tuple[int, int]:
    """Even width and height of the upright picture that keeps the shape, fits, and is not enlarged."""
    if turn in (90, 270):
        width, height = height, width
    scale = min(Fraction(1), most_width / width, most_height / height)
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


def jpeg(picture: Picture) -> bytes:
    """The picture as baseline JPEG, 4:2:0."""
    encoder = VideoCodecContext.create("mjpeg", "w")
    encoder.qscale = True
    encoder.global_quality = _JPEG_QUALITY * _LAMBDA
    return _encode(encoder, VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p"))


def png(picture: Picture) -> bytes:
    """The picture, rows x columns x RGBA, as PNG."""
    return _encode(VideoCodecContext.create("png", "w"), VideoFrame.from_ndarray(picture, format="rgba"))


def _encode(encoder: VideoCodecContext, frame: VideoFrame) -> bytes:
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, frame.format.name
    encoder.time_base = Fraction(1, ASSUMED_RATE)
    encoder.thread_count = 1
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
