"""The pages of uploads, for every role: who sees which, what is said of each, what may be done from there."""

import datetime as dt
import uuid
from typing import Any

import pytest

from fairwitness.accounts.models import SignInLog
from fairwitness.department import acts as department
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry
from fairwitness.kernel.roles import Role
from fairwitness.uploads import acts
from fairwitness.uploads.acts import seal, staged
from fairwitness.uploads.models import Upload
from tests.evidence.test_pages import without_tokens
from tests.uploads.test_announce import BY_ROLE, SENDERS
from tests.uploads.test_dispose_upload import DATA, LATER, made
from tests.uploads.tus import BY, Sender, upload_at
from tests.world import World

FINDERS = {Role.OFFICER, Role.SUPERVISOR, Role.BWC_UNIT, Role.INTERNAL_AUDITOR}


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_who_finds_what(dock: Sender, world: World, role: Role) -> None:
    """Whitfield's: Whitfield, the chain above, the BWC Unit, the auditor within. Okoye's: not Whitfield."""
    mine = upload_at(dock.begin(5, device="AX-0101"))
    another = upload_at(dock.begin(5, device="AX-0111"))
    browser = world.sign_in(BY_ROLE[role])
    listed = browser.get("/uploads/")
    one, other = browser.get(f"/uploads/{mine.pk}/"), browser.get(f"/uploads/{another.pk}/")
    sees_all = role in (Role.BWC_UNIT, Role.INTERNAL_AUDITOR)
    assert listed.status_code == (200 if role in FINDERS else 403)
    assert one.status_code == (200 if role in FINDERS else 404)
    assert other.status_code == (200 if sees_all else 404)
    assert browser.get("/uploads/new/").status_code == (200 if role in SENDERS else 403)
    assert browser.post("/uploads/export.csv").status_code == (200 if role in FINDERS else 403)
    if role in FINDERS:
        assert mine.number in listed.content.decode()
        assert (another.number in listed.content.decode()) == sees_all


def test_nobody_in_particular_is_sent_to_sign_in(dock: Sender, client: Any) -> None:
    upload = upload_at(dock.begin(5))
    assert client.post("/uploads/export.csv").status_code == 302
    for place in ("/uploads/", "/uploads/new/", f"/uploads/{upload.pk}/"):
        assert client.get(place).status_code == 302


def test_trying_what_one_may_not_even_find_leaves_a_line(dock: Sender, world: World) -> None:
    upload = upload_at(dock.begin(5, device="AX-0101"))
    browser = world.sign_in("okoye")
    hidden, missing = (browser.get(f"/uploads/{pk}/") for pk in (upload.pk, uuid.uuid4()))
    assert hidden.status_code == missing.status_code == 404
    assert without_tokens(hidden.content) == without_tokens(missing.content)
    line = SignInLog.objects.get(event="attempt")
    assert (line.outcome, line.detail, line.member) == ("refused", "find_upload", world.id("okoye"))


@pytest.mark.parametrize("status", Upload.Status.values)
def test_every_state_is_shown(dock: Sender, world: World, status: str) -> None:
    upload = made(dock, world, status)
    browser = world.sign_in("costa")
    page = browser.get(f"/uploads/{upload.pk}/").content.decode()
    assert str(Upload.Status(status).label) in page
    assert ("Kept until" in page) == (status in ("refused", "withdrawn", "abandoned"))
    if status == "refused":
        assert "does not have the SHA-256" in page
    if status == "sealed":
        assert upload.recording is not None
        assert upload.recording.number in page
    assert upload.number in browser.get(f"/uploads/?status={status}").content.decode()
    others = [each for each in Upload.Status.values if each != status]
    assert upload.number not in browser.get(f"/uploads/?status={others[0]}").content.decode()


def test_what_is_due_is_disposed_of_with_confirmation(dock: Sender, world: World) -> None:
    upload = made(dock, world, "withdrawn")
    browser, place = world.sign_in("costa"), f"/uploads/{upload.pk}/dispose/"
    assert browser.post(place, {"sure": "on"}).status_code == 422
    with clock.frozen(clock.now() + LATER):
        browser = world.sign_in("costa")
        assert "may go now" in browser.get(f"/uploads/{upload.pk}/").content.decode()
        assert browser.post(place).status_code == 422
        assert staged.size_of(upload.pk) > 0
        assert browser.post(place, {"sure": "on"}).status_code == 302
    assert staged.size_of(upload.pk) == 0


