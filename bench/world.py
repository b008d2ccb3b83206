"""A department of 300 officers and two years of its recordings, as skewed as real ones; the same from every run."""

import datetime as dt
import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from bench import databases
from fairwitness.department import acts
from fairwitness.department.models import Camera, Member, Unit
from fairwitness.evidence import events
from fairwitness.evidence.acts.seal import searchable
from fairwitness.evidence.models import Recording
from fairwitness.kernel import actors, bulk, clock, numbers
from fairwitness.kernel.agency import agency
from fairwitness.kernel.roles import Role

BY = actors.system("bench")
FIRST = dt.datetime(2024, 7, 1, 4, tzinfo=dt.UTC)
DAYS = 730
UNITS, PER_UNIT = 10, databases.sized(30, 4)
# An officer who makes no traffic stops but PAIRED of them.
DESK = f"08{PER_UNIT - 1:02}"
# What an export calls its recordings, and how many in a thousand are called so.
LABELS = {
    "Traffic stop": 350,
    "Community contact": 200,
    "Disturbance": 150,
    "Medical assist": 100,
    "Arrest": 80,
    "Traffic accident": 60,
    "Property crime": 40,
    "Pursuit": 15,
    "Use of force": 5,
}
# Found by a filter that shows them all, in a world of any size: so that two worlds show as many rows.
RARE = 60
PAIRED = 20
COMMON_WORD, RARE_WORD = "traffic", "Zephyr"


@dataclass(frozen=True)
class Wearer:
    """An officer of this world: who, where, with which camera, and how many of a million recordings are theirs."""

    member: Member
    unit: Unit
    camera: Camera
    share: int


def filled(name: str, count: int) -> None:
    """Lead this process to the database `name` with this world in it, made where it has not `count` recordings."""
    if databases.exists(name):
        databases.use(name)
        if Recording.objects.count() >= count:
            return
    # Made under another name, so that a run that was broken off leaves no half a world behind.
    databases.use_new("bench_loading")
    _department()
    with databases.without_indexes("evidence_recording", "kernel_entry", "kernel_entrysubject"):
        load(count)
    databases.settle()
    databases.rename("bench_loading", name)


def load(count: int) -> None:
    """Load so many recordings of a world of that size, whatever else is there."""
    bulk.load(_Recordings(count).lines(), by=BY)


def _department() -> None:
    """Ten units, each with a sergeant and 29 officers who wear cameras; three of all may sign in."""
    with clock.frozen(FIRST - dt.timedelta(days=30)):
        course = acts.add_course(code="BWC-1", title="Body-worn camera", required_for_camera=True, by=BY)
        for number in range(1, UNITS + 1):
            unit = acts.add_unit(code=f"D{number}", name=f"District {number}", by=BY)
            sergeant = None
            for place in range(PER_UNIT):
                member = _member(number, place, unit, sergeant)
                sergeant = sergeant or member
                acts.complete_course(
                    member_id=member.pk, course_id=course.pk, on=member.joined_on or FIRST.date(), by=BY
                )
                serial = f"AX-{number:02}{place:02}"
                camera = acts.add_camera(serial=serial, model="Axon Body 4", by=BY)
                acts.assign_camera(camera_id=camera.pk, member_id=member.pk, by=BY)
        keeper = acts.add_member(
            badge="B001", given_name="Ana", family_name="Costa", rank=Member.Rank.PROFESSIONAL, by=BY
        )
        acts.grant_role(member_id=keeper.pk, role=Role.BWC_UNIT, by=BY)
    for badge in ("B001", "0200", "0201"):
        member = Member.objects.get(badge=badge)
        acts.give_sign_in(member_id=member.pk, username=f"bench-{badge}", by=BY)


