"""Every template with empty, typical and crowded contents, on addresses of its own: what the browser tests look at."""

import functools
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from fairwitness.kernel.agency import agency

NOW = datetime(2026, 3, 13, 19, 2, 11, tzinfo=UTC)
DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
LONG = "Bartholomew-Maximilian Featherstonehaugh-Cholmondeley von und zu Hohenzollern-Sig"
ME = SimpleNamespace(name="Sgt. Maria Ruiz", badge="4417")
OFFICERS = (
    "Ofc. Daniel Okafor",
    "Ofc. Mei Lin Chen",
    "Det. Aoife Brennan",
    "Sgt. Maria Ruiz",
    "Ofc. Tomás Silva",
)
STATES = (("Sealed", "done"), ("Being read", "active"), ("Waiting", "waiting"), ("Unreadable", "attention"))


def surroundings(request: HttpRequest) -> Mapping[str, Any]:
    """What the site's own context processor would give: on /out/ to nobody, else to a supervisor with notices."""
    inside = not request.path.startswith("/out/")
    home, log, *others = (
        {"label": word, "url": f"#{word}", "current": "page" if word == "Recordings" else ""}
        for word in ("Home", "Public log", "Recordings", "Retention", "People", "Cameras", "Coverage")
    )
    evidence = {"label": "Evidence", "ways": others[:2], "current": True}
    ways = [home, evidence, {"label": "Department", "ways": others[2:], "current": False}, log]
    return {
        "agency": agency(),
        "lock_after_ms": 30 * 60_000,
        "demo": True,
        "navigation": ways if inside else ways[-1:],
        "me": ME if inside else None,
        "my_roles": ["Supervisor", "BWC Unit"],
        "unread_notices": 3,
    }


class Filters(forms.Form):
    """Filters as the list of recordings has them."""

    search = forms.CharField(required=False)
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}), label="From")
    unit = forms.ChoiceField(required=False, choices=[("", "Any unit"), ("p1", "Patrol, day shift")])


class Everything(forms.Form):
    """One field of every kind."""

    title = forms.CharField(help_text="As it stands on the evidence label.")
    reason = forms.ChoiceField(choices=[("", "Choose"), ("case", "Work on a case")])
    words = forms.CharField(widget=forms.Textarea, required=False, label="In your own words")
    kind = forms.ChoiceField(
        widget=forms.RadioSelect, choices=[("a", "Of an arrest"), ("b", "Of a talk")], label="What kind"
    )
    parts = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, choices=[("v", "Picture"), ("s", "Sound")], required=False
    )
    file = forms.FileField(required=False)
    sure = forms.BooleanField(label="I have read the policy")

    def clean(self) -> dict[str, Any]:
        self.add_error(None, "Two of the fields need your attention. What you typed was kept.")
        return self.cleaned_data


class SignIn(forms.Form):
    username = forms.CharField()
    password = forms.CharField(widget=forms.PasswordInput)


class Code(forms.Form):
    code = forms.CharField(label="Authenticator code")
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def _sentences(count: int) -> list[dict[str, Any]]:
    told = (
        "The device of Ofc. Daniel Okafor began to upload this recording",
        "The recording was sealed",
        "Sgt. Maria Ruiz placed a hold for case 2026-114",
        "Det. Aoife Brennan began to view it",
        f"{LONG} wrote a note at 00:04:12.500",
    )
    return [
        {
            "at": NOW - timedelta(hours=7 * (count - each)),
            "sentence": f"{told[each % len(told)]}.",
            "detail": "9f86d081… · 48.2 MB" if each % len(told) == 1 else "",
            "url": "#proof" if each % len(told) < 2 else "",
            "tone": "attention" if each % len(told) == 2 else "",
        }
        for each in range(count)
    ]


def _rows(count: int) -> list[dict[str, Any]]:
    strange = ((LONG, "警察の証拠記録、事件番号が長い場合の表示"), ("Ofc. 陳美玲", "تسجيل كاميرا الجسم"))
    return [
        {
            "at": NOW - timedelta(minutes=53 * each),
            "number": f"V-2026-{10_000 - each:06}",
            "officer": strange[each][0] if count > 20 and each < 2 else OFFICERS[each % len(OFFICERS)],
            "unit": "Patrol, day shift",
            "incident": f"26-0{4418 - each // 3}",
            "label": strange[each][1]
            if count > 20 and each < 2
            else ("Traffic stop", "Call for service")[each % 2],
            "ms": 61_400 * (each % 17 + 1),
            "state": STATES[(0, 0, 0, 1, 0, 0, 2, 0, 0, 3)[each % 10]][0],
            "tone": STATES[(0, 0, 0, 1, 0, 0, 2, 0, 0, 3)[each % 10]][1],
            "still": "" if each % 10 in (3, 6, 9) else "/still.jpg",
        }
        for each in range(count)
    ]