def test_an_upload_is_withdrawn_from_its_page(dock: Sender, world: World) -> None:
    upload = upload_at(dock.begin(5, device="AX-0101"))
    place = f"/uploads/{upload.pk}/withdraw/"
    assert world.sign_in("whitfield").post(place, {"sure": "on"}).status_code == 403
    assert world.sign_in("okoye").post(place, {"sure": "on"}).status_code == 404
    assert world.sign_in("costa").post(place, {"sure": "on"}).status_code == 302
    upload.refresh_from_db()
    assert upload.status == "withdrawn"


def test_the_list_is_paged_by_keys_both_ways(
    dock: Sender, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairwitness.uploads.pages.incoming.PAGE_ROWS", 3)
    numbers = [upload_at(dock.begin(5)).number for _ in range(8)]
    browser = world.sign_in("costa")
    last, seen = browser.get("/uploads/"), []
    seen += [row["upload"].number for row in last.context["rows"]]
    while last.context["after"]:
        last = browser.get(f"/uploads/?after={last.context['after']}")
        seen += [row["upload"].number for row in last.context["rows"]]
    assert seen == numbers[::-1]
    back = browser.get(f"/uploads/?before={last.context['before']}")
    assert [row["upload"].number for row in back.context["rows"]] == numbers[2:5][::-1]
    oldest = browser.get("/uploads/?sort=begun")
    assert [row["upload"].number for row in oldest.context["rows"]] == numbers[:3]
    for odd in ("?after=x", "?before=%00", "?status=%00", "?since=0001-01-01&until=9999-12-31", "?sort=%00"):
        assert browser.get(f"/uploads/{odd}").status_code == 200


def test_it_says_what_goes_where_the_store_has_bytes_too(dock: Sender, world: World) -> None:
    """What came changed on the disk: the store then keeps, as a refused recording, what disposing leaves."""
    upload = dock.send(DATA, device="AX-0101")
    staged.path_of(upload.pk).write_bytes(DATA[::-1])
    upload = seal.seal_upload(upload.pk, by=BY)
    recording = upload.recording
    assert recording is not None
    place, browser = f"/uploads/{upload.pk}/", world.sign_in("costa")
    said = f"The refused recording {recording.number} keeps its own copy in the store"
    assert said in browser.get(f"{place}dispose/").content.decode()
    with clock.frozen(clock.now() + LATER):
        acts.dispose_upload(upload.pk, by=world.actor("costa"))
    assert said in browser.get(place).content.decode()
    assert blobs.store().holds(recording.sha256)
    assert staged.size_of(upload.pk) == 0
    other = made(dock, world, "refused")
    assert "keeps its own copy" not in browser.get(f"/uploads/{other.pk}/dispose/").content.decode()


def test_the_list_is_taken_out_with_an_entry(dock: Sender, world: World) -> None:
    dock.begin(5, filename="=cmd()", device="AX-0101")
    upload = Upload.objects.get()
    answer: Any = world.sign_in("whitfield").post("/uploads/export.csv")
    text = b"".join(answer.streaming_content).decode()
    assert upload.number in text
    assert "'=cmd()" in text
    assert Entry.objects.filter(event="uploads.list_exported").count() == 1


def test_home_asks_about_what_was_refused_and_what_stands_still(dock: Sender, world: World) -> None:
    with clock.frozen(clock.now() - dt.timedelta(days=2)):
        upload_at(dock.begin(5, device="AX-0101"))
    made(dock, world, "refused")
    for key in ("costa", "whitfield"):
        page = world.sign_in(key).get("/").content.decode()
        assert "Uploads that were refused" in page
        assert "Uploads that stand still" in page
    assert "Uploads that" not in world.sign_in("weber").get("/").content.decode()


def test_a_camera_that_changed_hands_shows_its_uploads_to_who_wore_it(dock: Sender, world: World) -> None:
    """The holder is whoever wore it when it recorded, not whoever wears it by now."""
    started = clock.rfc3339(clock.now() - dt.timedelta(days=2))
    camera = world.cameras["AX-0101"]
    department.return_camera(camera_id=camera.pk, by=BY)
    upload = upload_at(dock.begin(5, device="AX-0101", started=started))
    assert world.sign_in("whitfield").get(f"/uploads/{upload.pk}/").status_code == 200
    assert agency().uploads.kept_days == 180