def _member(number: int, place: int, unit: Unit, sergeant: Member | None) -> Member:
    given = ("Maria", "Tom", "Dana", "Sam", "Wei", "Noor", "Grace", "Priya", "Jonas", "Ruth")[place % 10]
    family = _FAMILIES[(number * PER_UNIT + place) % len(_FAMILIES)]
    member = acts.add_member(
        badge=f"{number:02}{place:02}",
        given_name=given,
        family_name=family,
        rank=Member.Rank.SUPERVISOR if sergeant is None else Member.Rank.PATROL_OFFICER,
        title="Sgt." if sergeant is None else "Officer",
        joined_on=(FIRST - dt.timedelta(days=30)).date(),
        by=BY,
    )
    acts.post(member_id=member.pk, unit_id=unit.pk, reports_to=sergeant.pk if sergeant else None, by=BY)
    acts.grant_role(member_id=member.pk, role=Role.SUPERVISOR if sergeant is None else Role.OFFICER, by=BY)
    return member


_FAMILIES = [
    a + b
    for a in ("Ash", "Brad", "Carl", "Dun", "Ells", "Farn", "Gold", "Hart", "Ing", "Kirk", "Lang", "Mar",
              "Nor", "Oak", "Pem", "Ross", "Stan", "Thorn", "Wal", "Whit")
    for b in ("bury", "dale", "field", "ford", "ham", "ley", "man", "mere", "more", "stone", "ton", "well",
              "wick", "wood", "worth")
]  # fmt: skip


