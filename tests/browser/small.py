"""The small world of the browser tests: the demo's people, a few recordings of each kind, brought in by the real acts."""

import csv
import datetime as dt
import fcntl
import hashlib
import io
import os
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from fairwitness.accounts.acts import issue_token
from fairwitness.accounts.doors import actor_of_token
from fairwitness.department import doors as department
from fairwitness.department.acts import add_dock
from fairwitness.department.models import Member
from fairwitness.evidence.acts import view
from fairwitness.evidence.acts.grant import grant_access
from fairwitness.evidence.acts.hold import place_hold
from fairwitness.evidence.acts.preservation import ask_preservation
from fairwitness.evidence.acts.watch import watch_week
from fairwitness.evidence.doors import watching
from fairwitness.evidence.models import Recording, Viewing
from fairwitness.incidents import acts as incidents
from fairwitness.incidents.acts import add_incident
from fairwitness.incidents.models import Incident
from fairwitness.kernel import actors, clock
from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.roles import Role
from fairwitness.moving.acts.arrive import arrive
from fairwitness.policy import acts as policy
from fairwitness.policy import doors as policy_doors
from fairwitness.policy import jobs
from fairwitness.policy.models import Version
from fairwitness.uploads.acts import begin_upload, receive, withdraw_upload
from tests import demo, demo_cases, demo_dock, demo_incidents
from tests.clips import several
from tests.clips.make_clips import LAST_DAY, ClipFacts, make_demo_clips
from tests.clips.odd import make_test_clips
from tests.moving import vendor

# Pictures for the README show fresh dates and more scenes; tests take clips that stay the same and are drawn once.
FOR_PICTURES = os.environ.get("SCREENSHOTS") == "1"
HEADER = ("Evidence ID", "ID External", "Title", "Owner", "Device Serial", "Created Date Record Start", "Category",
          "File Name", "SHA256")  # fmt: skip
WEARER = "X60A10417"  # Officer Whitfield's camera
INCIDENT = "26-004711"
# Three cameras saw it, and their clocks differ.
SEEN_BY_THREE = "26-004712"
# Delivered by test clips, whose wearer is known, and one whose wearer is not.
ODD = {"plain": WEARER, "hevc": WEARER, "wav": WEARER, "many_tracks": WEARER, "random": WEARER, "avi": ""}
# More than one page of a list, in the one state that no worker has to read.
REFUSED = 55


