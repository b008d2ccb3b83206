"""The child itself: raises its walls, tests them, and only then reads; one JSON object on standard output is all it says.

Started by `kernel.child` as `python -m fairwitness.media VERB {"source": fd, "outputs": {name: fd}, ...}`;
by hand only as `python -m fairwitness.media doctor`.
"""

import errno
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from fairwitness.media import doctor, walls
from fairwitness.media.clip import clip
from fairwitness.media.filmstrip import filmstrip, still
from fairwitness.media.probe import probe
from fairwitness.media.source import EXHAUSTED, Unreadable, handed
from fairwitness.media.viewing_copy import viewing_copy
from fairwitness.media.waveform import waveform

_BY_HAND = {"memory_bytes": 2 << 30, "cpu_seconds": 60, "output_bytes": 1 << 20}
_LONGEST_TEXT, _LONGEST_LIST = 1000, 5000
_BIGGEST = 2**63 - 1

# What may be asked; each takes the source, the descriptors of the outputs by name, and the options.
VERBS: dict[str, Callable[..., dict[str, Any]]] = {
    "probe": probe,
    "filmstrip": filmstrip,
    "still": still,
    "waveform": waveform,
    "viewing_copy": viewing_copy,
    "clip": clip,
}


def main(arguments: list[str]) -> int:
    """Do what was asked, once. Exit 0 with an answer, refusals included; anything else is a crash."""
    verb = arguments[0]
    wish = json.loads(arguments[1]) if len(arguments) > 1 else {}
    scratch = os.memfd_create("scratch")
    parent = walls.raise_walls(**wish.get("limits", _BY_HAND))
    found = doctor.try_walls(parent, scratch, spend_cpu=verb == "doctor")
    os.close(scratch)
    if verb == "doctor":
        return _answer({wall: {"stands": result.stands, "why": result.why} for wall, result in found.items()})
    missing = [wall for wall, result in found.items() if not result.stands and wall not in wish["accept"]]
    if missing:
        return _answer({"refused": "wall_missing", "walls": missing})
    return _answer(_do(VERBS[verb], wish))


def _do(verb: Callable[..., dict[str, Any]], wish: dict[str, Any]) -> dict[str, Any]:
    try:
        return verb(handed(wish["source"]), **wish["outputs"], **wish["options"])
    except Unreadable as found:
        return {"made": False, "reason_code": found.reason_code}
    except EXHAUSTED:
        return {"refused": "memory"}
    except OSError as failed:
        if failed.errno == errno.EFBIG:
            return {"refused": "output_too_large"}
        raise


def _answer(answer: dict[str, Any]) -> int:
    sys.stdout.write(json.dumps(_bounded(answer), ensure_ascii=True, allow_nan=False))
    sys.stdout.flush()
    return 0


def _bounded(value: Any) -> Any:
    """The answer within the bounds that the parent insists on: tags and times of a hostile file know none."""
    if isinstance(value, dict):
        return {key: _bounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_bounded(part) for part in value[:_LONGEST_LIST]]
    if isinstance(value, str):
        return value[:_LONGEST_TEXT]
    return max(-_BIGGEST, min(_BIGGEST, value)) if type(value) is int else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
