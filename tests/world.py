"""The cast: a department small enough to know by name, built through the real acts; the demo is the same world."""

import copy
import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, models
from django.test import Client

from fairwitness.department import acts, doors
from fairwitness.department.models import Camera, Course, Member, Unit
from fairwitness.kernel import actors, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import change
from fairwitness.kernel.events import event
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject, Outbox
from fairwitness.kernel.roles import Role
from fairwitness.policy import acts as policy
from fairwitness.site import signin

assert signin  # sign-ins are heard, be it before the first page is asked for

BY = actors.system("world")
Rank = Member.Rank
PATROL = Rank.PATROL_OFFICER

LAID = event("test.cast_laid", "{actor} laid the cast")
UNITS = {
    "headquarters": ("HQ", "Headquarters", None),
    "patrol_1": ("P1", "Patrol 1 (Day)", "headquarters"),
    "patrol_2": ("P2", "Patrol 2 (Night)", "headquarters"),
    "detectives": ("DET", "Detectives", "headquarters"),
    "bwc": ("BWC", "BWC Unit", "headquarters"),
    "records": ("REC", "Records", "headquarters"),
    "community": ("COM", "Community Relations", "headquarters"),
}


@dataclass(frozen=True)
class Part:
    """One of the cast: who they are, where they serve under whom, their role, the camera they wear."""

    key: str
    badge: str
    title: str
    given_name: str
    family_name: str
    rank: str
    unit: str | None
    under: str | None
    role: Role
    camera: str = ""


# Supervisors come before those who report to them.
CAST = (
    Part("park", "1", "Chief", "Elena", "Park", Rank.COMMAND_STAFF, "headquarters", None, Role.CHIEF),
    Part("hale", "2", "Deputy Supt.", "Marcus", "Hale", Rank.COMMAND_STAFF, "headquarters", "park", Role.COMMAND_STAFF),
    Part("okafor", "11", "Lt.", "Grace", "Okafor", Rank.SUPERVISOR, "headquarters", "hale", Role.SUPERVISOR),
    Part("ruiz", "21", "Sgt.", "Maria", "Ruiz", Rank.SUPERVISOR, "patrol_1", "okafor", Role.SUPERVISOR, "AX-0021"),
    Part("brandt", "22", "Sgt.", "Tom", "Brandt", Rank.SUPERVISOR, "patrol_2", "okafor", Role.SUPERVISOR, "AX-0022"),
    Part("whitfield", "101", "Officer", "Dana", "Whitfield", PATROL, "patrol_1", "ruiz", Role.OFFICER, "AX-0101"),
    Part("okoye", "102", "Officer", "Sam", "Okoye", PATROL, "patrol_1", "ruiz", Role.OFFICER, "AX-0102"),
    Part("li", "103", "Officer", "Wei", "Li", PATROL, "patrol_1", "ruiz", Role.OFFICER),
    Part("haddad", "111", "Officer", "Noor", "Haddad", PATROL, "patrol_2", "brandt", Role.OFFICER, "AX-0111"),
    Part("lindqvist", "201", "Det.", "Grace", "Lindqvist", Rank.DETECTIVE, "detectives", "okafor", Role.OFFICER),
    Part("costa", "P301", "", "Ana", "Costa", Rank.PROFESSIONAL, "bwc", "hale", Role.BWC_UNIT),
    Part("nair", "P302", "", "Priya", "Nair", Rank.PROFESSIONAL, "bwc", "costa", Role.BWC_UNIT),
    Part("weber", "P311", "", "Jonas", "Weber", Rank.PROFESSIONAL, "records", "hale", Role.RECORDS_OFFICER),
    Part("adeyemi", "12", "Lt.", "Ruth", "Adeyemi", Rank.SUPERVISOR, "community", "hale", Role.COMMUNITY_SUPERVISOR),
    Part("sato", "P321", "", "Ken", "Sato", Rank.PROFESSIONAL, "headquarters", "park", Role.INTERNAL_AUDITOR),
    Part("novak", "X901", "", "Vera", "Novak", Rank.PROFESSIONAL, None, None, Role.EXTERNAL_AUDITOR),
    Part("chen", "P331", "", "Ivy", "Chen", Rank.PROFESSIONAL, "headquarters", "hale", Role.ACCOUNT_ADMINISTRATOR),
)  # fmt: skip


