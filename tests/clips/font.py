"""A bitmap font of our own, five dots wide and seven high, because PyAV can draw no text."""

from functools import cache, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

WIDTH: Final = 5
HEIGHT: Final = 7

# One letter per entry: seven rows from top to bottom, five bits each, the leftmost dot being bit 4.
_ROWS: Final[dict[str, str]] = {
    " ": "00 00 00 00 00 00 00",
    "-": "00 00 00 0E 00 00 00",
    ":": "00 04 04 00 04 04 00",
    ".": "00 00 00 00 00 0C 0C",
    "/": "01 01 02 04 08 10 10",
    "+": "00 04 04 1F 04 04 00",
    "0": "0E 11 11 11 11 11 0E",
    "1": "04 0C 04 04 04 04 0E",
    "2": "0E 11 01 02 04 08 1F",
    "3": "1F 02 04 02 01 11 0E",
    "4": "02 06 0A 12 1F 02 02",
    "5": "1F 10 1E 01 01 11 0E",
    "6": "06 08 10 1E 11 11 0E",
    "7": "1F 01 02 04 08 08 08",
    "8": "0E 11 11 0E 11 11 0E",
    "9": "0E 11 11 0F 01 02 0C",
    "A": "0E 11 11 1F 11 11 11",
    "B": "1E 11 11 1E 11 11 1E",
    "C": "0E 11 10 10 10 11 0E",
    "D": "1C 12 11 11 11 12 1C",
    "E": "1F 10 10 1E 10 10 1F",
    "F": "1F 10 10 1E 10 10 10",
    "G": "0E 11 10 17 11 11 0F",
    "H": "11 11 11 1F 11 11 11",
    "I": "0E 04 04 04 04 04 0E",
    "J": "07 02 02 02 02 12 0C",
    "K": "11 12 14 18 14 12 11",
    "L": "10 10 10 10 10 10 1F",
    "M": "11 1B 15 15 11 11 11",
    "N": "11 19 15 13 11 11 11",
    "O": "0E 11 11 11 11 11 0E",
    "P": "1E 11 11 1E 10 10 10",
    "Q": "0E 11 11 11 15 12 0D",
    "R": "1E 11 11 1E 14 12 11",
    "S": "0F 10 10 0E 01 01 1E",
    "T": "1F 04 04 04 04 04 04",
    "U": "11 11 11 11 11 11 0E",
    "V": "11 11 11 11 11 0A 04",
    "W": "11 11 11 15 15 1B 11",
    "X": "11 11 0A 04 0A 11 11",
    "Y": "11 11 0A 04 04 04 04",
    "Z": "1F 01 02 04 08 10 1F",
}


@cache
def _letter(letter: str) -> npt.NDArray[np.float32]:
    rows = [int(row, 16) for row in _ROWS[letter].split()]
    dots = [[row >> bit & 1 for bit in (4, 3, 2, 1, 0)] + [0] for row in rows]
    return np.array(dots, np.float32)


@lru_cache(maxsize=512)
def text_mask(text: str, dot: int) -> npt.NDArray[np.float32]:
    """How much of each pixel the text covers, 0 to 1, shaped (7 * dot, 6 * dot * len(text)).

    `dot` is the size of one dot in pixels; from three pixels on the corners are rounded. Raises KeyError for a
    character that the font does not have.
    """
    letters = np.hstack([_letter(letter) for letter in text])
    mask = letters.repeat(dot, axis=0).repeat(dot, axis=1)
    if dot < 3:
        return mask
    soft = _blurred(_blurred(mask, dot // 2), dot // 2)
    return np.asarray(np.clip((soft - 0.5) * dot + 0.5, 0.0, 1.0), np.float32)


def _blurred(mask: npt.NDArray[np.float32], reach: int) -> npt.NDArray[np.float32]:
    padded = np.pad(mask, reach)
    shifts = range(2 * reach + 1)
    down = sum(padded[s : s + mask.shape[0], :] for s in shifts)
    both = sum(np.asarray(down)[:, s : s + mask.shape[1]] for s in shifts)
    return np.asarray(both / (2 * reach + 1) ** 2, np.float32)