class _Recordings:
    """The recordings of the world in the order of their time, each with the facts of the entry that sealed it."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.random = random.Random(count)
        self.wearers = _wearers()
        self.labels = list(LABELS)
        self.sums = list(accumulate(LABELS.values()))
        self.shares = list(accumulate(wearer.share for wearer in self.wearers))
        self.incident, self.left = "", 0
        self.series: dict[tuple[str, int], Iterator[str]] = {}
        self.kinds = self._rare()

    def lines(self) -> Iterator[bulk.Line]:
        """Every recording; the numbers of a year are drawn when its first one comes."""
        step = dt.timedelta(days=DAYS) / self.count
        for n in range(self.count):
            started = FIRST + n * step + dt.timedelta(seconds=self.random.randrange(300))
            recording = self._recording(n, started)
            yield _line(recording)

    def _recording(self, n: int, started: dt.datetime) -> Recording:
        recording = self._ordinary(n, started)
        if kind := self.kinds.get(n):
            self._make_rare(recording, kind)
        recording.search = searchable(recording)
        return recording

    def _ordinary(self, n: int, started: dt.datetime) -> Recording:
        wearer = self.random.choices(self.wearers, cum_weights=self.shares)[0]
        label = self.random.choices(self.labels, cum_weights=self.sums)[0]
        if wearer.unit.code == "D9" and label == "Disturbance" or wearer.member.badge == DESK:
            label = "Community contact"  # what is common everywhere and rare with one of them: see _PAIRS
        sealed = started + dt.timedelta(hours=self.random.randrange(2, 14))
        length = self.random.randrange(20_000, 3_600_000)
        return Recording(
            number=self._number("R", sealed),
            status=Recording.Status.SEALED,
            sha256=hashlib.sha256(f"bench {self.count} {n}".encode()).hexdigest(),
            size=length * 700,
            source_name=f"/dock/{wearer.camera.serial}_{started:%Y%m%d_%H%M%S}_{n}.mp4",
            sealed_at=sealed,
            started=started,
            started_text=started.isoformat(),
            clock=Recording.Clock.DELIVERED,
            ended=started + dt.timedelta(milliseconds=length),
            owner=wearer.member,
            owner_how=Recording.Owner.ASSIGNMENT,
            unit=wearer.unit,
            camera=wearer.camera,
            incident=self._incident(started),
            label=label,
            title=f"{label}, {_STREETS[n % len(_STREETS)]}",
            external_id=f"{n:08x}",
            readable=Recording.Readable.YES,
            duration_ms=length,
        )

    def _number(self, series: str, sealed: dt.datetime) -> str:
        """The next public number of a year, drawn from the kernel's own series in steps of the world's size."""
        key = (series, sealed.astimezone(agency().tz).year)
        if key not in self.series:
            self.series[key] = iter(())
        number = next(self.series[key], "")
        if not number:
            self.series[key] = iter(numbers.next_numbers(*key, count=min(10_000, self.count)))
            number = next(self.series[key])
        return number

    def _incident(self, started: dt.datetime) -> str:
        """Three recordings belong to one incident, then one to none."""
        if self.left == 0:
            self.incident, self.left = f"{started:%y%m%d}-{self.random.randrange(100_000):05}", 4
        self.left -= 1
        return self.incident if self.left else ""

    def _rare(self) -> dict[int, str]:
        """Which recordings are rare, and how: those of one kind lie anywhere in the two years."""
        many = {kind: max(RARE, round(self.count * share)) for kind, share in _SHARES.items()}
        many |= dict.fromkeys(_PAIRS, PAIRED)
        places = iter(self.random.sample(range(self.count), sum(many.values())))
        return {next(places): kind for kind, number in many.items() for _place in range(number)}

    def _make_rare(self, recording: Recording, kind: str) -> None:
        if kind == "unreadable" and recording.unit and recording.unit.code == "D10":
            return  # rare with that unit: see _PAIRS
        if kind in _PAIRS:
            wearers, changed = _PAIRS[kind]
            _wear(recording, next(w for w in self.wearers if wearers(w)))
        else:
            changed = _CHANGED[kind]
        for name, value in changed.items():
            setattr(recording, name, value)
        if kind == "refused":
            recording.number = f"X{recording.number[1:]}"
        elif kind == "word":
            recording.title = f"{RARE_WORD} {COMMON_WORD}"


# How many of all are refused, unreadable and so on; never fewer than RARE.
_SHARES = {"refused": 0.0005, "unreadable": 0.002, "unknown": 0.01, "untried": 0.0, "word": 0.0}
_CHANGED: dict[str, dict[str, object]] = {
    "refused": {
        "status": Recording.Status.REFUSED,
        "readable": Recording.Readable.UNTRIED,
        "refusal": "The file does not have the SHA-256 that the delivery declares for it.",
    },
    "unreadable": {
        "readable": Recording.Readable.NO,
        "unreadable_because": "It holds no picture and no sound that can be read.",
    },
    "unknown": {"owner": None, "unit": None, "owner_how": Recording.Owner.UNKNOWN},
    "untried": {"readable": Recording.Readable.UNTRIED},
    "word": {},
}
# PAIRED recordings each, for two filters of which each alone finds very many.
_PAIRS: dict[str, tuple[Callable[[Wearer], bool], dict[str, object]]] = {
    "officer and label": (lambda w: w.member.badge == DESK, {"label": "Traffic stop"}),
    "unit and label": (lambda w: w.unit.code == "D9", {"label": "Disturbance"}),
    "unit and unreadable": (lambda w: w.unit.code == "D10", {"readable": Recording.Readable.NO}),
}
_STREETS = [f"{name} {kind}" for name in _FAMILIES[::5] for kind in ("Street", "Avenue", "Square", "Court")]


def _wearers() -> list[Wearer]:
    """Every officer with a camera. Officer 0201 wears theirs far more than any other."""
    found = []
    for camera in Camera.objects.order_by("serial"):
        member = camera.assignments.select_related("member").get(until=None).member
        unit = member.postings.select_related("unit").get(until=None).unit
        share = 20_000 if member.badge == "0201" else 1_000 + int(member.badge) * 7 % 4_600
        found.append(Wearer(member, unit, camera, share))
    return found


def _wear(recording: Recording, wearer: Wearer) -> None:
    recording.owner, recording.unit, recording.camera = wearer.member, wearer.unit, wearer.camera
    recording.owner_how = Recording.Owner.ASSIGNMENT


def _line(recording: Recording) -> bulk.Line:
    """The recording with the entry that sealed or refused it, its facts as acts.seal chooses them."""
    digest = f"sha256:{recording.sha256}"
    facts: dict[str, object] = {"size": recording.size, "number": recording.number}
    if recording.status == Recording.Status.REFUSED:
        facts |= {"reason": "digest", "declared": f"sha256:{'0' * 64}", "found": digest}
        return bulk.Line(recording, events.UPLOAD_REFUSED, recording.sealed_at, facts)
    facts |= {
        "sha256": digest,
        "started": recording.started,
        "clock": recording.clock,
        "owner_id": recording.owner_id,
        "owner_how": recording.owner_how,
        "camera_id": recording.camera_id,
    }
    return bulk.Line(recording, events.RECORDING_SEALED, recording.sealed_at, facts)
