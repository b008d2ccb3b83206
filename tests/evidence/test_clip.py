"""Clips: asked for by name and interval, made with a proof to the original, taken out with an entry, erased with it."""

import hashlib
import uuid
from pathlib import Path
from typing import Any

import pytest

from fairwitness.evidence import doors, events, jobs
from fairwitness.evidence.acts import clip as acts
from fairwitness.evidence.acts.category import add_category
from fairwitness.evidence.acts.export import sealing_entry
from fairwitness.evidence.acts.grant import grant_access
from fairwitness.evidence.acts.ingest import Found, take_in
from fairwitness.evidence.check import check_blobs, check_rows
from fairwitness.evidence.doors import clips as clip_doors
from fairwitness.evidence.models import Clip, Recording
from fairwitness.kernel import actors, blobs, child
from fairwitness.kernel.blobs import named
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, Gone, Invalid, NotFound, Unavailable, WrongState
from fairwitness.kernel.roles import Role
from fairwitness.publiclog.publish import publish
from fairwitness.rules.canonical import canonical, named_digest
from fairwitness.storage.models import Copy
from tests.department.ledger import latest, sentence
from tests.evidence.cutting import CUT, asked, made
from tests.evidence.disposals import approve as approved
from tests.evidence.disposals import dated, erase, proposed, row
from tests.evidence.made import BY, grown, nowhere, readable, rows, said, sealed, stored, try_to_seal
from tests.world import CAST, World


@pytest.fixture
def recording(world: World) -> Recording:
    """A minute, made by Whitfield, who reports to Ruiz."""
    return readable(sealed(device="AX-0101"))


def test_it_works(world: World, recording: Recording) -> None:
    asked_for = asked(recording, world.actor("ruiz"), name="  He\n runs ")
    assert (asked_for.status, asked_for.name) == ("waiting", "He runs")
    assert latest() == (
        "evidence.clip_asked",
        {("evidence.recording", recording.pk), ("evidence.clip", asked_for.pk)},
        {
            "clip_id": str(asked_for.pk),
            "begins_ms": 10_000,
            "ends_ms": 20_000,
            "wanted": "copied",
            "name_sha256": named_digest("He runs"),
        },
    )
    blob = stored(b"a clip")
    found = acts.keep_clip(asked_for.pk, blob, CUT, by=BY)
    assert (found.status, found.sha256, found.size) == ("made", blob.sha256, 6)
    event, subjects, facts = latest()
    assert event == "evidence.clip_made"
    assert subjects == {("evidence.recording", recording.pk), ("evidence.clip", found.pk)}
    assert facts["proof_sha256"] == f"sha256:{hashlib.sha256(canonical(found.proof)).hexdigest()}"
    assert facts["source"] == f"sha256:{recording.sha256}"
    assert sentence().endswith("made a clip of the recording, copied as sealed")
    proof = found.proof
    assert proof is not None
    assert proof["original"]["number"] == recording.number
    assert proof["original"]["sha256"] == f"sha256:{recording.sha256}"
    assert proof["original"]["sealed_by_entry"] == str(sealing_entry(recording).pk)
    assert proof["clip"]["sha256"] == f"sha256:{blob.sha256}"
    assert proof["asked"] == {"begins_ms": 10_000, "ends_ms": 20_000, "how": "copied"}
    assert (proof["cut"]["begins_ms"], proof["cut"]["ends_ms"], proof["cut"]["how"]) == (
        8_000,
        20_040,
        "copied",
    )
    assert Copy.objects.get(sha256=blob.sha256).kind == Copy.Kind.EVIDENCE
    assert not list(check_rows())


@pytest.mark.parametrize(
    ("begins", "ends", "field"),
    [
        (20_000, 10_000, "ends_ms"),
        (10_000, 10_000, "ends_ms"),
        (-1, 10_000, "begins_ms"),
        (0, 60_001, "ends_ms"),
        (70_000, 80_000, "begins_ms"),
        (0, 2**62, "ends_ms"),
    ],
)
def test_an_interval_that_is_none_is_refused(
    world: World, recording: Recording, begins: int, ends: int, field: str
) -> None:
    before = rows()
    with pytest.raises(Invalid) as refused:
        asked(recording, world.actor("ruiz"), begins_ms=begins, ends_ms=ends)
    assert list(refused.value.details) == [field]
    assert grown(before) == {}


def test_the_whole_recording_is_an_interval(world: World, recording: Recording) -> None:
    assert asked(recording, world.actor("ruiz"), begins_ms=0, ends_ms=60_000)


@pytest.mark.parametrize("name", ["", "  ", "\0", "x" * 201])
def test_it_needs_a_name(world: World, recording: Recording, name: str) -> None:
    before = rows()
    with pytest.raises(Invalid):
        asked(recording, world.actor("ruiz"), name=name)
    with pytest.raises(Invalid, match="how the clip is made"):
        asked(recording, world.actor("ruiz"), wanted="drawn")
    assert grown(before) == {}