@dataclass
class World:
    """The cast by key. `since` is the day from which postings and roles hold; cameras are worn from a day later."""

    since: dt.date
    course: Course
    units: dict[str, Unit] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    cameras: dict[str, Camera] = field(default_factory=dict)

    def actor(self, key: str) -> Actor:
        """A member as they act today."""
        return actors.member(self.members[key].pk, doors.roles_today(self.members[key].pk))

    def id(self, key: str) -> uuid.UUID:
        """A member's key."""
        return self.members[key].pk

    def sign_in(self, key: str, username: str = "") -> Client:
        """A browser in which a member is signed in; their sign-in is given by the administrator if they have none."""
        member = Member.objects.get(pk=self.id(key))
        if member.user is None:
            acts.give_sign_in(member_id=member.pk, username=username or key, by=BY)
            member.refresh_from_db()
        browser = Client()
        browser.force_login(
            User.objects.get(member=member), "allauth.account.auth_backends.AuthenticationBackend"
        )
        return browser

    def spare(self) -> Camera:
        """The camera in service that nobody wears."""
        return self.cameras["AX-0900"]


def build(since: dt.date | None = None) -> World:
    """Build the world through the acts, as from `since` (400 days ago)."""
    since = since or doors.today() - dt.timedelta(days=400)
    with clock.frozen(dt.datetime.combine(since, dt.time(8), tzinfo=agency().tz)):
        policy.adopt_book(by=BY)
        world = World(since, _course())
        for key, (code, name, parent) in UNITS.items():
            parent_id = world.units[parent].pk if parent else None
            world.units[key] = acts.add_unit(code=code, name=name, parent_id=parent_id, by=BY)
        for part in CAST:
            _join(world, part)
        world.cameras["AX-0900"] = acts.add_camera(serial="AX-0900", model="Axon Body 4", by=BY)
    with clock.frozen(dt.datetime.combine(since + dt.timedelta(days=1), dt.time(8), tzinfo=agency().tz)):
        for part in CAST:
            if part.camera:
                _equip(world, part)
    return world


def _course() -> Course:
    return acts.add_course(code="BWC-1", title="Body-worn camera, basic", required_for_camera=True, by=BY)


def _join(world: World, part: Part) -> None:
    member = acts.add_member(
        badge=part.badge,
        given_name=part.given_name,
        family_name=part.family_name,
        rank=part.rank,
        title=part.title,
        email=f"{part.key}@police.example",
        joined_on=world.since,
        by=BY,
    )
    world.members[part.key] = member
    if part.unit:
        above = world.id(part.under) if part.under else None
        acts.post(member_id=member.pk, unit_id=world.units[part.unit].pk, reports_to=above, by=BY)
    acts.grant_role(member_id=member.pk, role=part.role, by=BY)


def _equip(world: World, part: Part) -> None:
    camera = acts.add_camera(serial=part.camera, model="Axon Body 4", firmware="1.24.9", by=BY)
    world.cameras[part.camera] = camera
    acts.complete_course(member_id=world.id(part.key), course_id=world.course.pk, on=world.since, by=BY)
    acts.assign_camera(camera_id=camera.pk, member_id=world.id(part.key), by=BY)


class Kept:
    """The rows of a world built once, to be laid into the database of each test: built anew it takes half a second."""

    def __init__(self) -> None:
        self.world = build()
        with change(LAID, by=BY) as entry:
            entry.about(self.world.course)
        self.entry = entry.id
        self.rows: dict[str, bytes] = {}
        with connection.cursor() as cursor:
            for table, columns in _tables():
                with cursor.copy(f"COPY (SELECT {self._wanted(columns)} FROM {table}) TO STDOUT") as rows:
                    self.rows[table] = b"".join(bytes(block) for block in rows)

    def _wanted(self, columns: str) -> str:
        """The triggers let a change write rows of entries that it caused; so the laying causes all of them."""
        caused = f"CASE WHEN id = '{self.entry}' THEN NULL ELSE '{self.entry}'::uuid END"
        return columns.replace("caused_by", caused)

    def lay(self) -> World:
        """Lay the rows into the open transaction, announced as a change as the triggers want it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('fairwitness.change', %s, true)", [str(self.entry)])
            for table, columns in _tables():
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as rows:
                    rows.write(self.rows[table])
            cursor.execute("SELECT set_config('fairwitness.change', '', true)")
        return copy.deepcopy(self.world)


def _tables() -> list[tuple[str, str]]:
    """Table and columns of everything that a world has rows of, without numbers that a sequence gives."""
    kinds: list[type[models.Model]] = [Entry, EntrySubject, EntryPrivate, Outbox]
    for room in ("department", "policy"):
        kinds += apps.get_app_config(room).get_models()
    return [
        (
            kind._meta.db_table,
            ", ".join(f.column for f in kind._meta.concrete_fields if not isinstance(f, models.AutoField)),
        )
        for kind in kinds
    ]
