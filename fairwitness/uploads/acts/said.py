"""What a sender says of a file: its words, read but not believed."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping

from fairwitness.department.doors import members_holding
from fairwitness.evidence.acts.seal import Said, clean
from fairwitness.kernel.agency import agency
from fairwitness.kernel.roles import Reach
from fairwitness.uploads.doors.reach import REACH
from fairwitness.uploads.models import Upload

SHA256 = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")


def digest_in(said: Mapping[str, str]) -> str | None:
    """The SHA-256 that is declared, in lower-case hex; empty when none is, None when it is none."""
    text = said.get("sha256", "").strip()
    found = SHA256.fullmatch(text)
    return found[1].lower() if found else None if text else ""


def moment(text: str) -> dt.datetime | None:
    """A time as RFC 3339 (or without zone, then in the agency's) in UTC; None when it cannot be read."""
    try:
        found = dt.datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=agency().tz)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def said_of(upload: Upload) -> Said:
    """What is said of an upload, as sealing takes it."""
    words = {name: upload.said.get(name, "") for name in ("incident", "label", "title", "external_id")}
    started = upload.said.get("started", "")
    return Said(
        source_name=upload.source_name,
        row=upload.said,
        started=moment(started),
        started_text=started,
        ended=moment(upload.said.get("ended", "")),
        device=upload.camera.serial if upload.camera else upload.said.get("device", ""),
        sha256=upload.sha256,
        by_hand=upload.by_hand,
        owner=upload.said.get("owner", "") if _may_name_owners(upload) else "",
        **words,
    )


def _may_name_owners(upload: Upload) -> bool:
    """Whether its sender reaches everybody's recordings, today; what others say of whose it is stays their word alone."""
    kind, _colon, pk = upload.by.partition(":")
    roles = [role for role, far in REACH["upload"].items() if far is Reach.ALL]
    return kind == "member" and any(members_holding(role).filter(pk=pk).exists() for role in roles)


def cleaned(said: Mapping[str, str]) -> dict[str, str]:
    """The words as columns can keep them: in NFC, without NUL, each bounded."""
    return {clean(name, 80): clean(value, 2000) for name, value in said.items()}


def file_name(said: Mapping[str, str], pk: uuid.UUID) -> str:
    """The name of the file as the sender says it, or the upload's key where none is said."""
    return said.get("filename", "").strip() or str(pk)
