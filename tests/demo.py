"""The demo world: the cast of tests/world.py and a dozen more, two weeks of recordings, brought in by the real acts."""

import csv
import datetime as dt
import io
import os
import random
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from fairwitness.cases.models import Case
from fairwitness.department import acts
from fairwitness.department.models import Member
from fairwitness.evidence.acts import view
from fairwitness.evidence.models import Recording, Viewing
from fairwitness.incidents.models import Incident
from fairwitness.kernel import actors, clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.roles import WORDS, Role
from tests import demo_cameras as cameras
from tests import demo_cases as cases
from tests import demo_dock as dock
from tests import demo_incidents as dispatch
from tests import demo_keeping as keeping
from tests import world
from tests.clips.make_clips import CAMERAS, ClipFacts, make_demo_clips
from tests.clips.odd import make_test_clips

CLIPS = Path(__file__).resolve().parents[1] / "build" / "clips"
SEEDS = (1, 2)
# One of the cast for each role, in the order in which a visitor would try them.
SIGN_INS = ("whitfield", "ruiz", "costa", "weber", "adeyemi", "hale", "park", "sato", "novak", "chen")
# Who was involved in the demo's critical incident, and has a sign-in too.
INVOLVED = "okoye"
# Who leads the demo's case, and has a sign-in too.
DETECTIVE = "lindqvist"
# Whose cameras made the first of the clips.
FILMED_BY = ("whitfield", "okoye", "haddad", "ruiz")
MORE = (
    ("104", "Carmen", "Delgado", "patrol_1", "ruiz"),
    ("105", "Patrick", "O'Shea", "patrol_1", "ruiz"),
    ("106", "Amina", "Yusuf", "patrol_1", "ruiz"),
    ("107", "Joseph", "Tran", "patrol_1", "ruiz"),
    ("112", "Kevin", "Marsh", "patrol_2", "brandt"),
    ("113", "Leila", "Farahani", "patrol_2", "brandt"),
    ("114", "Anthony", "Russo", "patrol_2", "brandt"),
    ("115", "Björn", "Åkesson", "patrol_2", "brandt"),
    ("116", "Nadia", "Petrova", "patrol_2", "brandt"),
    ("202", "Samuel", "Adler", "detectives", "okafor"),
    ("203", "Ines", "Carvalho", "detectives", "okafor"),
    ("204", "Hiro", "Tanaka", "detectives", "okafor"),
    ("205", "Mei-Ling", "Zhou", "detectives", "okafor"),
)
# So many clips are still on cameras, in the demo's dock.
ON_CAMERAS = 3
BY = actors.system("demo")


