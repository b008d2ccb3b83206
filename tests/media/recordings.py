"""Small recordings made on the spot, each with one property that a test asks for."""

import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def picture(number: int, width: int = 320, height: int = 180) -> "av.VideoFrame":
    """A frame that differs from every other: a bright column that moves by four pixels a frame."""
    pixels = np.full((height, width, 3), 40, dtype=np.uint8)
    left = number * 4 % width
    pixels[:, left : left + 8] = (230, 200, 30)
    return av.VideoFrame.from_ndarray(pixels, format="rgb24")


def video(
    path: Path,
    times_ms: Iterable[int],
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (320, 180),
    container: str | None = None,
    tags: dict[str, str] | None = None,
    gop: int = 12,
) -> Path:
    """Write one frame at each of the times."""
    with av.open(str(path), "w", format=container) as output:
        output.metadata.update(tags or {})
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = gop
        for number, at in enumerate(times_ms):
            frame = picture(number, *size)
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def tone(
    path: Path, seconds: int, *, codec: str = "pcm_s16le", loud: float = 0.5, rate: int = 16_000
) -> Path:
    """Write a mono tone of 440 Hz whose second half is silent."""
    count = seconds * rate
    samples = np.sin(np.arange(count) * 2 * np.pi * 440 / rate) * loud * 32767
    samples[count // 2 :] = 0
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        for start in range(0, count, rate // 10):
            part = samples[start : start + rate // 10].astype(np.int16)[None, :]
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def frame_times_ms(path: Path) -> list[int]:
    """The times of all decoded pictures, in whole ms from the first stream time."""
    with av.open(str(path)) as container:
        return [
            round((frame.pts or 0) * Fraction(frame.time_base or 0) * 1000)
            for frame in container.decode(video=0)
        ]


def turned(path: Path) -> Path:
    """Rewrite the matrix of the only track so that it is to be shown turned 90 degrees clockwise (ISO/IEC 14496-12)."""
    content = bytearray(path.read_bytes())
    # Box name, then version, flags, two times, track, reserved, duration, and eight bytes and eight more.
    matrix = content.index(b"tkhd") + 4 + 40
    content[matrix : matrix + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path
