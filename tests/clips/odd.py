"""Two-second clips for the tests: what cameras deliver, and what arrives broken or with a wrong clock."""

import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from tests.clips.canvas import Canvas, Pixels
from tests.clips.film import sound_frames
from tests.clips.sound import tone

SECONDS: Final = 2
RATE: Final = 24
SIZE: Final = (320, 240)
HERTZ: Final = 48_000
RECORDED: Final = "2026-03-02T14:05:31.000000Z"
UNICODE_NAME: Final = "Zeugin Müller – 证人 – شاهد – 🎥.mp4"
LONG_NAME: Final = "traffic stop " + "on the corner of Western Avenue and Pleasant Street " * 4 + ".mp4"

# x264 and x265 give the same bytes for the same pictures only in one thread.
_X264: Final = {"preset": "ultrafast", "crf": "28", "threads": "1", "g": "24"}
_X265: Final = {
    "preset": "ultrafast",
    "crf": "30",
    "x265-params": "log-level=none:pools=none:frame-threads=1",
}


def make_test_clips(folder: Path) -> dict[str, Path]:
    """Write every test clip into the folder, anew, and return the paths by short name; takes a few seconds.

    Videos are 320 x 240, two seconds long, 24 frames a second, each frame with a dot further to the right and the
    frame's number. Broken ones: `truncated` (its end is missing), `random` (no media at all), `empty` (no bytes). No two
    files have the same bytes. Raises OSError where the file system refuses the long or the Unicode name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, Path] = {}
    for name, (file_name, make) in _CLIPS.items():
        made[name] = folder / file_name
        make(made[name])
    return made


@lru_cache(maxsize=1)
def _pictures() -> tuple[Pixels, ...]:
    return tuple(_picture(number) for number in range(SECONDS * RATE))


def _picture(number: int) -> Pixels:
    canvas = Canvas(np.zeros((SIZE[1], SIZE[0], 3), np.uint8))
    canvas.fade(0, 150, (90, 150, 205), (210, 226, 232))
    canvas.fade(150, 240, (96, 98, 102), (60, 62, 66))
    canvas.ellipse((20 + 6 * number, 140), 14, 14, (196, 60, 54), round_=0.4)
    canvas.text((12, 12), f"FRAME {number:02d}", 3, (20, 24, 30))
    return canvas.pixels


def _frames(times: Iterator[int] | range, base: Fraction) -> Iterator[av.VideoFrame]:
    for picture, moment in zip(_pictures(), times, strict=False):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = moment, base
        yield frame


def _add_video(
    container: OutputContainer, codec: str, options: dict[str, str], form: str = "yuv420p"
) -> VideoStream:
    stream = container.add_stream(codec, rate=RATE, options=options)
    if not isinstance(stream, VideoStream):
        raise TypeError(f"{codec} is no video codec")
    stream.width, stream.height, stream.pix_fmt = SIZE[0], SIZE[1], form
    return stream


def _mux_video(
    container: OutputContainer, stream: VideoStream, times: Iterator[int] | range, base: Fraction
) -> None:
    for frame in _frames(times, base):
        container.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
    container.mux(stream.encode(None))


def _add_sound(
    container: OutputContainer, codec: str, hertz: float, language: str = ""
) -> Callable[[], None]:
    """Add a track now, because all tracks come before the first packet; the returned function writes its sound."""
    stream = container.add_stream(codec, rate=HERTZ, layout="mono")
    if not isinstance(stream, AudioStream):
        raise TypeError(f"{codec} is no audio codec")
    if language:
        stream.metadata["language"] = language

    def write() -> None:
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=HERTZ)
        for frame in sound_frames(tone(SECONDS, hertz, HERTZ), HERTZ, stream.frame_size or 1024):
            for ready in resampler.resample(frame):
                container.mux(stream.encode(ready))
        container.mux(stream.encode(None))

    return write


def _film(
    path: Path,
    *,
    video: str = "libx264",
    options: dict[str, str] | None = None,
    form: str = "yuv420p",
    sound: str | None = "aac",
    container: str = "mp4",
    created: str | None = RECORDED,
    times: range | None = None,
    base: Fraction = Fraction(1, RATE),
) -> None:
    with av.open(str(path), "w", format=container) as output:
        if created is not None:
            output.metadata["creation_time"] = created
        picture = _add_video(output, video, _X264 if options is None else options, form)
        write = _add_sound(output, sound, 440) if sound else None
        _mux_video(output, picture, range(SECONDS * RATE) if times is None else times, base)
        if write:
            write()


def _variable_rate(path: Path) -> None:
    """Frames 20 ms apart in the first half, 80 ms apart in the second."""
    moments = [20 * n if n < 24 else 480 + 80 * (n - 24) for n in range(SECONDS * RATE)]
    with av.open(str(path), "w", format="mp4") as output:
        output.metadata["creation_time"] = RECORDED
        picture = _add_video(output, "libx264", _X264)
        picture.codec_context.time_base = Fraction(1, 1000)
        _mux_video(output, picture, iter(moments), Fraction(1, 1000))


def _rotated(path: Path) -> None:
    """The display matrix says a quarter turn clockwise; written into the track header, for which PyAV has no call."""
    _film(path)
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    content[matrix : matrix + 36] = struct.pack(
        ">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, SIZE[1] << 16, 0, 1 << 30
    )
    path.write_bytes(content)


def _many_tracks(path: Path) -> None:
    """Matroska with a picture, two languages of sound, subtitles and an attached text."""
    with av.open(str(path), "w", format="matroska") as output:
        output.metadata["creation_time"] = RECORDED
        picture = _add_video(output, "libx264", _X264)
        writers = [_add_sound(output, "aac", 440, "eng"), _add_sound(output, "libopus", 660, "spa")]
        subtitles = output.add_mux_stream("subrip")
        output.add_attachment("shift.txt", "text/plain", b"Unit 4A12, second shift\n")
        _mux_video(output, picture, range(SECONDS * RATE), Fraction(1, RATE))
        for write in writers:
            write()
        line = av.Packet(b"Good afternoon.")
        line.stream, line.pts, line.dts, line.duration, line.time_base = (
            subtitles,
            200,
            200,
            1500,
            Fraction(1, 1000),
        )
        output.mux(line)


def _data_track(path: Path) -> None:
    """An MPEG transport stream with a data track such as cameras use for positions, one packet a second."""
    with av.open(str(path), "w", format="mpegts") as output:
        picture = _add_video(output, "libx264", _X264)
        data = output.add_data_stream("klv")
        for second in range(SECONDS):
            packet = av.Packet(f"42.3736,-71.1097,{second}".encode())
            packet.stream, packet.pts, packet.dts, packet.time_base = (
                data,
                second * 1000,
                second * 1000,
                Fraction(1, 1000),
            )
            output.mux(packet)
        _mux_video(output, picture, range(SECONDS * RATE), Fraction(1, RATE))


def _sound_only(path: Path, codec: str, container: str) -> None:
    with av.open(str(path), "w", format=container) as output:
        _add_sound(output, codec, 440)()


def _clock_2099(path: Path) -> None:
    """A movie header of version 1, whose times have 64 bits: FFmpeg's muxer writes 32 and would wrap round to 2029.

    ISO/IEC 14496-12, 8.2.2; times count seconds from 1904. The header comes after the media, so no offset moves.
    """
    _film(path)
    content = path.read_bytes()
    movie, header = content.index(b"moov") - 4, content.index(b"mvhd") - 4
    scale, duration = struct.unpack_from(">II", content, header + 20)
    moment = int(
        (datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC) - datetime(1904, 1, 1, tzinfo=UTC)).total_seconds()
    )
    longer = struct.pack(">I4sIQQIQ", 108 + 12, b"mvhd", 1 << 24, moment, moment, scale, duration)
    size = struct.pack(">I", int.from_bytes(content[movie : movie + 4], "big") + 12)
    path.write_bytes(content[:movie] + size + content[movie + 4 : header] + longer + content[header + 28 :])


def _truncated(path: Path) -> None:
    """The last two fifths are missing, and with them the index, as when a camera loses power."""
    _film(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 3 // 5])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _random(path: Path) -> None:
    path.write_bytes(np.random.default_rng(7).bytes(40_000))


_CLIPS: Final[dict[str, tuple[str, Callable[[Path], None]]]] = {
    "plain": ("plain.mp4", _film),
    "silent": ("silent.mp4", lambda path: _film(path, sound=None)),
    "rotated": ("rotated.mp4", _rotated),
    "variable_rate": ("variable_rate.mp4", _variable_rate),
    "hevc": ("hevc.mp4", lambda path: _film(path, video="libx265", options=_X265)),
    "many_tracks": ("many_tracks.mkv", _many_tracks),
    "data_track": ("data_track.ts", _data_track),
    "avi": (
        "mjpeg.avi",
        lambda path: _film(
            path, video="mjpeg", options={}, form="yuvj420p", sound="pcm_s16le", container="avi"
        ),
    ),
    "raw_h264": ("raw.h264", lambda path: _film(path, sound=None, container="h264", created=None)),
    "raw_h265": (
        "raw.h265",
        lambda path: _film(path, video="libx265", options=_X265, sound=None, container="hevc", created=None),
    ),
    "wav": ("sound.wav", lambda path: _sound_only(path, "pcm_s16le", "wav")),
    "mp3": ("sound.mp3", lambda path: _sound_only(path, "libmp3lame", "mp3")),
    "truncated": ("truncated.mp4", _truncated),
    "random": ("random.mp4", _random),
    "empty": ("empty.mp4", _empty),
    "clock_1970": ("clock_1970.mp4", lambda path: _film(path, created="1970-01-01T00:00:09.000000Z")),
    "clock_2099": ("clock_2099.mp4", _clock_2099),
    "clock_missing": ("clock_missing.mp4", lambda path: _film(path, created=None)),
    "long_name": (LONG_NAME, lambda path: _film(path, created="2026-03-02T14:06:31.000000Z")),
    "unicode_name": (UNICODE_NAME, lambda path: _film(path, created="2026-03-02T14:07:31.000000Z")),
}
