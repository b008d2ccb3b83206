"""Makes a copy that every browser plays, in the same time: H.264 and AAC in plain MP4, upright, at most 1080 lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

from fairwitness.media.decode import clockwise, decoded, packets_of
from fairwitness.media.frames import pixel_shape, shown_size
from fairwitness.media.measure import measure
from fairwitness.media.probe import ASSUMED_RATE, describe, start_seconds
from fairwitness.media.source import EXHAUSTED, FAULTY, Handed, Unreadable, WrittenBytes, open_media

# MPEG's own clock: every usual frame rate is a whole number of ticks, or less than a tick from it.
_TICK = Fraction(1, 90_000)
_LONG_SIDE, _SHORT_SIDE = 1920, 1080
# Decoding begins so long before a window, so that sound decoders have found their feet.
_RUN_UP = Fraction(2)
_TURNS = {90: [("transpose", "clock")], 180: [("hflip", ""), ("vflip", "")], 270: [("transpose", "cclock")]}
_X264 = {"preset": "veryfast", "crf": "21", "threads": "2"}
_SOUND_RATE = 48_000


@dataclass(frozen=True)
class Window:
    """What of a recording is written, in seconds from its start: all of it, or from one moment to another."""

    begins: Fraction = Fraction(0)
    ends: Fraction | None = None

    @property
    def length(self) -> Fraction | None:
        """How long it is; None to the recording's end."""
        return None if self.ends is None else self.ends - self.begins


def viewing_copy(source: Handed, copy: int) -> dict[str, Any]:
    """Write the main picture and sound track as MP4 to `copy`; raises `Unreadable` where nothing of them decodes.

    Each picture keeps its time from the recording's start (raw streams: 25 a second, said as `timing`); pictures
    that would go back in time are dropped and counted in `dropped`. A hole in the sound becomes silence.
    """
    with open_media(source) as container:
        facts = describe(container, measure(container))
    made = copied_within(source, copy, facts, Window())
    return {"made": True, "timing": facts["timing"], **made}


def copied_within(source: Handed, copy: int, facts: dict[str, Any], window: Window) -> dict[str, Any]:
    """Write what lies within a window as MP4 to `copy`, from its first frame on; answers what that came to."""
    first = _first_frames(source, [facts["main_video"], facts["main_audio"]])
    if not first:
        raise Unreadable("nothing_decodes")
    written = WrittenBytes(copy)
    try:
        tracks = _write_tracks(source, written, facts, first, window)
    except av.error.ExternalError as fault:
        # The decoder's are counted as faults: this is the encoder's, which says no more when it gets no memory.
        raise MemoryError from fault
    except av.FFmpegError as fault:
        # The muxer only knows that writing failed.
        raise written.failed or fault from fault
    return {"size": written.size, **_summary(tracks)}


def _write_tracks(
    source: Handed, written: WrittenBytes, facts: dict[str, Any], first: dict[int, Any], window: Window
) -> "list[_Picture | _Sound]":
    with av.open(written, "w", format="mp4") as output:
        # All tracks must be known before the first packet is written.
        tracks = {index: _track(output, facts, index, frame, window) for index, frame in first.items()}
        for index, frame, faults in _all_frames(source, list(tracks), _sought(facts, window)):
            tracks[index].faults += faults
            if frame is not None:
                tracks[index].take(frame)
            if all(track.over for track in tracks.values()):
                break
        for track in tracks.values():
            track.end()
    return list(tracks.values())


def _summary(tracks: "list[_Picture | _Sound]") -> dict[str, Any]:
    picture = next((track for track in tracks if isinstance(track, _Picture)), None)
    return {
        "frames": picture.frames if picture else 0,
        "dropped": picture.dropped if picture else 0,
        "width": picture.size[0] if picture else 0,
        "height": picture.size[1] if picture else 0,
        "has_sound": any(isinstance(track, _Sound) for track in tracks),
        "faults": sum(track.faults for track in tracks),
        "length_ms": max(int(track.end_seconds * 1000) for track in tracks),
    }


