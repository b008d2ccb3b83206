"""Decodes as much of a recording as a fixed budget allows, counts faults, and digests the first picture."""

import hashlib
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from av.container import InputContainer
from av.video.frame import VideoFrame

from fairwitness.media.source import EXHAUSTED, FAULTY

# In pixels, so that the same file is always examined equally far, on a slow machine as on a fast one: about 750
# frames of 1080p at 6 Mbit/s, then about 1,000 key frames. A byte of code costs about as much work as 25 pixels.
_FULL_BUDGET = 2_000_000_000
_KEY_FRAME_BUDGET = 4_000_000_000
_PIXELS_A_BYTE = 25
_SOUND_BUDGET = 600 * 48_000  # samples: ten minutes at 48 kHz
_MOST_FAULTS = 10_000
_ROOM_BYTES = 32 * 1024 * 1024


@dataclass
class Examined:
    """What decoding found; `depth` is `all`, `keyframes` (all at first, then key frames evenly chosen) or `beginning`."""

    frames: int = 0
    sound_frames: int = 0
    depth: str = "all"
    video_faults: int = 0
    sound_faults: int = 0
    first_digest: str | None = None
    rotation: int = 0
    pixel_format: str | None = None
    width: int = 0
    height: int = 0


def frame_digest(frame: VideoFrame) -> str:
    """SHA-256 of a decoded picture in its own pixel format.

    Digested are the planes in their order, each row cropped from the decoder's line size to the bytes that the
    picture's width fills, rows from top to bottom; no header, no scaling, no change of colour. A plane's row holds
    for each of its components ceil(component width in the plane) samples of ceil(bits / 8) bytes; a format of one
    plane holds ceil(width x padded bits per pixel / 8) bytes.
    """
    digest = hashlib.sha256()
    for index, plane in enumerate(frame.planes):
        length = min(_row_length(frame, index), plane.line_size)
        rows, line = memoryview(plane), plane.line_size
        for row in range(plane.height):
            digest.update(rows[row * line : row * line + length])
    return "sha256:" + digest.hexdigest()


def _row_length(frame: VideoFrame, plane: int) -> int:
    picture = frame.format
    if len(frame.planes) == 1:
        return (frame.width * picture.padded_bits_per_pixel + 7) // 8
    # Planes beyond the components (a palette) are digested whole.
    parts = [part for part in picture.components if part.plane == plane]
    return sum(part.width * ((part.bits + 7) // 8) for part in parts) or frame.planes[plane].line_size


def stride(stream: dict[str, Any]) -> int:
    """Every how many of a stream's key frames may be decoded so that all of them together stay in the budget."""
    pixels: int = stream["keyframes"] * stream["width"] * stream["height"]
    # Most of a stream's bytes may be in its key frames, and no more.
    return 1 + int((pixels + stream["bytes"] * _PIXELS_A_BYTE // 2) // _KEY_FRAME_BUDGET)


def examine(container: InputContainer, video: int | None, sound: int | None, every: int) -> Examined:
    """Decode the streams of these indices: the picture fully at first, then every so manieth key frame."""
    found = Examined()
    spent, spent_samples, keys = 0, 0, 0
    for packet in packets_of(container, video, sound):
        if packet.stream.index == video:
            keys += packet.is_keyframe
            if spent > _FULL_BUDGET and packet.size and (not packet.is_keyframe or keys % every):
                found.depth = "keyframes"
                continue
            frames, faults = decoded(packet)
            found.video_faults += faults
            for frame in frames:
                _note_frame(found, frame)
            spent += _cost(packet, frames)
        elif spent_samples < _SOUND_BUDGET:
            frames, faults = decoded(packet)
            found.sound_faults += faults
            found.sound_frames += len(frames)
            spent_samples += sum(frame.samples for frame in frames)
        elif video is None:
            found.depth = "beginning"
            break
        if (
            spent > _FULL_BUDGET + 2 * _KEY_FRAME_BUDGET
            or found.video_faults + found.sound_faults > _MOST_FAULTS
        ):
            # Only where the file's own counts were false.
            found.depth = "beginning"
            break
    return found


def _cost(packet: Any, frames: list[VideoFrame]) -> int:
    return sum(frame.width * frame.height for frame in frames) + int(packet.size) * _PIXELS_A_BYTE


def packets_of(container: InputContainer, *indices: int | None) -> Iterator[Any]:
    """Packets of the chosen streams, with the empty ones that flush the decoders; ends at a fault that stays."""
    streams = [stream for stream in container.streams if stream.index in indices]
    packets = container.demux(*streams) if streams else iter(())
    for _ in range(_MOST_FAULTS):
        try:
            yield from packets
            return
        except EXHAUSTED:
            raise
        except FAULTY:
            packets = container.demux(*streams)


def decoded(packet: Any) -> tuple[list[Any], int]:
    """The frames of a packet and the number of faults: what cannot be decoded is counted, never fatal.

    Raises MemoryError where the machine's limit, and not the recording, may be the cause.
    """
    try:
        return packet.decode(), 0
    except EXHAUSTED:
        raise
    except FAULTY:
        _need_room(packet.stream.codec_context)
        return [], 1


def _need_room(decoder: Any) -> None:
    """Take and give back what a few more pictures need: FFmpeg calls data invalid when it got no memory for it."""
    pixels = decoder.width * decoder.height if decoder.type == "video" else 0
    try:
        mmap.mmap(-1, _ROOM_BYTES + 8 * pixels).close()
    except OSError as refused:
        raise MemoryError from refused


def _note_frame(found: Examined, frame: VideoFrame) -> None:
    found.frames += 1
    if found.frames == 1:
        found.first_digest = frame_digest(frame)
        found.rotation = clockwise(frame)
        found.pixel_format, found.width, found.height = frame.format.name, frame.width, frame.height


def clockwise(frame: VideoFrame) -> int:
    """Degrees by which the picture must be turned clockwise to stand upright: 0, 90, 180 or 270."""
    # A broken matrix gives the smallest integer there is; other angles than these are never shown turned.
    turn = -frame.rotation % 360
    return turn if turn in (90, 180, 270) else 0
