"""Says whether an MP4 file's own index declares its samples encrypted; nobody without the key can then see them."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from fairwitness.media.source import SourceBytes

# ISO/IEC 23001-7: protection schemes; 'schm' is a full box, so four bytes of version and flags stand between.
_SCHEMES = tuple(b"schm\0\0\0\0" + scheme for scheme in (b"cenc", b"cens", b"cbc1", b"cbcs"))
_MOST_INDEX = 64 * 1024 * 1024
_MOST_BOXES = 100_000


class _Box(NamedTuple):
    kind: bytes
    start: int
    end: int


def is_encrypted(source: SourceBytes) -> bool:
    """Whether a `moov` box of an ISO base media file (ISO/IEC 14496-12) names a scheme of common encryption."""
    for box in _top_boxes(source):
        if box.kind == b"moov":
            source.seek(box.start)
            index = source.read(min(box.end - box.start, _MOST_INDEX))
            return any(scheme in index for scheme in _SCHEMES)
    return False


def _top_boxes(source: SourceBytes) -> Iterator[_Box]:
    position = 0
    for _ in range(_MOST_BOXES):
        source.seek(position)
        header = source.read(16)
        if len(header) < 8:
            return
        size, kind = struct.unpack(">I4s", header[:8])
        if size == 1 and len(header) == 16:
            (size,) = struct.unpack(">Q", header[8:])
        end = source.size if size == 0 else position + size
        if end < position + 8:
            return
        yield _Box(kind, position, min(end, source.size))
        position = end