def _sought(facts: dict[str, Any], window: Window) -> tuple[int, int] | None:
    """A stream and a tick in it at or before which it is enough to begin to decode; None for the very beginning."""
    index = facts["main_video"] if facts["main_video"] is not None else facts["main_audio"]
    stream = next((each for each in facts["streams"] if each["index"] == index), None)
    at = start_seconds(facts) + window.begins - _RUN_UP
    if window.begins <= _RUN_UP or stream is None or not stream["dated"] or facts["timing"] != "in_file":
        return None
    return stream["index"], int(at / Fraction(*stream["time_base"]))


def _all_frames(
    source: Handed, indices: list[int | None], sought: tuple[int, int] | None = None
) -> Iterator[tuple[int, Any, int]]:
    """Index, frame and faults of every packet of these streams; a packet without frames comes once, with None."""
    with open_media(source) as container:
        if sought:
            try:
                container.seek(sought[1], stream=container.streams[sought[0]])
            except EXHAUSTED:
                raise
            except FAULTY:
                pass  # everything before it is decoded, and left out
        for packet in packets_of(container, *indices):
            frames, faults = decoded(packet)
            yield packet.stream.index, None, faults
            for frame in frames:
                yield packet.stream.index, frame, 0


def _first_frames(source: Handed, indices: list[int | None]) -> dict[int, Any]:
    first: dict[int, Any] = {}
    wanted = [index for index in indices if index is not None]
    for index, frame, _ in _all_frames(source, indices) if wanted else ():
        if frame is not None:
            first.setdefault(index, frame)
        if len(first) == len(wanted):
            break
    return first


def _track(
    output: OutputContainer, facts: dict[str, Any], index: int, frame: Any, window: Window
) -> "_Picture | _Sound":
    stream = next(stream for stream in facts["streams"] if stream["index"] == index)
    clock = _SourceClock(stream, start_seconds(facts), window)
    if isinstance(frame, AudioFrame):
        return _Sound(output, clock, frame)
    return _Picture(output, clock, frame, pixel_shape(facts))


class _SourceClock:
    """Seconds from the window's beginning of each frame of one stream."""

    def __init__(self, stream: dict[str, Any], start: Fraction, window: Window) -> None:
        self.dated: bool = stream["dated"]
        rate = stream["frame_rate"]
        usual = Fraction(*rate) if rate and all(rate) else Fraction(ASSUMED_RATE)
        # Only a hint for the encoder: the pictures keep their times.
        self.rate = min(max(usual, Fraction(1)), Fraction(240))
        self._base = Fraction(*stream["time_base"])
        self._start = start + window.begins
        self.begins, self.length = window.begins, window.length

    def seconds(self, frame: Any) -> Fraction | None:
        if not self.dated or frame.pts is None:
            return None
        return Fraction(frame.pts * self._base - self._start)

    def is_past(self, at: Fraction) -> bool:
        """Whether a moment lies at the window's end or beyond."""
        return self.length is not None and at >= self.length


class _Picture:
    """Takes decoded pictures and writes them upright, scaled and in rising time."""

    def __init__(
        self, output: OutputContainer, clock: _SourceClock, first: VideoFrame, shape: Fraction
    ) -> None:
        self.frames = self.dropped = self.faults = 0
        self.over = False
        self.size = _size(first, shape)
        self._output, self._clock = output, clock
        self._stream: Any = output.add_stream("libx264", rate=clock.rate, options=_X264)
        self._stream.width, self._stream.height = self.size
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._stream.codec_context.time_base = _TICK
        self._way: Any = None
        self._way_from: tuple[int, int, str, int] | None = None
        self._seen, self._last, self._step = 0, -1, 0

    @property
    def end_seconds(self) -> Fraction:
        return (self._last + self._step) * _TICK

    def take(self, frame: VideoFrame) -> None:
        ticks = self._ticks(frame)
        self._seen += 1
        if ticks is not None and self._clock.is_past(ticks * _TICK):
            self.over = True
            return
        if ticks is None or ticks <= self._last:
            self.dropped += 1
            return
        upright = self._upright(frame)
        upright.pts, upright.time_base = ticks, _TICK
        # The source's own choice of key frames means nothing here.
        upright.pict_type = 0
        self._output.mux(self._stream.encode(upright))
        self._step = ticks - self._last if self.frames else 0
        self._last, self.frames = ticks, self.frames + 1

    def end(self) -> None:
        self._output.mux(self._stream.encode(None))

    def _ticks(self, frame: VideoFrame) -> int | None:
        if not self._clock.dated:
            return int((Fraction(self._seen, ASSUMED_RATE) - self._clock.begins) / _TICK)
        at = self._clock.seconds(frame)
        return None if at is None else round(at / _TICK)

    def _upright(self, frame: VideoFrame) -> VideoFrame:
        """Turned and scaled; the way there is built anew when the picture's size, format or turn changes."""
        kind = (frame.width, frame.height, frame.format.name, clockwise(frame))
        if kind != self._way_from:
            self._way, self._way_from = _way_upright(frame, self.size), kind
        self._way.vpush(frame)
        upright: VideoFrame = self._way.vpull()
        return upright