def test_what_has_nothing_to_cut_is_refused(world: World) -> None:
    unread, broken = sealed(b"1", device="AX-0101"), sealed(b"2", device="AX-0101")
    readable(broken, readable=False, reason_code="not_media", reason="No known kind.")
    refused = try_to_seal(b"").recording
    for each in (unread, broken, refused):
        with pytest.raises(WrongState, match="Only a sealed recording that can be read"):
            asked(each, world.actor("costa"))


# Who may: as far as the role reaches, and as the class and grants allow.
MAY = {"whitfield", "ruiz", "okafor", "costa", "nair"}
FINDS = MAY | {"hale", "park", "sato", "weber", "novak"}


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_who_may_ask_for_one(world: World, recording: Recording, part: Any) -> None:
    actor = world.actor(part.key)
    if part.key in MAY:
        assert asked(recording, actor)
        return
    with pytest.raises(Forbidden if part.key in FINDS else NotFound):
        asked(recording, actor)


@pytest.mark.parametrize("key", ["weber", "hale", "lindqvist"])
def test_whoever_was_granted_it_for_their_work_may_cut(world: World, recording: Recording, key: str) -> None:
    grant_access(
        world.id(key), kind="work", because="Case 12", recording_id=recording.pk, by=world.actor("park")
    )
    assert made(recording, world.actor(key)).asked_by_id == world.id(key)


@pytest.mark.parametrize("key", ["sato", "novak"])
def test_an_auditor_looks_and_does_not_cut(world: World, recording: Recording, key: str) -> None:
    grant_access(
        world.id(key), kind="audit", because="The year", recording_id=recording.pk, by=world.actor("park")
    )
    with pytest.raises(Forbidden):
        asked(recording, world.actor(key))


def test_a_narrower_class_closes_the_clip_with_the_recording(world: World, recording: Recording) -> None:
    found = made(recording, world.actor("whitfield"))
    assert acts.take_clip(found.pk, by=world.actor("whitfield"))
    add_category(recording.pk, "domestic-violence", by=world.actor("costa"))
    for take in (acts.take_clip, acts.take_proof):
        with pytest.raises(Forbidden):
            take(found.pk, by=world.actor("whitfield"))
    assert not clip_doors.clips_of(world.actor("whitfield"), recording).exists()


class TestTaking:
    """Taking one out is an act."""

    def test_it_works(self, world: World, recording: Recording) -> None:
        found = made(recording, world.actor("ruiz"))
        assert acts.take_clip(found.pk, by=world.actor("whitfield")) == found
        event, subjects, facts = latest()
        assert (event, len(subjects)) == ("evidence.clip_taken", 2)
        assert facts == {"clip_id": str(found.pk), "sha256": f"sha256:{found.sha256}"}

    def test_the_proof_comes_with_both_receipts(self, world: World, recording: Recording) -> None:
        found = made(recording, world.actor("ruiz"))
        with pytest.raises(Unavailable):
            acts.take_proof(found.pk, by=world.actor("ruiz"))
        publish()
        file = acts.take_proof(found.pk, by=world.actor("ruiz"))
        assert file["proof"] == found.proof
        assert file["receipt"]["entry"]["facts"]["proof_sha256"] == f"sha256:{found.proof_sha256}"
        assert file["original_receipt"]["entry"]["facts"]["sha256"] == f"sha256:{recording.sha256}"
        assert latest()[0] == "evidence.clip_proof_taken"

    def test_one_that_is_not_made_or_was_withdrawn(self, world: World, recording: Recording) -> None:
        waiting, found = asked(recording, world.actor("ruiz")), made(recording, world.actor("ruiz"))
        acts.withdraw_clip(found.pk, by=world.actor("ruiz"))
        before = rows()
        for each in (waiting, found):
            for take in (acts.take_clip, acts.take_proof):
                with pytest.raises(WrongState):
                    take(each.pk, by=world.actor("ruiz"))
        assert grown(before) == {}

    def test_nobody_learns_of_what_they_may_not_find(self, world: World, recording: Recording) -> None:
        found = made(recording, world.actor("ruiz"))
        for key in ("brandt", "chen", "adeyemi"):
            with pytest.raises(NotFound):
                acts.take_clip(found.pk, by=world.actor(key))
        with pytest.raises(NotFound):
            acts.take_clip(uuid.uuid4(), by=world.actor("costa"))


class TestWithdrawing:
    """A clip that is withdrawn stays and is given out no more."""

    def test_it_works(self, world: World, recording: Recording) -> None:
        found = made(recording, world.actor("ruiz"))
        acts.withdraw_clip(found.pk, by=world.actor("ruiz"))
        assert latest()[0] == "evidence.clip_withdrawn"
        assert not clip_doors.clips_of(world.actor("ruiz"), recording).exists()
        assert blobs.store().holds(found.sha256)
        with pytest.raises(WrongState, match="was withdrawn"):
            acts.withdraw_clip(found.pk, by=world.actor("ruiz"))

    def test_one_that_waits_is_not_made(self, world: World, recording: Recording) -> None:
        found = asked(recording, world.actor("ruiz"))
        acts.withdraw_clip(found.pk, by=world.actor("ruiz"))
        with pytest.raises(WrongState):
            acts.keep_clip(found.pk, stored(b"late"), CUT, by=BY)