def _facts(count: int) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"label": "Officer", "value": "Ofc. Daniel Okafor", "hint": "badge 2231, by assignment"},
        {"label": "Camera", "value": "X60A10417"},
        {"label": "Recorded", "moment": NOW, "hint": "the camera's own clock, 2 s slow"},
        {"label": "Incident", "value": "26-04418"},
        {"label": "Digest", "digest": DIGEST},
        {"label": "Container", "value": "MP4, H.264 and AAC"},
        {"label": "Frame rate", "value": "25 per second, constant"},
        {"label": "Title", "value": LONG},
    ]
    return facts[:count]


def _chart() -> dict[str, Any]:
    shares = (
        ("Patrol, day shift", 42, 44),
        ("Patrol, night shift", 31, 38),
        ("Detectives", 9, 21),
        ("Command Staff", 3, 9),
    )
    rows = [
        {
            "label": label,
            "value": equipped / all_ * 100,
            "shown": f"{round(100 * equipped / all_)}%",
            "note": f"{equipped} of {all_}",
            "emphasis": label == "Detectives",
            "low": max(0, equipped / all_ * 100 - 9),
            "high": min(100, equipped / all_ * 100 + 8),
        }
        for label, equipped, all_ in shares
    ]
    return {
        "title": "Fewer than half of the detectives have a camera and the training for it.",
        "unit": "Share of sworn members trained and equipped, in percent",
        "rows": rows,
        "whole": 100,
        "mark": {"value": 95, "label": "Goal of the policy, 95%"},
        "source": "assignments and completed courses",
        "date": NOW,
        "columns": ("Unit", "Trained and equipped"),
    }


def _player(kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "src": "/clip.mp4",
        "label": "Recording V-2026-010000",
        "duration_ms": 12_000,
        "fps_num": 25 if kind == "video" else None,
        "fps_den": 1 if kind == "video" else None,
        "filmstrip": {"url": "/film.jpg", "tiles": 24} if kind == "video" else None,
        "waveform": "/wave.png",
        "beat_url": "/beat",
        "end_url": "/end",
        "note_url": "/note",
        "notes": [
            {"at_ms": 2_480, "text": "Plate comes into view.", "author": "Det. Aoife Brennan", "at": NOW},
            {"at_ms": 8_040, "text": "“I did not see the light.”", "author": "Sgt. Maria Ruiz", "at": NOW},
        ],
    }


def _recording(kind: str = "video", **changed: Any) -> dict[str, Any]:
    return {
        "heading": "Traffic stop, Western Avenue, 13 March 14:02",
        "crumb": {"label": "Recordings", "url": "#recordings"},
        "player": {**_player(kind), **changed},
        "facts": _facts(4),
        "proof": [
            _facts(5)[4],
            {"label": "Entry", "value": "No. 18,204"},
            {"label": "Published", "moment": NOW},
        ],
        "probe": _facts(8)[5:],
        "history": _sentences(6),
        "acts": {
            "primary": {"label": "Download the receipt", "url": "#receipt"},
            "others": [
                {"label": "Add to a case", "url": "#case"},
                {"label": "Propose disposal", "reason": "A hold for case 2026-114 stands."},
            ],
        },
    }


def _list(count: int, rows: int) -> dict[str, Any]:
    return {
        "heading": "Recordings",
        "count": count,
        "count_words": "of the people in your chain of command",
        "rows": _rows(rows),
        "form": Filters(),
        "sort": "-started",
        "after": "k" if rows else "",
        "before": "b" if rows > 20 else "",
        "pager_words": f"{rows} shown" if rows else "",
        "export_url": "#csv",
        "chips": [
            {"label": "Unit", "value": "Patrol, day shift", "remove_url": "#a"},
            {"label": "From", "value": "Mar 1, 2026", "remove_url": "#b"},
        ],
        "clear_url": "#all",
    }


def _home(cards: int) -> dict[str, Any]:
    titles = ("entries wait unpublished", "recordings have no known owner", "recordings cannot be read",
              "cameras are worn without training", "holds end this week", "notices are new", "people left")  # fmt: skip
    made = [
        {
            "count": 3 * each + 1,
            "title": title,
            "oldest": NOW - timedelta(hours=5 * each + 3),
            "url": f"#{each}",
        }
        for each, title in enumerate(titles[:cards])
    ]
    return {
        "greeting": "Good afternoon, Sgt. Ruiz",
        "role_words": "You see the recordings of the 11 people below you in the chain of command.",
        "cards": made,
        "since": NOW - timedelta(hours=26),
        "changes": _sentences(cards),
    }


def _everything() -> forms.Form:
    form = Everything({"title": "", "kind": "a"})
    form.is_valid()
    return form


def _work() -> dict[str, Any]:
    steps = [
        {"label": "File", "state": "complete"},
        {"label": "Columns", "state": "current"},
        {"label": "Check"},
    ]
    keys = [{"key": "Enter", "words": "keep and go on"}, {"key": "S", "words": "skip"}]
    return {"heading": "Bring in a roster", "done": 12, "total": 40, "steps": steps, "facts": _facts(8), "keys": keys,
            "form": _everything()}  # fmt: skip