def _size(frame: VideoFrame, shape: Fraction) -> tuple[int, int]:
    turn = clockwise(frame)
    lying = (frame.width >= frame.height) == (turn in (0, 180))
    most = (_LONG_SIDE, _SHORT_SIDE) if lying else (_SHORT_SIDE, _LONG_SIDE)
    return shown_size(frame.width * shape, Fraction(frame.height), *most, turn)


def _way_upright(frame: VideoFrame, size: tuple[int, int]) -> Graph:
    graph = Graph()
    graph.threads = 2
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=_TICK)
    steps = [
        *_TURNS.get(clockwise(frame), []),
        ("scale", f"{size[0]}:{size[1]}:out_range=tv"),
        ("format", "yuv420p"),
        ("setsar", "1"),
        ("buffersink", ""),
    ]
    return _joined(graph, source, steps)


def _joined(graph: Graph, last: FilterContext, steps: list[tuple[str, str]]) -> Graph:
    for name, arguments in steps:
        step = graph.add(name, arguments or None)
        last.link_to(step)
        last = step
    graph.configure()
    return graph


class _Sound:
    """Takes decoded sound and writes it as AAC, with silence where the file has a hole."""

    def __init__(self, output: OutputContainer, clock: _SourceClock, first: AudioFrame) -> None:
        self.faults = 0
        self.over = False
        self._end = 0
        # Of sound that is not dated: it then begins before the window does.
        self._expected = -clock.begins
        self._output, self._clock = output, clock
        self._layout = "mono" if first.layout.nb_channels == 1 else "stereo"
        self._stream: Any = output.add_stream("aac", rate=_SOUND_RATE, layout=self._layout)
        self._way: Any = None
        self._way_from: tuple[int, str, str] | None = None

    @property
    def end_seconds(self) -> Fraction:
        return Fraction(self._end, _SOUND_RATE)

    def take(self, frame: AudioFrame) -> None:
        kind = (frame.sample_rate, frame.format.name, frame.layout.name)
        if kind != self._way_from:
            self._way, self._way_from = self._way_to_aac(frame), kind
        at = self._clock.seconds(frame)
        at = self._expected if at is None else at
        self._expected = at + Fraction(frame.samples, frame.sample_rate)
        if self._clock.is_past(at):
            self.over = True
            return
        if self._expected <= 0:
            return
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round(at * frame.sample_rate)
        self._way.push(frame)
        self._write()

    def end(self) -> None:
        if self._way is not None:
            self._way.push(None)
            self._write()
        self._output.mux(self._stream.encode(None))

    def _write(self) -> None:
        while True:
            try:
                sound = self._way.pull()
            except (BlockingIOError, EOFError):
                return
            # Time that went back in the source has left no hole: it only goes on here.
            sound.pts = max(self._end, self._end if sound.pts is None else sound.pts)
            self._end = sound.pts + sound.samples
            self._output.mux(self._stream.encode(sound))

    def _way_to_aac(self, frame: AudioFrame) -> Graph:
        graph = Graph()
        source = graph.add_abuffer(
            sample_rate=frame.sample_rate,
            format=frame.format,
            layout=frame.layout,
            time_base=Fraction(1, frame.sample_rate),
        )
        steps = [
            ("aresample", f"{_SOUND_RATE}:async=1000:first_pts=0"),
            ("aformat", f"sample_fmts=fltp:sample_rates={_SOUND_RATE}:channel_layouts={self._layout}"),
            ("asetnsamples", "1024:p=0"),
            ("abuffersink", ""),
        ]
        return _joined(graph, source, steps)
