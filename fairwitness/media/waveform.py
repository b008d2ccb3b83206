"""Draws the loudness of a recording over time, as a picture and as numbers."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from fairwitness.media.decode import decoded
from fairwitness.media.frames import Picture, png
from fairwitness.media.measure import measure
from fairwitness.media.probe import describe, start_seconds
from fairwitness.media.source import Handed, Unreadable, WrittenBytes, open_media

_WIDTH, _HEIGHT = 1600, 120
_COLOUR = (0x2E, 0x62, 0x76, 0xFF)
_SLICES_A_SECOND = 100
_MOST_SLICES = 48 * 3600 * _SLICES_A_SECOND
_FULL_SCALE = 32768
_SILENCE = 33  # of 32768: 60 dB below full scale


def waveform(source: Handed, picture: int, *, columns: int) -> dict[str, Any]:
    """Write a PNG of 1600 x 120 with a clear ground, symmetric peaks, and answer the peaks, 0 to 255, one a column.

    `sound` is `heard`, or `silent` where nothing is above -60 dB of full scale. The columns cover the whole
    recording, picture included: `length_ms` from its start. Raises `Unreadable` where there is no sound to draw.
    """
    with open_media(source) as container:
        facts = describe(container, measure(container))
    if facts["main_audio"] is None:
        raise Unreadable("no_sound")
    slices = _peaks(source, facts["main_audio"], start_seconds(facts))
    if slices is None:
        raise Unreadable("no_sound_decodes")
    length = max(len(slices), min((facts["found_ms"] or 0) * _SLICES_A_SECOND // 1000, _MOST_SLICES))
    slices = _room(slices, length)[:length]
    WrittenBytes(picture).write(png(_draw(_columns(slices, _WIDTH))))
    return {
        "made": True,
        "sound": "silent" if int(slices.max()) < _SILENCE else "heard",
        "length_ms": len(slices) * 1000 // _SLICES_A_SECOND,
        "peaks": _columns(slices, columns).tolist(),
    }


def _peaks(source: Handed, index: int, start: Fraction) -> NDArray[np.int32] | None:
    """The loudest sample of each hundredth of a second, 0 to 32768, placed by the time in the file."""
    slices = np.zeros(_SLICES_A_SECOND * 60, dtype=np.int32)
    used = 0
    for part in _sound(source, index):
        found = _loudest(part)
        place = max(0, int((_seconds(part) - start) * _SLICES_A_SECOND))
        if place + len(found) <= _MOST_SLICES:
            slices = _room(slices, place + len(found))
            slices[place : place + len(found)] = np.maximum(slices[place : place + len(found)], found)
            used = max(used, place + len(found))
    return slices[:used] if used else None


def _sound(source: Handed, index: int) -> Iterator[AudioFrame]:
    resampler = av.AudioResampler(format="s16")
    with open_media(source) as container:
        for packet in container.demux(container.streams[index]):
            for frame in decoded(packet)[0]:
                yield from resampler.resample(frame)


def _seconds(part: Any) -> Fraction:
    return Fraction(0) if part.pts is None else part.pts * Fraction(part.time_base)


def _loudest(part: Any) -> NDArray[np.int32]:
    """The peak over all channels of each hundredth of a second of a frame."""
    samples = np.abs(part.to_ndarray().reshape(-1).astype(np.int32))
    step = max(1, part.sample_rate * part.layout.nb_channels // _SLICES_A_SECOND)
    return np.maximum.reduceat(samples, np.arange(0, len(samples), step)).astype(np.int32)


def _room(slices: NDArray[np.int32], need: int) -> NDArray[np.int32]:
    """The slices with silence behind, at least `need` of them; doubled, so that growing stays cheap."""
    if need <= len(slices):
        return slices
    return np.concatenate([slices, np.zeros(max(need - len(slices), len(slices)), dtype=np.int32)])


def _columns(slices: NDArray[np.int32], columns: int) -> NDArray[np.int64]:
    """Peaks of equal parts of the time, 0 to 255; a recording shorter than the columns repeats its slices."""
    edges = np.arange(columns) * len(slices) // columns
    peaks = np.maximum.reduceat(slices, edges) if len(slices) >= columns else slices[edges]
    # Rounded up: the faintest sound that is heard is not drawn as none.
    return -(np.asarray(peaks, dtype=np.int64) * -255 // _FULL_SCALE)


def _draw(peaks: NDArray[np.int64]) -> Picture:
    reach = np.maximum(peaks * (_HEIGHT // 2 - 1) // 255, 0)
    from_middle = np.abs(np.arange(_HEIGHT) - _HEIGHT // 2)
    picture = np.zeros((_HEIGHT, len(peaks), 4), dtype=np.uint8)
    picture[from_middle[:, None] <= reach[None, :]] = _COLOUR
    return picture