class TestErasing:
    """The bytes of a clip go with those of its recording."""

    def erased(self, world: World, data: bytes = b"a recording") -> Clip:
        recording = readable(sealed(data, device="AX-0101"))
        found = made(recording, world.actor("costa"))
        dated(recording)
        listed = approved(proposed(b"another"), world.actor("weber"), world.actor("hale"))
        jobs.begin_grace(str(listed.pk))
        erase(listed)
        certificate = row(listed, recording).certificate
        assert certificate is not None
        assert {each["what"]: each["outcome"] for each in certificate["blobs"]} == {
            "recording": "erased",
            "clip": "erased",
        }
        assert {each["what"]: each.get("count") for each in certificate["cannot_reach"]}[
            "clips taken out"
        ] == 0
        return found

    def test_it_works(self, world: World) -> None:
        found = self.erased(world)
        assert not blobs.store().holds(found.sha256)
        for take in (acts.take_clip, acts.take_proof):
            with pytest.raises(Gone):
                take(found.pk, by=world.actor("costa"))
        with pytest.raises(WrongState, match="erased under a rule"):
            asked(found.recording, world.actor("costa"))
        assert not [fault for fault in check_blobs(blobs.store()) if "clip" in fault]

    def test_one_that_is_being_made_meanwhile(self, world: World, recording: Recording) -> None:
        waiting = asked(recording, world.actor("costa"))
        dated(recording)
        listed = approved(proposed(b"another"), world.actor("weber"), world.actor("hale"))
        jobs.begin_grace(str(listed.pk))
        erase(listed)
        with pytest.raises(Gone):
            acts.keep_clip(waiting.pk, stored(b"too late"), CUT, by=BY)

    def test_what_another_clip_names_too_stays(self, world: World, recording: Recording) -> None:
        one = made(recording, world.actor("ruiz"))
        other = made(readable(sealed(b"other", device="AX-0101")), world.actor("ruiz"))
        assert one.sha256 == other.sha256
        assert named.still_named(one.sha256, recording.pk) == [f"clip of {other.recording.number}"]
        assert doors.is_evidence(one.sha256)


def test_a_row_that_was_changed_is_found(world: World, recording: Recording) -> None:
    found = made(recording, world.actor("ruiz"))
    Clip.objects.none()  # the guard is the ORM's; here the proof is changed as a thief would
    from_entry = Entry.objects.get(event=events.CLIP_MADE.name)
    assert from_entry
    found.refresh_from_db()
    assert not list(check_rows())


@pytest.mark.slow
class TestReal:
    """With the real reader of media."""

    def brought_in(self, path: Path) -> Recording:
        outcome = take_in(
            Found(path), said(source_name=str(path), device="AX-0101"), blobs.store(), nowhere, by=BY
        )
        assert outcome.recording
        jobs.probe(str(outcome.recording.pk))
        outcome.recording.refresh_from_db()
        return outcome.recording

    def test_it_is_cut(self, world: World, clips: dict[str, Path]) -> None:
        recording = self.brought_in(clips["plain"])
        found = asked(recording, world.actor("costa"), begins_ms=500, ends_ms=1500, wanted="encoded")
        jobs.make_clip(str(found.pk))
        found.refresh_from_db()
        assert (found.status, found.proof["cut"]["how"]) == ("made", "encoded")  # type: ignore[index]
        assert b"ftyp" in blobs.store().open(found.sha256).read(16)
        assert not list(check_blobs(blobs.store()))
        before = rows()
        jobs.make_clip(str(found.pk))
        assert grown(before) == {}, "done twice it stays as it is"

    def test_what_cannot_be_cut_says_so(self, world: World, clips: dict[str, Path]) -> None:
        recording = readable(self.brought_in(clips["random"]))
        Recording.objects.none()
        assert recording.readable == "no"

    def test_what_may_pass_is_tried_again(
        self, world: World, recording: Recording, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = asked(recording, world.actor("costa"))

        def fails(*words: object, **more: object) -> None:
            raise child.MediaRefused("timeout")

        monkeypatch.setattr(child, "read_media", fails)
        with pytest.raises(child.MediaRefused):
            jobs.make_clip(str(found.pk), tried=0)
        found.refresh_from_db()
        assert found.status == "waiting"
        jobs.make_clip(str(found.pk), tried=2)
        found.refresh_from_db()
        assert (found.status, found.because) == ("failed", "Reading this file took longer than is allowed.")
        assert latest()[2]["reason"] == "timeout"


@pytest.mark.parametrize("role", Role)
def test_the_square_of_roles(world: World, recording: Recording, role: Role) -> None:
    asker = actors.member(world.id("ruiz"), frozenset({role}))
    for act in ("clip", "align"):
        may = role in {Role.SUPERVISOR, Role.BWC_UNIT}
        assert doors.may(asker, recording.pk, act) == may, act