def _log() -> dict[str, Any]:
    return {
        "heading": "Can anyone change a recording unnoticed?",
        "answer": "No. Every recording is entered in a public log when it arrives, and anyone can check that the log "
        "has only ever grown.",
        "facts": [{"label": "Entries", "value": "18,204"}, {"label": "Last signed", "moment": NOW}],
    }


_QR = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'%3E"
    "%3Cpath d='M1 1h3v3H1zM5 1h3v3H5zM1 5h3v3H1zM6 6h2v1H6z'/%3E%3C/svg%3E"
)
_CODES = SimpleNamespace(get_unused_codes=["a1b2c3d4"] * 7, generate_codes=["x"] * 10)

# Address, template, contents.
PAGES: dict[str, tuple[str, Callable[[], Mapping[str, Any]]]] = {
    "home": ("home.html", lambda: _home(7)),
    "home-empty": ("home.html", lambda: _home(0)),
    "list": ("gallery/recordings.html", lambda: _list(214, 12)),
    "list-crowded": ("gallery/recordings.html", lambda: _list(10_000, 50)),
    "list-empty": ("gallery/recordings.html", lambda: _list(0, 0)),
    "recording": ("gallery/recording.html", _recording),
    "recording-audio": ("gallery/recording.html", lambda: _recording("audio")),
    "recording-unreadable": (
        "gallery/recording.html",
        lambda: _recording(
            src=None, reason="The file breaks off after its first kilobyte. It is kept as it came."
        ),
    ),
    "coverage": (
        "gallery/coverage.html",
        lambda: {"heading": "Coverage", "count": None, "charts": [_chart()]},
    ),
    "work": ("gallery/work.html", _work),
    "out/log": ("gallery/log.html", _log),
    "out/error": ("error.html", lambda: {"status": 409, "sentence": "The recording is on hold."}),
    "out/404": ("404.html", dict),
    "out/sign-in": ("account/login.html", lambda: {"form": SignIn()}),
    "out/code": ("mfa/authenticate.html", lambda: {"form": Code()}),
    "out/closed": ("account/signup_closed.html", dict),
    "out/confirm": ("account/reauthenticate.html", lambda: {"form": SignIn()}),
    "password": ("account/password_change.html", lambda: {"form": SignIn()}),
    "sign-out": ("account/logout.html", dict),
    "factor": (
        "mfa/index.html",
        lambda: {"authenticators": {"totp": True, "recovery_codes": _CODES}, "is_mfa_enabled": True},
    ),
    "factor-set-up": ("mfa/totp/activate_form.html", lambda: {"form": Code(), "totp_svg_data_uri": _QR}),
    "codes": (
        "mfa/recovery_codes/index.html",
        lambda: {"unused_codes": ["a1b2c3d4"] * 7, "total_count": 10, "can_view_codes": True},
    ),
}


# The folder with the gallery's clip, filmstrip, waveform and still; the test makes it.
MEDIA: list[Path] = []


def page(request: HttpRequest, name: str) -> HttpResponse:
    template, contents = PAGES[name]
    get_token(request)
    return render(request, template, dict(contents()))


def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file of the gallery, whole or the part that is asked for, because a browser seeks by ranges."""
    file = MEDIA[0] / name
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    if not asked:
        return FileResponse(file.open("rb"), headers={"Accept-Ranges": "bytes"})
    content = file.read_bytes()
    first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
    part = HttpResponse(content[first : last + 1], status=206, content_type="video/mp4")
    part["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return part


BEATS: list[tuple[str, bytes]] = []
ANSWER = {"status": 204}


def told(request: HttpRequest) -> HttpResponse:
    """Takes what the player tells and answers as the test has set."""
    BEATS.append((request.path, request.body))
    if ANSWER["status"] == 204:
        return HttpResponse(status=204)
    return JsonResponse(
        {"sentence": "You were signed out, so the recording stopped."}, status=ANSWER["status"]
    )


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


def state(request: HttpRequest) -> HttpResponse:
    """How the lock of the screen stands: nothing is known, so it stays open."""
    return JsonResponse(None, safe=False)


urlpatterns = [
    *(path(name, functools.partial(page, name=name)) for name in PAGES),
    *(
        path(name, functools.partial(media, name=name))
        for name in ("clip.mp4", "film.jpg", "wave.png", "still.jpg")
    ),
    path("beat", told),
    path("end", told),
    path("note", csrf_exempt(nothing)),
    path("", nothing, name="home"),
    path("notices", nothing, name="notices"),
    path("guests", nothing, name="guest-sign-in"),
    path("accounts/", include("allauth.urls")),
    # Nobody is signed in here, so no screen has to be locked.
    path("account/confirm/state/", state, name="account-state"),
    path("", include("fairwitness.accounts.urls")),
]
