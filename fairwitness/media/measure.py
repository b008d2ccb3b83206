"""Walks once through all packets without decoding, and counts what each stream really holds."""

from array import array
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from av.container import InputContainer

from fairwitness.media.source import EXHAUSTED, FAULTY

_MOST_PACKETS = 20_000_000
_MOST_FAULTS_IN_A_ROW = 1000
_MOST_TIMES = 4_000_000
_MOST_GAPS = 50


@dataclass
class Track:
    """What was counted in one stream; times in the stream's own ticks."""

    packets: int = 0
    keyframes: int = 0
    size: int = 0
    undated: int = 0
    backward: int = 0
    discarded: int = 0
    first: int | None = None
    end: int | None = None
    _last_dts: int | None = None
    times: "array[int]" = field(default_factory=lambda: array("q"))

    def count(self, packet: Any) -> None:
        self.packets += 1
        self.size += packet.size
        self.keyframes += packet.is_keyframe
        if packet.dts is not None:
            self.backward += self._last_dts is not None and packet.dts <= self._last_dts
            self._last_dts = packet.dts
        if packet.is_discard:
            # An edit list says that this is decoded but never shown.
            self.discarded += 1
            return
        time = packet.pts if packet.pts is not None else packet.dts
        if time is None:
            self.undated += 1
            return
        end = time + (packet.duration or 0)
        self.first = time if self.first is None else min(self.first, time)
        self.end = end if self.end is None else max(self.end, end)
        if len(self.times) < _MOST_TIMES:
            self.times.append(time)

    @property
    def dated(self) -> bool:
        """Whether the file itself says when each packet belongs; raw streams do not."""
        return self.packets > self.undated and self.undated * 2 < self.packets


@dataclass
class Measured:
    """Every stream's track by its index, and how many packets could not be read."""

    tracks: dict[int, Track]
    faults: int = 0


def measure(container: InputContainer) -> Measured:
    """Count all packets of all streams; a fault in between is counted and passed over."""
    measured = Measured({stream.index: Track() for stream in container.streams})
    packets = container.demux()
    in_a_row = 0
    for _ in range(_MOST_PACKETS):
        try:
            packet = next(packets)
        except StopIteration:
            break
        except EXHAUSTED:
            raise
        except FAULTY:
            measured.faults, in_a_row = measured.faults + 1, in_a_row + 1
            if in_a_row >= _MOST_FAULTS_IN_A_ROW:
                break
            packets = container.demux()
            continue
        in_a_row = 0
        # Empty packets without a time flush decoders at the end; a stream may appear only while reading (MPEG-TS).
        if packet.size or packet.dts is not None:
            measured.tracks.setdefault(packet.stream.index, Track()).count(packet)
    return measured


def ticks_to_ms(ticks: int, base: Fraction) -> int:
    """Whole milliseconds, rounded down."""
    return ticks * 1000 * base.numerator // base.denominator


def rhythm(track: Track, base: Fraction) -> dict[str, Any]:
    """Whether the times between frames vary, and where at least a second (and five usual steps) is missing."""
    steps = (
        np.diff(np.sort(np.frombuffer(track.times, dtype=np.int64))) if len(track.times) > 1 else np.zeros(0)
    )
    if not len(steps):
        return {"variable": False, "gaps": [], "gap_count": 0}
    usual = int(np.median(steps))
    wide = steps >= max(5 * usual, int(1 / base))
    return {"variable": _varies(steps[~wide], usual, base), **_gaps(track, steps, wide, usual, base)}


def _varies(steps: Any, usual: int, base: Fraction) -> bool:
    # Containers round times to their ticks, Matroska to whole milliseconds; that is not a changing rate.
    slack = max(usual // 20, 1, int(Fraction(3, 2000) / base))
    # The very last step may be short or long in a file of constant rate.
    odd = int(np.count_nonzero(np.abs(steps - usual) > slack))
    return odd > max(1, len(steps) // 100)


def _gaps(track: Track, steps: Any, wide: Any, usual: int, base: Fraction) -> dict[str, Any]:
    places = np.flatnonzero(wide)
    times = np.sort(np.frombuffer(track.times, dtype=np.int64))
    start = int(times[0])
    found = [
        {
            "at_ms": ticks_to_ms(int(times[place]) + usual - start, base),
            "length_ms": ticks_to_ms(int(steps[place]) - usual, base),
        }
        for place in places[:_MOST_GAPS]
    ]
    return {"gaps": found, "gap_count": len(places)}
