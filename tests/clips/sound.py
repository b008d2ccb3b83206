"""Sounds computed from nothing: voices made of formants, steps, a siren, a radio's chirp, a street, an engine."""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

RATE: Final = 24_000

# First three formants of five vowels in hertz, after Peterson and Barney (1952), rounded.
_VOWELS: Final = np.array(
    [(730, 1090, 2440), (530, 1840, 2480), (270, 2290, 3010), (570, 840, 2410), (300, 870, 2240)], np.float64
)


def tone(seconds: float, hertz: float = 440.0, rate: int = RATE) -> Samples:
    """A plain tone at half of full scale."""
    return np.asarray(0.5 * np.sin(2 * np.pi * hertz * _times(seconds, rate)), np.float32)


def mixed(seconds: float, names: tuple[str, ...], rng: np.random.Generator) -> Samples:
    """The named sounds together, mono at RATE, within full scale. Raises KeyError for an unknown name."""
    total = np.zeros(round(seconds * RATE), np.float32)
    for name in names:
        total += _SOUNDS[name](seconds, rng)
    return np.asarray(np.tanh(total), np.float32)


def speech(seconds: float, rng: np.random.Generator) -> Samples:
    """Two voices in turn that say syllables without words: harmonics of a gliding pitch, shaped by formants."""
    times = _times(seconds)
    voice = (np.floor(times / 2.6).astype(int) % 2).astype(np.float64)
    pitch = np.where(voice > 0, 196.0, 112.0) * (
        1 + 0.09 * np.sin(2 * np.pi * 0.7 * times) - 0.1 * (times % 2.6) / 2.6
    )
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    marks = np.arange(0, seconds + 0.4, 0.21)
    vowels = _VOWELS[rng.integers(len(_VOWELS), size=len(marks))] * 1.02
    formants = [np.interp(times, marks, vowels[:, index]) for index in range(3)]
    total = np.zeros_like(times)
    for harmonic in range(1, 22):
        hertz = harmonic * pitch
        gain = sum(
            level / (1 + ((hertz - formant) / width) ** 2)
            for formant, level, width in zip(formants, (1.0, 0.6, 0.25), (90, 130, 190), strict=True)
        )
        total += gain * np.sin(harmonic * phase)
    loud = np.interp(times, marks, rng.choice([0.25, 0.8, 1.0], size=len(marks)))
    syllables = loud * (0.35 + 0.65 * np.abs(np.sin(np.pi * times / 0.21)))
    pauses = np.clip(np.minimum((times % 2.6) * 8, (2.25 - times % 2.6) * 8), 0, 1)
    return np.asarray(0.16 * total * syllables * pauses, np.float32)


def steps(seconds: float, rng: np.random.Generator) -> Samples:
    """Footsteps, not quite two a second."""
    total = np.zeros(round(seconds * RATE), np.float32)
    for start in np.arange(0.3, seconds - 0.2, 0.55):
        thud = _shaped(0.12, 90, 900, rng) * np.exp(-np.linspace(0, 9, round(0.12 * RATE)))
        total[int(start * RATE) : int(start * RATE) + len(thud)] += 0.7 * thud.astype(np.float32)
    return total


def siren(seconds: float, rng: np.random.Generator) -> Samples:
    """A wailing siren some way off."""
    times = _times(seconds)
    hertz = 900 + 450 * np.sin(2 * np.pi * 0.24 * times)
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    return np.asarray(0.1 * (np.sin(phase) + 0.3 * np.sin(2 * phase)), np.float32)


def radio(seconds: float, rng: np.random.Generator) -> Samples:
    """A radio: a chirp, then hiss with something said in it, once."""
    total = np.zeros(round(seconds * RATE), np.float32)
    start = int(rng.uniform(0.5, max(0.6, seconds - 4)) * RATE)
    chirp = np.concatenate([tone(0.07, 1300), tone(0.07, 1750)]) * 0.3
    said = 0.35 * np.sign(speech(1.8, rng)) * np.abs(speech(1.8, rng)) ** 0.5 + 0.03 * _shaped(
        1.8, 400, 3000, rng
    )
    call = np.concatenate([chirp, said.astype(np.float32), tone(0.05, 900) * 0.3])[: len(total) - start]
    total[start : start + len(call)] += call
    return total


def knock(seconds: float, rng: np.random.Generator) -> Samples:
    """Three knocks on a door in the second second."""
    total = np.zeros(round(seconds * RATE), np.float32)
    for start in (0.9, 1.15, 1.4):
        hit = _shaped(0.15, 120, 700, rng) * np.exp(-np.linspace(0, 12, round(0.15 * RATE)))
        total[int(start * RATE) : int(start * RATE) + len(hit)] += 1.4 * hit.astype(np.float32)
    return total


def _times(seconds: float, rate: int = RATE) -> npt.NDArray[np.float64]:
    return np.arange(round(seconds * rate)) / rate


def _shaped(seconds: float, low: float, high: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Noise between two frequencies, at most full scale."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    noise = np.fft.irfft(spectrum * np.exp(-np.clip(hertz - high, 0, None) / high) * (hertz > low), count)
    return np.asarray(noise / (np.abs(noise).max() + 1e-9))


def _noise(low: float, high: float, level: float) -> Callable[[float, np.random.Generator], Samples]:
    return lambda seconds, rng: np.asarray(level * _shaped(seconds, low, high, rng), np.float32)


def _engine(seconds: float, rng: np.random.Generator) -> Samples:
    times = _times(seconds)
    phase = 2 * np.pi * np.cumsum(62 + 8 * np.sin(0.8 * times)) / RATE
    return np.asarray(0.12 * np.sin(phase) + 0.08 * np.sin(2.5 * phase), np.float32) + _noise(30, 260, 0.12)(
        seconds, rng
    )


_SOUNDS: Final[dict[str, Callable[[float, np.random.Generator], Samples]]] = {
    "speech": speech,
    "steps": steps,
    "siren": siren,
    "radio": radio,
    "knock": knock,
    "engine": _engine,
    "street": _noise(60, 500, 0.1),
    "room": _noise(80, 240, 0.04),
    "night": _noise(2500, 4200, 0.03),
}
