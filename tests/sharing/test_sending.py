"""What really leaves: whole files, parts of them, items; each counted, and none after the right to it has ended."""

import datetime as dt
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse

from fairwitness.cases.models import Case
from fairwitness.kernel import clock, history
from fairwitness.kernel import sending as stream
from fairwitness.kernel.models import Entry, Notice
from fairwitness.publiclog.publish import publish
from fairwitness.sharing import acts, doors
from fairwitness.sharing.models import Opening, Package, Running, Taken
from tests.dock.site import until
from tests.sharing.made import a_case, accepted, asked, browser_of, day, made, shared, unpacked, verified
from tests.world import World


@pytest.fixture
def world(own_world: World) -> World:
    """Really committed: whoever sends gives the connection back meanwhile."""
    return own_world


@pytest.fixture
def package(world: World) -> Package:
    case: Case = a_case(world)
    return made(world, case)


def events(package: Package) -> list[str]:
    return [line.event for line in history.of("sharing.package", package.pk)]


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_guest_accepts_sees_and_downloads(world: World, package: Package) -> None:
    share, secret = shared(world, package)
    browser = browser_of(secret)
    page = browser.get(reverse("guest-home"))
    assert package.number in page.content.decode()
    page = browser.get(reverse("guest-package", args=[share.pk]))
    assert "Download all of it" in page.content.decode()
    answer = browser.post(reverse("guest-download", args=[share.pk]), follow=True)
    data = body(answer)
    assert data == doors.files.path_of(package.pk).read_bytes()
    assert answer["Content-Disposition"] == f'attachment; filename="{package.number}.zip"'
    share.refresh_from_db()
    assert share.received_at
    assert {"sharing.shared", "sharing.download_begun", "sharing.received"} <= set(events(package))
    assert Notice.objects.filter(
        member=world.id("lindqvist"), sentence=f"All bytes of {package.number} were sent to Olive Defender."
    ).exists()


def test_there_is_a_signed_receipt_when_all_of_it_has_left(world: World, package: Package) -> None:
    share, secret = shared(world, package)
    browser = browser_of(secret)
    assert browser.get(reverse("guest-receipt", args=[share.pk])).status_code == 409
    browser.post(reverse("guest-download", args=[share.pk]))
    url = reverse("guest-file", args=[Opening.objects.get().pk])
    half = package.size // 2
    assert len(body(browser.get(url, headers={"Range": f"bytes={half}-"}))) == package.size - half
    share.refresh_from_db()
    assert (share.received_at, Taken.objects.get().parts) == (None, [[half, package.size]])
    body(browser.get(url, headers={"Range": f"bytes=0-{half + 5}"}))
    share.refresh_from_db()
    assert share.received_at
    assert browser.get(reverse("guest-receipt", args=[share.pk])).status_code == 503  # not yet published
    publish()
    receipt = json.loads(browser.get(reverse("guest-receipt", args=[share.pk])).content)
    assert receipt["entry"]["event"] == "sharing.received"
    assert receipt["entry"]["facts"]["sha256"] == f"sha256:{package.sha256}"
    assert receipt["entry"]["actor"] == f"guest:{share.guest_id}"
    assert len(body(browser.get(url, headers={"Range": f"bytes={half}-"}))) == package.size - half, "a tail"
    assert Opening.objects.get().ended is None, "a part of it ends nothing"
    browser.post(reverse("guest-close", args=[Opening.objects.get().pk]))
    assert browser.get(url).status_code == 410
    body(browser.post(reverse("guest-download", args=[share.pk]), follow=True))
    assert events(package).count("sharing.received") == 1