def load(say: Callable[[str], object]) -> list[str]:
    """Load the world at the first start; always answer the lines that say how to sign in."""
    card = settings.FAIRWITNESS_HOME / "demo-sign-in.txt"
    if not card.exists():
        say("First start: making the demo world. This takes a few minutes; the next start finds it.")
        passwords = _people(say)
        keeping.older(CLIPS)
        kept_back = _recordings(say)
        _looks()
        critical = keeping.decisions()
        say("  a hold, a critical incident, a draft of the policy and a list of disposal wait for somebody")
        seen = cameras.make(CLIPS, _supervisor())
        case = cases.about(seen)
        say(f"  three cameras saw {seen.number}, and their clocks differ; {case.number} is about it")
        dock.make(kept_back)
        lines = [*_lines(passwords), *_walks(critical, seen, case)]
        descriptor = os.open(card, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
    return [*card.read_text(encoding="utf-8").splitlines(), *dock.lines()]


def _lines(passwords: dict[str, tuple[str, str]]) -> list[str]:
    rows = [f"  {words:<32}{name:<12}{password}" for name, (words, password) in passwords.items()]
    return ["Sign in as (made at first start, kept in demo-sign-in.txt):", *rows]


def _walks(critical: Incident | None, seen: Incident, case: Case) -> list[str]:
    """What can be walked through, by one person or by two in turn."""
    three = [
        f"  Three cameras saw {seen.number}: ruiz plays them together, from the incident's page (Cameras side by side)",
        "  and sets the one right whose clock has another year, by the light that all of them show.",
        f"  {DETECTIVE} leads the case {case.number} about it (Evidence, Cases), from which packages for court are made.",
    ]
    if critical is None:
        return three
    return [
        *three,
        f"  {INVOLVED} is involved in the critical incident {critical.number} and cannot open their recordings of it,",
        "  until ruiz records their statement on the page of the incident (Those involved, Statement).",
    ]


def _people(say: Callable[[str], object]) -> dict[str, tuple[str, str]]:
    """The cast, more officers, cameras for most of them, and a sign-in for one of each role."""
    cast = world.build()
    say(f"  {len(cast.members)} members of the cast, in {len(cast.units)} units")
    rng, trained = random.Random(7), list[Member]()
    start = dt.datetime.combine(cast.since, dt.time(9), tzinfo=agency().tz)
    with clock.frozen(start):
        for badge, given, family, unit, under in MORE:
            rank = Member.Rank.DETECTIVE if unit == "detectives" else Member.Rank.PATROL_OFFICER
            title = "Det." if unit == "detectives" else "Officer"
            member = acts.add_member(
                badge=badge,
                given_name=given,
                family_name=family,
                rank=rank,
                title=title,
                joined_on=cast.since,
                by=BY,
            )
            acts.post(member_id=member.pk, unit_id=cast.units[unit].pk, reports_to=cast.id(under), by=BY)
            acts.grant_role(member_id=member.pk, role=Role.OFFICER, by=BY)
            if rng.random() < 0.85:
                acts.complete_course(member_id=member.pk, course_id=cast.course.pk, on=cast.since, by=BY)
                trained.append(member)
    _renew_cameras(cast, trained, start + dt.timedelta(days=30))
    made = {}
    for key in (*SIGN_INS, INVOLVED, DETECTIVE):
        role = next(part.role for part in world.CAST if part.key == key)
        password = acts.give_sign_in(member_id=cast.id(key), username=key, by=BY)
        words = str(WORDS[role][0])
        more = {INVOLVED: ", involved", DETECTIVE: ", detective"}.get(key, "")
        made[key] = (f"{words}{more}", password)
    return made


def _renew_cameras(cast: world.World, trained: list[Member], day: dt.datetime) -> None:
    """A month in, the cameras whose serials the demo's clips show are handed out, to the cast first."""
    with clock.frozen(day):
        for key in FILMED_BY:
            worn = cast.members[key].assignments.get(until=None)
            acts.return_camera(camera_id=worn.camera_id, by=BY)
        wearers = [cast.members[key] for key in FILMED_BY] + trained
        serials = [serial for serial, _unit in CAMERAS] + [f"AX-0{m.badge}" for m in wearers[len(CAMERAS) :]]
        for member, serial in zip(wearers[:-2], serials, strict=False):
            camera = acts.add_camera(serial=serial, model="Axon Body 4", firmware="1.25.3", by=BY)
            acts.assign_camera(camera_id=camera.pk, member_id=member.pk, by=BY)


def _recordings(say: Callable[[str], object]) -> list[ClipFacts]:
    """Draw the clips, lay them out as a vendor's export, and bring that in as anyone would; a few are kept back."""
    # Up to yesterday: nothing in the demo was recorded in the future.
    last = clock.now().astimezone(agency().tz).date() - dt.timedelta(days=1)
    clips = [clip for seed in SEEDS for clip in make_demo_clips(CLIPS, count=18, seed=seed, last_day=last)]
    say(f"  {len(clips)} clips drawn")
    dispatch.before(clips)
    delivery = settings.FAIRWITNESS_HOME / "demo-delivery"
    delivery.mkdir(exist_ok=True)
    with (delivery / "evidence.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(
            ["Evidence ID", "ID External", "Title", "Owner", "Device Serial", "Created Date Record Start",
             "Date Record End", "Category", "File Name"]
        )  # fmt: skip
        for number, clip in enumerate(clips[:-ON_CAMERAS]):
            table.writerow(_row(number, clip, delivery))
    _odd_ones(delivery)
    call_command("ingest", str(delivery), "--no-read", stdout=io.StringIO())
    dispatch.after(clips)
    say(f"  {Recording.objects.count()} recordings sealed; the worker is reading them")
    say(f"  {Incident.objects.count()} incidents imported, with the shifts of their units")
    return clips[-ON_CAMERAS:]


def _row(number: int, clip: ClipFacts, delivery: Path) -> list[str]:
    name = f"{number:03}_{clip.path.name}"
    link = delivery / name
    if not link.exists():
        os.link(clip.path, link)
    ended = clip.started_at + dt.timedelta(seconds=clip.seconds)
    # Now and then the vendor's export leaves out who and which camera: the BWC Unit's queue has work.
    known = number % 12 != 5
    return [
        f"demo-{number:04}",
        # Now and then the number is left out: officer and time still suggest the incident.
        clip.incident if number % 9 != 4 else "",
        clip.shows,
        "",
        clip.camera if known else "",
        clip.started_at.isoformat(),
        ended.isoformat(),
        clip.kind,
        name,
    ]


def _odd_ones(delivery: Path) -> None:
    """What every real delivery has as well: another codec, a broken file, and the vendor's own audit trail."""
    odd = make_test_clips(CLIPS / "odd")
    for path in odd.values():
        if any(word in path.name.lower() for word in ("hevc", "avi", "trunc", "random")):
            (delivery / f"odd_{path.name}").write_bytes(path.read_bytes())
    trail = "Date,User,Action\n2026-03-01 10:00:00,System,Created\n2026-03-01 10:05:00,System,Uploaded from dock\n"
    first = sorted(delivery.glob("000_*.mp4"))[0]
    (delivery / f"{first.stem}_audit_trail.csv").write_text(trail, encoding="utf-8")


def _looks() -> None:
    """A few viewings and notes, so that a first visitor sees a custody history with people in it."""
    mine = _supervisor()
    for recording in Recording.objects.filter(owner__badge="101", status=Recording.Status.SEALED)[:2]:
        begun = view.view(recording.pk, Viewing.Purpose.SUPERVISION, "demo", by=mine)
        view.end_viewing(begun.pk, "closed", by=mine)


def _supervisor() -> actors.Actor:
    """Sergeant Ruiz."""
    return actors.member(Member.objects.get(badge="21").pk, frozenset({Role.SUPERVISOR}))