def load(say: Callable[[str], object]) -> list[str]:
    """Load the world into a new home; answers the lines that say how to sign in, as the demo does, at every start."""
    card = settings.FAIRWITNESS_HOME / "sign-in.txt"
    if card.exists():
        return card.read_text(encoding="utf-8").splitlines()
    passwords = demo._people(say)
    demo_incidents.before(_clips())
    opened = clock.now() - dt.timedelta(days=3)
    add_incident(number=INCIDENT, opened=opened, kind="Noise", place="Elm St", by=demo.BY)
    add_incident(number=SEEN_BY_THREE, opened=opened, kind="Gathering", place="Mill Pond Rd", by=demo.BY)
    delivery = settings.FAIRWITNESS_HOME / "delivery"
    delivery.mkdir()
    rows = [*_demo_rows(delivery), *_odd_rows(delivery), *_three_rows(delivery, opened)]
    if not FOR_PICTURES:
        rows += [_refused_row(delivery, number) for number in range(REFUSED)]
    with (delivery / "evidence.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows])
    _bring_in(delivery)
    demo_incidents.after(_clips())
    demo._looks()
    dock = add_dock(serial="DOCK-1", name="Dock at the front desk", place="Headquarters", by=demo.BY)
    demo_dock.left_behind(dock, WEARER)
    demo_dock.left_behind(dock, "ZZ-9")
    _uploads(dock.pk)
    policy_on_its_way()
    _holds()
    _access()
    _arrival()
    demo_cases.about(Incident.objects.get(number=INCIDENT))
    lines = demo._lines(passwords)
    card.write_text("\n".join(lines), encoding="utf-8")
    return lines


def _arrival() -> None:
    """What another system held, of which little came: a case with a person; its files were never delivered."""
    folder = settings.FAIRWITNESS_HOME / "arrival"
    folder.mkdir()
    case = ["K-7", "A theft", "Closed", "Pat Former"]
    vendor.table(folder / "cases.csv", ["Case ID", "Case Title", "Status", "Owner"], [case])
    vendor.table(folder / "case_people.csv", ["Case ID", "Name", "Role"], [["K-7", "Ann Elk", "Cousin"]])
    rows = [[f"EV-{number}", "A stop", "Pat Former"] for number in range(60)]
    vendor.table(folder / "evidence.csv", ["Evidence ID", "Title", "Owner"], rows)
    arrive(folder, "axon_evidence", by=actors.system("moving.arrive"))


def _access() -> None:
    """An old critical incident with one involved, what was granted, and a week with a sign of unusual access."""
    ids = dict(Member.objects.values_list("badge", "pk"))
    hale = actors.member(ids["2"], frozenset({Role.COMMAND_STAFF}))
    ruiz = actors.member(ids["21"], frozenset({Role.SUPERVISOR}))
    long_ago = clock.now() - dt.timedelta(days=390)
    found = incidents.add_incident(number="25-000017", opened=long_ago, kind="Shots fired", by=ruiz)
    incidents.mark_critical(found.pk, [ids["102"], ids["111"]], by=ruiz)
    said = {"stated_at": long_ago + dt.timedelta(days=1), "sha256": "0" * 64}
    incidents.file_statement(found.pk, ids["111"], by=ruiz, **said)  # type: ignore[arg-type]
    recording = Recording.objects.filter(owner=ids["101"], status=Recording.Status.SEALED).order_by("number")[
        0
    ]
    for key, kind in (("P311", "work"), ("X901", "audit"), ("101", "named")):
        grant_access(ids[key], kind=kind, because="Request 12", recording_id=recording.pk, by=hale)
    with clock.frozen(watching.span(watching.last_week())[0] + dt.timedelta(days=1)):
        for _again in range(watching.UNFINISHED):
            begun = view.view(recording.pk, Viewing.Purpose.SUPERVISION, "small", by=ruiz)
            view.end_viewing(begun.pk, "closed", by=ruiz)
    watch_week(watching.last_week(), by=demo.BY)


def _uploads(dock_id: uuid.UUID) -> None:
    """One upload in each state that a page shows: coming in, withdrawn, refused, and sealed by the worker."""
    _token, secret = issue_token(name="Front desk", scopes=["upload"], dock_id=dock_id, by=demo.BY)
    by = actor_of_token(secret)
    for name, data, said in (
        ("half.mp4", b"half", {}),
        ("withdrawn.mp4", b"half", {}),
        ("refused.mp4", b"0123456789", {"sha256": "0" * 64}),
        ("sealed.mp4", b"9876543210", {}),
    ):
        upload = begin_upload(size=10, said={"filename": name, "device": WEARER, **said}, by=by)
        receive.receive(upload.pk, 0, len(data), io.BytesIO(data).read, by=by)
        if name.startswith("withdrawn"):
            withdraw_upload(upload.pk, by=by)


def policy_on_its_way() -> None:
    """A version that was superseded, a draft that differs from what is in force, a proposal; and a few figures."""
    costa, nair, hale = (_member(badge) for badge in ("P301", "P302", "2"))
    said = {
        "kind": "policy",
        "summary": "Who carries an umbrella, and when.",
        "source": "default, unverified: made up",
    }
    umbrellas = policy.add_document(number="T-1", particulars={"title": "Umbrellas", **said}, by=costa)
    one = {
        "id": "umbrellas.carried",
        "kind": "value",
        "title": "An umbrella is carried",
        "text": "When it rains an umbrella is carried.",
        "source": "default, unverified: made up",
        "basis": "default",
        "measured_by": "trained",
    }
    umbrellas = policy.change_rule(version_id=umbrellas.pk, rule=one, by=costa)
    _decided(umbrellas, nair, hale)
    second = policy.begin_version(number="T-1", by=costa)
    changed = {**one, "text": "Whatever the weather, an umbrella is carried.", "measured_by": ""}
    _decided(policy.change_rule(version_id=second.pk, rule=changed, was=one["id"], by=costa), nair, hale)
    proposal = policy.begin_version(number="T-1", by=costa)
    policy.remove_rule(version_id=proposal.pk, rule_id=one["id"], by=costa)
    policy.propose_version(version_id=proposal.pk, because="It never rains here.", by=nair)
    _draft_of_the_first(costa)
    jobs.measure(0)


def _decided(version: Version, proposer: Actor, approver: Actor) -> None:
    policy.propose_version(version_id=version.pk, because="It rained.", by=proposer)
    policy.approve_version(version_id=version.pk, digest=version.digest, by=approver)
    policy.bring_into_force(version_id=version.pk, by=approver)


def _draft_of_the_first(by: Actor) -> None:
    """A draft of the longest document in force: a rule that says more, one that is new, one length that is longer."""
    held = max(policy_doors.versions_at(), key=lambda version: len(policy_doors.rules_of(version)))
    draft = policy.begin_version(number=held.document.number, by=by)
    rules = draft.content["rules"]
    longer = {**rules[0], "text": rules[0]["text"] + " This sentence was added by the draft."}
    policy.change_rule(version_id=draft.pk, rule=longer, was=longer["id"], by=by)
    policy.remove_rule(version_id=draft.pk, rule_id=rules[1]["id"], by=by)
    new = {**rules[1], "id": "draft.new", "kind": "value", "title": "Something new", "parameters": {}}
    policy.change_rule(version_id=draft.pk, rule=new, by=by)


def _member(badge: str) -> Actor:
    found = Member.objects.get(badge=badge)
    return actors.member(found.pk, department.roles_today(found.pk))


def _holds() -> None:
    """An incident, a hold over all of it, and two preservation requests: one that matches it, one that does not."""
    incident = Incident.objects.get(number=INCIDENT)
    place_hold(kind="court", reason="Trial in May", reference="2026-114", incident_id=incident.pk, by=demo.BY)
    for number, sender in ((INCIDENT, "one"), ("99-000001", "other")):
        ask_preservation(incident_number=number, words="They took my phone", sender=sender, by=PUBLIC)


def _bring_in(delivery: Path) -> None:
    try:
        call_command("ingest", str(delivery), "--no-read", stdout=io.StringIO())
    except SystemExit as ended:
        # The command says by 1 that something was refused, as here on purpose.
        if ended.code != 1:
            raise


def _clips() -> list[ClipFacts]:
    """Drawn once for all test processes: whoever comes second waits and finds them."""
    demo.CLIPS.mkdir(parents=True, exist_ok=True)
    today = clock.now().astimezone(agency().tz).date()
    count, last_day = (14, today - dt.timedelta(days=1)) if FOR_PICTURES else (3, LAST_DAY)
    with (demo.CLIPS / "drawing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return make_demo_clips(demo.CLIPS, count=count, seed=1, last_day=last_day)


def _demo_rows(delivery: Path) -> list[list[str]]:
    rows = []
    for number, clip in enumerate(_clips()):
        name = f"{number:03}_{clip.path.name}"
        (delivery / name).write_bytes(clip.path.read_bytes())
        # One came without a number: officer and time suggest its incident.
        incident = clip.incident if number != 2 else ""
        rows.append(_row(number, name, clip.shows, clip.camera, clip.started_at, incident, clip.kind))
    trail = "Date,User,Action\n2026-03-01 10:00:00,System,Uploaded from dock\n"
    (delivery / f"{Path(rows[0][7]).stem}_audit_trail.csv").write_text(trail, encoding="utf-8")
    return rows


def _odd_rows(delivery: Path) -> list[list[str]]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        made = make_test_clips(Path(folder))
        for number, (kind, serial) in enumerate(ODD.items(), 100):
            name = f"{kind}{made[kind].suffix}"
            (delivery / name).write_bytes(made[kind].read_bytes())
            started = clock.now() - dt.timedelta(days=3, hours=number - 100)
            incident = INCIDENT if kind == "plain" else ""
            rows.append(_row(number, name, f"Test clip {kind}", serial, started, incident, "test"))
    return rows


def _three_rows(delivery: Path, opened: dt.datetime) -> list[list[str]]:
    """One event seen by three cameras, each with the time that its own clock says."""
    rows = []
    for number, seen in enumerate(several.VIEWS, 200):
        name = f"seen_{number}.mp4"
        several.film(delivery / name, seen)
        says = opened + dt.timedelta(minutes=2, seconds=seen.began + seen.fast)
        rows.append(_row(number, name, "Seen by three", seen.serial, says, SEEN_BY_THREE, "test"))
    return rows


def _refused_row(delivery: Path, number: int) -> list[str]:
    """A file whose declared digest is another's."""
    name = f"refused_{number:02}.bin"
    (delivery / name).write_bytes(f"not what was declared, {number}".encode())
    started = clock.now() - dt.timedelta(days=200 + number)
    declared = hashlib.sha256(b"something else").hexdigest()
    return _row(500 + number, name, "A refused file", "", started, "", "test", declared)


def _row(
    number: int,
    name: str,
    title: str,
    serial: str,
    started: dt.datetime,
    incident: str,
    label: str,
    sha256: str = "",
) -> list[str]:
    return [f"small-{number:04}", incident, title, "", serial, started.isoformat(), label, name, sha256]