def test_a_chunk_that_was_dropped_is_counted_and_not_received(
    world: World, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What leaves is charged before; that it was sent is said only when the server came for more."""
    monkeypatch.setattr(stream, "CHUNK", package.size // 2 + 1)
    share, secret = shared(world, package)
    browser = browser_of(secret)
    browser.post(reverse("guest-download", args=[share.pk]))
    url = reverse("guest-file", args=[Opening.objects.get().pk])
    answer: Any = browser.get(url)
    parts = iter(answer.streaming_content)
    next(parts), next(parts)
    answer.close()
    share.refresh_from_db()
    assert share.received_at is None
    assert Taken.objects.get().parts == [[0, stream.CHUNK]]
    assert Running.objects.get().bytes_sent == package.size
    body(browser.get(url, headers={"Range": f"bytes={stream.CHUNK}-"}))
    share.refresh_from_db()
    assert share.received_at


def test_two_downloads_that_end_at_once_are_received_once(world: World, package: Package) -> None:
    share, secret = shared(world, package)
    guest = accepted(secret)
    opening = acts.download(share.pk, by=guest)
    acts.note_left(opening.pk, 0, 1)

    def one() -> None:
        try:
            acts.note_left(opening.pk, 0, package.size)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _n in range(2)]
    with transaction.atomic():
        Taken.objects.select_for_update().get(share=share.pk)
        for thread in threads:
            thread.start()
        until(lambda: waiting() == len(threads), "both wait")
    for thread in threads:
        thread.join(30)
    assert Entry.objects.filter(event="sharing.received").count() == 1
    assert Notice.objects.filter(sentence__startswith="All bytes of").count() == 1


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("how", ["taken back", "withdrawn", "run out"])
def test_what_is_being_sent_stops_with_the_right_to_it(
    world: World, package: Package, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(stream, "CHUNK", package.size // 4)
    monkeypatch.setattr(stream, "ASK_AFTER", package.size // 4)
    share, secret = shared(world, package, until=day(1))
    browser = browser_of(secret)
    browser.post(reverse("guest-download", args=[share.pk]))
    answer: Any = browser.get(reverse("guest-file", args=[Opening.objects.get().pk]))
    parts = iter(answer.streaming_content)
    received, days = len(next(parts)), 0
    if how == "taken back":
        acts.end_share(share.pk, by=world.actor("lindqvist"))
    elif how == "withdrawn":
        acts.withdraw_package(package.pk, "Wrong case.", by=world.actor("lindqvist"))
    else:
        days = 2
    with clock.frozen(clock.now() + dt.timedelta(days=days)):
        assert received + sum(len(part) for part in parts) == stream.CHUNK
    share.refresh_from_db()
    assert share.received_at is None


def test_a_guest_looks_at_one_item_and_it_is_entered(world: World, package: Package) -> None:
    share, secret = shared(world, package, how="view")
    browser = browser_of(secret)
    item = package.items.get(file__isnull=False)
    answer = browser.post(reverse("guest-open", args=[share.pk, item.pk]), follow=True)
    assert answer.status_code == 200
    assert b"<img" in answer.content
    opening = Opening.objects.get()
    media = browser.get(reverse("guest-media", args=[opening.pk]))
    assert body(media) == b"a photograph"
    assert media["Content-Security-Policy"] == "default-src 'none'; sandbox"
    browser.post(reverse("guest-close", args=[opening.pk]))
    opening.refresh_from_db()
    assert opening.ended and opening.bytes_sent == len(b"a photograph")
    assert browser.get(reverse("guest-media", args=[opening.pk])).status_code == 410
    lines = [line.sentence for line in history.of("cases.file", item.file_id)]
    assert any("Olive Defender" in line for line in lines)
    recording = package.items.filter(recording__isnull=False).first()
    assert recording
    browser.post(reverse("guest-open", args=[share.pk, recording.pk]))
    assert history.of("evidence.recording", recording.recording_id)[-1].event == "sharing.view_begun"


def test_taking_a_copy_sends_the_file(world: World, package: Package) -> None:
    answer: Any = world.sign_in("lindqvist").post(reverse("package-take", args=[package.pk]))
    assert b"".join(answer.streaming_content) == doors.files.path_of(package.pk).read_bytes()
    assert world.sign_in("hale").post(reverse("package-take", args=[package.pk])).status_code == 403


def test_the_receipt_of_a_package_shows_a_stranger_that_it_is_whole(
    world: World, package: Package, tmp_path: Path
) -> None:
    """That of its making, from the agency, and that of its receiving, from the guest: both beside the package."""
    member, url = world.sign_in("lindqvist"), reverse("package-receipt", args=[package.pk])
    assert member.get(url).status_code == 503  # not yet published
    share, secret = shared(world, package)
    guest = browser_of(secret)
    body(guest.post(reverse("guest-download", args=[share.pk]), follow=True))
    publish()
    stick = unpacked(package, tmp_path)
    for browser, where, event in (
        (member, url, "sharing.package_made"),
        (guest, reverse("guest-receipt", args=[share.pk]), "sharing.received"),
    ):
        answer = browser.get(where)
        assert f"{package.number}.json" in answer["Content-Disposition"]
        receipt = tmp_path / f"{event}.json"
        receipt.write_bytes(answer.content)
        found = verified(stick, "--receipt", receipt)
        assert found.holds, found.text
        assert f"This is the package that the log speaks of ({event})." in found.text
    assert (
        reverse("package-receipt", args=[package.pk])
        in member.get(reverse("package", args=[package.pk])).content.decode()
    )


def test_there_is_no_receipt_of_what_is_not_made(world: World) -> None:
    package = asked(world, a_case(world))
    browser = world.sign_in("lindqvist")
    url = reverse("package-receipt", args=[package.pk])
    assert browser.get(url).status_code == 409
    assert url not in browser.get(reverse("package", args=[package.pk])).content.decode()


def test_taken_back_half_way_nothing_more_leaves(world: World, package: Package) -> None:
    share, secret = shared(world, package)
    browser = browser_of(secret)
    browser.post(reverse("guest-download", args=[share.pk]))
    url = reverse("guest-file", args=[Opening.objects.get().pk])
    acts.end_share(share.pk, by=world.actor("lindqvist"))
    assert browser.get(url).status_code == 410
