"""What the acts of this room share: the digest of a text, and the writing of a version."""

import hashlib
from collections.abc import Mapping
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field

from fairwitness.kernel import clock, profiles
from fairwitness.kernel.change import OpenEntry
from fairwitness.kernel.profiles import Shape
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.policy import doors
from fairwitness.policy.models import Content, Document, Text, Version
from fairwitness.rules.canonical import canonical


def digest_of(content: Content) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of what a version says, in lower-case hex."""
    return hashlib.sha256(canonical(content.as_json())).hexdigest()


class _Because(Shape):
    because: Annotated[Text, Field(max_length=2000)]


def reason(because: str) -> str:
    """Why a version is to change, as it is kept. Raises Invalid where nothing is said, or what cannot be shown."""
    try:
        return profiles.checked({"because": because}, _("proposal"), _Because).because
    except Invalid as refusal:
        words = _("Say why it is to change.") if not because.strip() else refusal.details["message"]
        raise Invalid(words, because=[words]) from refusal


def check_categories(version: Version) -> None:
    """Raise WrongState where a version takes out categories that records still carry, naming each and how many do.

    Without its rule a category says nothing of who may open a record, or how long it is kept.
    """
    if carried := doors.still_carried(version):
        raise WrongState(carried_words(carried))


def carried_words(carried: Mapping[str, int]) -> str:
    """What to do about categories that a version leaves out and records carry, with how many do."""
    named = ", ".join(f"{code} ({n})" for code, n in carried.items())
    return _(
        "Recordings carry categories that this version leaves out: {named}. "
        "Keep them in it, or withdraw them from those recordings first."
    ).format(named=named)


def new_version(document: Document, content: Content, **fields: object) -> Version:
    """The next version of a document, not yet saved."""
    latest = document.versions.order_by("-n").values_list("n", flat=True).first() or 0
    return Version(
        document=document,
        n=latest + 1,
        content=content.as_json(),
        digest=digest_of(content),
        begun_at=clock.now(),
        **fields,
    )


def about(entry: OpenEntry, version: Version, **facts: object) -> None:
    """Say in the open entry which version it is about."""
    entry.about(
        version,
        version.document,
        document_id=version.document_id,
        version_id=version.pk,
        n=version.n,
        **facts,
    )


def told(version: Version) -> str:
    """The digest of what a version says, as facts have it."""
    return f"sha256:{version.digest}"
