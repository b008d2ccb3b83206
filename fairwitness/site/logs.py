"""What the server's log may say: who asked for which view and how it went, what failed and where; never what was in it.

No addresses with their query, no names, no cookies; of an error neither its message nor the values that it met, since
both repeat what people typed. What Django and others log is said by its pattern, with the values left out.
"""

import contextvars
import datetime as dt
import json
import logging
import re
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# The reference of the request that is being answered, so that every line about it carries it.
reference: contextvars.ContextVar[str] = contextvars.ContextVar("reference", default="")
# Whose lines are written whole: ours, and the queue's, which names jobs by the keys they were given.
TRUSTED = ("fairwitness", "procrastinate")
# What a line may carry besides.
EXTRAS = ("view", "method", "status", "status_code", "ms", "actor", "reference", "task", "job")
FRAMES = 30
WORD = re.compile(r"[a-z]{3}", re.IGNORECASE)


def told(record: logging.LogRecord) -> dict[str, Any]:
    """A line of the log by its parts."""
    at = dt.datetime.fromtimestamp(record.created, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    parts: dict[str, Any] = {
        "at": at,
        "level": record.levelname,
        "logger": record.name,
        "message": _message(record),
    }
    parts |= {name: record.__dict__[name] for name in EXTRAS if name in record.__dict__}
    if reference.get():
        parts.setdefault("reference", reference.get())
    if record.exc_info and record.exc_info[1]:
        parts["error"] = error(record.exc_info[1])
    return parts


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in TRUSTED:
        return record.getMessage()
    # A message without values of its own may have been put together with them; a pattern of values alone says nothing.
    pattern = str(record.msg) if record.args else ""
    return pattern if WORD.search(pattern) else "(left out)"


def error(found: BaseException) -> dict[str, Any]:
    """An error by its kind and where it happened, with what it came of."""
    cause = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    frames = traceback.extract_tb(found.__traceback__)[-FRAMES:]
    parts: dict[str, Any] = {
        "kind": f"{type(found).__module__}.{type(found).__qualname__}",
        "stack": [f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }
    for name in ("sqlstate", "errno"):
        if (code := getattr(found, name, None)) is not None:
            parts[name] = code
    if constraint := getattr(getattr(found, "diag", None), "constraint_name", None):
        parts["constraint"] = constraint
    return {**parts, "because": error(cause)} if cause else parts


def _place(name: str) -> str:
    path = Path(name)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else name


class JsonLines(logging.Formatter):
    """One JSON object a line, for a collector."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(told(record), ensure_ascii=False, default=str)


class Text(logging.Formatter):
    """The same for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        parts = told(record)
        failed = parts.pop("error", None)
        line = " ".join(str(parts.pop(name)) for name in ("at", "level", "logger", "message"))
        line += "".join(f" {name}={value}" for name, value in parts.items())
        while failed:
            line += f"\n  {failed['kind']}\n    " + "\n    ".join(failed["stack"])
            failed = failed.get("because")
        return line
