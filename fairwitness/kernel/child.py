"""The only way to have untrusted video read: starts the walled child of `fairwitness.media` and doubts its answer."""

import contextlib
import fcntl
import functools
import importlib.util
import json
import os
import selectors
import signal
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from fairwitness.kernel.blobs.blob import Reader, exactly
from fairwitness.kernel.child_answers import (
    ANSWERS,
    DOCTOR,
    REASONS,
    REFUSED,
    WALLS,
    Malformed,
    checked,
    cleaned,
)
from fairwitness.kernel.refusals import Refusal

# Isolated, without site, without the parent's paths: only where we, PyAV and numpy lie.
_FLAGS = ("-I", "-S", "-B", "-X", "utf8", "-c")
_PROGRAM = "import runpy; runpy.run_module('fairwitness.media', run_name='__main__', alter_sys=True)"
# All that the child gets as environment: libraries that would start threads or reserve memory by the processor count.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_MOST_COMPLAINTS = 1 << 20
_KEPT_COMPLAINTS = 2000
_MIB = 1 << 20
# What a verb is asked where the caller says nothing else.
_OPTIONS: dict[str, dict[str, int]] = {
    "filmstrip": {"tiles": 40},
    "still": {"at_ms": 0},
    "waveform": {"columns": 800},
    "clip": {"begins_ms": 0, "ends_ms": 1000, "exact": 0},
}


@dataclass(frozen=True)
class Limits:
    """What one child may use: wall-clock and processor seconds, address space, bytes of each output, of the answer."""

    seconds: int = 120
    cpu_seconds: int = 240
    memory_bytes: int = 2048 * _MIB
    output_bytes: int = 32 * _MIB
    answer_bytes: int = 4 * _MIB


DEFAULT = Limits()
# However large a recording is, nothing reads it for longer than this.
LONGEST = 6 * 3600

_SENTENCES = {
    "crashed": "The reader of recordings broke off at this file.",
    "timeout": "Reading this file took longer than is allowed.",
    "cpu": "Reading this file took more computing than is allowed.",
    "memory": "Reading this file took more memory than is allowed.",
    "output_too_large": "Reading this file gave more output than is allowed.",
    "malformed": "The reader of recordings gave an answer that cannot be trusted.",
    "wall_missing": "This machine cannot wall in the reader of recordings ({walls}), and the settings do not allow it.",
}


class MediaRefused(Refusal):
    """The child gave no answer that may be used; `reason_code` says why, `complaint` is its last words for a log."""

    code = "media_refused"
    status = 503

    def __init__(self, reason_code: str, *, walls: tuple[str, ...] = (), complaint: str = "") -> None:
        super().__init__(_SENTENCES[reason_code].format(walls=", ".join(walls)), reason_code=reason_code)
        self.reason_code = reason_code
        self.walls = walls
        self.complaint = complaint


class Wall(NamedTuple):
    """Whether a wall stood when it was attacked from inside, and what was seen."""

    stands: bool
    why: str


def limits_for(verb: str, size: int) -> Limits:
    """Limits for an honest recording of `size` bytes on a slow machine; a hostile one costs no more than these."""
    if verb in ("viewing_copy", "clip"):
        seconds = min(600 + size // 50_000, LONGEST)
        return Limits(seconds, 4 * seconds, 3072 * _MIB, max(256 * _MIB, 8 * size))
    seconds = min(DEFAULT.seconds + size // (10 * _MIB), LONGEST)
    return Limits(seconds, 2 * seconds)


def read_media(
    verb: str,
    source: Reader | BinaryIO | int,
    outputs: Mapping[str, Path] | None = None,
    *,
    options: Mapping[str, int] | None = None,
    limits: Limits | None = None,
    accept_missing_walls: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Have the child do one verb on the bytes of `source`; answers what it found, still to be called `untrusted_…`.

    `source` is a regular file opened for reading only, or the reader of a blob; its position is neither used nor
    moved. Where a blob's bytes do not lie plain in a file, the child asks us for them, range by range: it gets no
    key and no address, and its plain bytes reach no disk. The verbs, their
    outputs (files that do not exist yet and are made here) and options are:
    `probe`; `filmstrip` {picture} (tiles); `still` {picture} (at_ms); `waveform` {picture} (columns);
    `viewing_copy` {copy}; `clip` {clip} (begins_ms, ends_ms, exact: 0 or 1). The answer has exactly the shape in
    `child_answers.ANSWERS`; where it carries a `reason_code`, `reason` is added in words. An output that was not made
    does not remain.

    Raises `MediaRefused` with reason_code crashed, timeout, cpu, memory, output_too_large, malformed or wall_missing.
    Raises also what the blob's reader does.
    """
    size, descriptor = _at_hand(source)
    limits = limits or limits_for(verb, size)
    wish: dict[str, Any] = {
        "options": {**_OPTIONS.get(verb, {}), **(options or {})},
        "limits": _enforced(limits),
        "accept": sorted(accept_missing_walls & WALLS),
    }
    with _opened(outputs or {}) as descriptors, _handed(source, size, descriptor) as (handed, given, asked):
        untrusted = _converse(
            verb,
            {**wish, "source": handed, "outputs": descriptors},
            (*given, *descriptors.values()),
            limits,
            asked,
        )
        answer = _trusted_shape(untrusted, ANSWERS[verb])
        if not answer.get("made", True):
            _remove(outputs or {})
    if answer.get("reason_code"):
        answer["reason"] = REASONS[answer["reason_code"]]
    return answer


@functools.cache
def walls() -> dict[str, Wall]:
    """Every wall by name, as a child of ours found it by attacking it; asked once in the life of this process.

    Raises `MediaRefused` where not even that child could run.
    """
    limits = Limits(seconds=60, cpu_seconds=60)
    untrusted = _converse("doctor", {"limits": _enforced(limits), "outputs": {}}, (), limits)
    answer = _trusted_shape(untrusted, DOCTOR)
    return {wall: Wall(found["stands"], found["why"]) for wall, found in sorted(answer.items())}


def _enforced(limits: Limits) -> dict[str, int]:
    return {
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": limits.cpu_seconds,
        "output_bytes": limits.output_bytes,
    }


def _at_hand(source: Reader | BinaryIO | int) -> tuple[int, int | None]:
    """The size of the source, and the open file in which it lies, where there is one."""
    if isinstance(source, Reader) and source.descriptor is None:
        return source.size, None
    descriptor = _readable_only(source)
    return os.fstat(descriptor).st_size, descriptor


@contextlib.contextmanager
def _handed(
    source: Any, size: int, descriptor: int | None
) -> Iterator[tuple[int | dict[str, int], tuple[int, ...], "_Asked | None"]]:
    """What the child is told of the source, the descriptors that it gets, and who answers what it asks."""
    if descriptor is not None:
        yield descriptor, (descriptor,), None
        return
    asks, ask = os.pipe()
    answer, answers = os.pipe()
    with _Asked(source, asks, answers) as asked:
        try:
            yield {"ask": ask, "answer": answer, "size": size}, (ask, answer), asked
        finally:
            os.close(ask)
            os.close(answer)


def _readable_only(source: Reader | BinaryIO | int) -> int:
    if isinstance(source, Reader):
        descriptor = source.descriptor
        assert descriptor is not None
    else:
        descriptor = source if isinstance(source, int) else source.fileno()
    if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
        raise ValueError("the source must be opened for reading only: the child could write to it")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise ValueError("the source must be a regular file")
    return descriptor


@contextlib.contextmanager
def _opened(outputs: Mapping[str, Path]) -> Iterator[dict[str, int]]:
    """New files, open for the child to write; none remains when anything fails."""
    descriptors: dict[str, int] = {}
    try:
        for name, path in outputs.items():
            descriptors[name] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        yield descriptors
    except BaseException:
        _remove({name: outputs[name] for name in descriptors})
        raise
    finally:
        for descriptor in descriptors.values():
            os.close(descriptor)


def _remove(outputs: Mapping[str, Path]) -> None:
    for path in outputs.values():
        path.unlink(missing_ok=True)


def _trusted_shape(untrusted: bytes, shape: Any) -> dict[str, Any]:
    try:
        found = json.loads(untrusted, parse_float=_no_floats, parse_constant=_no_floats)
        if isinstance(found, dict) and "refused" in found:
            refused = checked(found, REFUSED)
            raise MediaRefused(refused["refused"], walls=tuple(refused.get("walls", ())))
        answer: dict[str, Any] = checked(found, shape)
    except (ValueError, RecursionError) as fault:
        raise MediaRefused("malformed", complaint=cleaned(str(fault))[:_KEPT_COMPLAINTS]) from fault
    return answer


def _no_floats(text: str) -> None:
    raise Malformed("a number that is not whole")


def _command(verb: str, wish: Mapping[str, Any]) -> list[str]:
    places = [Path(__file__).parents[2], *(_place_of(name) for name in ("av", "numpy"))]
    paths = sorted({str(place) for place in places})
    return [
        sys.executable,
        *_FLAGS,
        f"import sys; sys.path[:0] = {paths!r}; {_PROGRAM}",
        verb,
        json.dumps(wish),
    ]


def _place_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise MediaRefused("crashed", complaint=f"{package} is not installed")
    return Path(found.origin).parents[1]


def _converse(
    verb: str,
    wish: Mapping[str, Any],
    descriptors: tuple[int, ...],
    limits: Limits,
    asked: "_Asked | None" = None,
) -> bytes:
    """Start the child, hear it out within the limits, and see that nothing of it is left."""
    child = subprocess.Popen(
        _command(verb, wish),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=descriptors,
        env=_ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )
    heard = _Heard(child, limits, asked)
    try:
        reason = heard.listen(time.monotonic() + limits.seconds)
    finally:
        # Not yet waited for, so the group still has this number and no other can.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        heard.close()
    if reason is None and child.returncode != 0:
        # The machine's limit counts in coarser steps than its own report.
        reason = "cpu" if used.ru_utime + used.ru_stime >= 0.8 * limits.cpu_seconds else "crashed"
    if reason is not None:
        raise MediaRefused(reason, complaint=f"exit {child.returncode}: {heard.complaint()}")
    return bytes(heard.answer)


class _Asked:
    """Answers a child's questions for ranges of one blob: 12 bytes each, and never more than one at a time.

    A child that asks and does not listen keeps nobody waiting; one that asks for what is no range is not answered.
    """

    _QUESTION = struct.Struct("=QI")
    _LENGTH = struct.Struct("=I")
    _MOST = 1 << 20

    def __init__(self, source: Reader, asks: int, answers: int) -> None:
        self._source, self.asks, self.answers = source, asks, answers
        self._question, self._answer = b"", memoryview(b"")
        for end in (asks, answers):
            os.set_blocking(end, False)

    def __enter__(self) -> "_Asked":
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self.asks)
        os.close(self.answers)

    def waits_for(self) -> tuple[int, int]:
        """The end that must become ready before we can go on, and for what."""
        if self._answer:
            return self.answers, selectors.EVENT_WRITE
        return self.asks, selectors.EVENT_READ

    def go_on(self) -> bool:
        """Read what is asked, or write what is answered, as far as that goes now; False when no more will be asked."""
        try:
            if not self._answer:
                part = os.read(self.asks, self._QUESTION.size - len(self._question))
                self._question += part
                if not part:
                    return False
                if len(self._question) < self._QUESTION.size:
                    return True
                at, count = self._QUESTION.unpack(self._question)
                self._question = b""
                data = exactly(self._source, min(count, self._MOST), min(at, self._source.size))
                self._answer = memoryview(self._LENGTH.pack(len(data)) + data)
            self._answer = self._answer[os.write(self.answers, self._answer) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False
        return True


class _Heard:
    """Both mouths of a child and its end, listened to at once; never more kept than the limits say."""

    def __init__(self, child: "subprocess.Popen[bytes]", limits: Limits, asked: _Asked | None = None) -> None:
        assert child.stdout is not None and child.stderr is not None
        self.answer, self.complaints = bytearray(), bytearray()
        self._child, self._asked = child, asked
        self._most = {child.stdout: limits.answer_bytes, child.stderr: _MOST_COMPLAINTS}
        self._kept = {child.stdout: self.answer, child.stderr: self.complaints}

    def listen(self, deadline: float) -> str | None:
        """Until the child has ended; the reason to give up on it, or None."""
        end = os.pidfd_open(self._child.pid)
        with selectors.DefaultSelector() as selector, os.fdopen(end):
            selector.register(end, selectors.EVENT_READ)
            for mouth in self._most:
                os.set_blocking(mouth.fileno(), False)
                selector.register(mouth, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                with self._open_to_questions(selector) as end_of_asking:
                    ready = {key.fd for key, _ in selector.select(left)}
                if self._asked and end_of_asking in ready and not self._asked.go_on():
                    self._asked = None
                for mouth in self._most:
                    if not self._hear(mouth, selector):
                        return "output_too_large"
                if end in ready:
                    return None
        return "timeout"

    @contextlib.contextmanager
    def _open_to_questions(self, selector: selectors.BaseSelector) -> Iterator[int]:
        """Within the block the selector also waits for the next step of a question; answers the end it waits at."""
        if self._asked is None:
            yield -1
            return
        end, what = self._asked.waits_for()
        selector.register(end, what)
        yield end
        selector.unregister(end)

    def _hear(self, mouth: Any, selector: selectors.BaseSelector) -> bool:
        """Take what is there now; False when it is more than may be kept."""
        kept = self._kept[mouth]
        while len(kept) <= self._most[mouth]:
            try:
                part = os.read(mouth.fileno(), 65536)
            except BlockingIOError:
                return True
            if not part:
                # At its end it would be ready for ever.
                with contextlib.suppress(KeyError):
                    selector.unregister(mouth)
                return True
            kept += part
        return False

    def complaint(self) -> str:
        return cleaned(self.complaints[-_KEPT_COMPLAINTS:].decode(errors="replace"))

    def close(self) -> None:
        for mouth in self._most:
            mouth.close()
