"""tus 1.0 as it is spoken at /api/uploads: what each header and method does, and how each mistake is refused."""

import hashlib
from typing import Any

import pytest

from fairwitness.evidence.models import Recording
from fairwitness.kernel.models import Entry
from fairwitness.uploads.acts import piece, receive, staged
from fairwitness.uploads.acts.piece import Checksum
from fairwitness.uploads.models import Progress, Upload
from tests.uploads.tus import Sender, actor_of, checksum, upload_at
from tests.world import World

DATA = b"twenty bytes of film"


def refused(answer: Any, status: int, code: str) -> None:
    """Refused clearly: by status, by code, with a sentence, and with the version."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer.json()["sentence"].endswith((".", "1.0.0"))
    assert answer.headers["Tus-Resumable"] == "1.0.0"


def test_options_say_what_is_spoken(dock: Sender) -> None:
    answer = dock.ask("OPTIONS", "/api/uploads", Tus_Resumable=None)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,checksum,termination,expiration"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"
    assert int(answer.headers["Tus-Max-Size"]) >= 2**38


def test_a_file_in_pieces_is_sealed(dock: Sender) -> None:
    path = dock.begin(
        len(DATA), filename="clip.mp4", sha256=hashlib.sha256(DATA).hexdigest(), device="AX-0101"
    )
    assert dock.offset(path) == 0
    first = dock.patch(path, DATA[:7])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "7")
    assert "Upload-Expires" in first.headers
    assert dock.offset(path) == 7
    last = dock.patch(path, DATA[7:], 7, Upload_Checksum=checksum(DATA[7:]))
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, "20")
    assert upload_at(path).status == Upload.Status.RECEIVED
    assert dock.offset(path) == 20


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_piece_without_its_checksum_is_not_kept(dock: Sender, algorithm: str) -> None:
    path = dock.begin(len(DATA))
    dock.patch(path, DATA[:5])
    refused(
        dock.patch(path, DATA[5:], 5, Upload_Checksum=checksum(b"others", algorithm)),
        460,
        "checksum_mismatch",
    )
    assert dock.offset(path) == 5
    assert staged.size_of(upload_at(path).pk) == 5
    assert dock.patch(path, DATA[5:], 5, Upload_Checksum=checksum(DATA[5:], algorithm)).status_code == 204


def test_what_was_written_and_never_acknowledged_is_cut_off(dock: Sender) -> None:
    path = dock.begin(len(DATA))
    dock.patch(path, DATA[:5])
    with staged.path_of(upload_at(path).pk).open("ab") as file:
        file.write(b"unverified, left by a killed process")
    assert dock.offset(path) == 5
    assert dock.patch(path, DATA[5:], 5).status_code == 204
    assert staged.path_of(upload_at(path).pk).read_bytes() == DATA


def test_a_disk_that_lost_bytes_is_asked_for_less(dock: Sender) -> None:
    """The offset never says more than what is there: the sender still has the file, and sends it again."""
    path = dock.begin(len(DATA))
    dock.patch(path, DATA[:9])
    with staged.path_of(upload_at(path).pk).open("r+b") as file:
        file.truncate(4)
    assert dock.offset(path) == 4
    assert dock.patch(path, DATA[4:], 4).status_code == 204
    assert upload_at(path).came_sha256 == hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload_Length": None}, 422, "invalid"),
        ({"Upload_Length": "-1"}, 422, "invalid"),
        ({"Upload_Length": "1e3"}, 422, "invalid"),
        ({"Upload_Length": "٣"}, 422, "invalid"),
        ({"Upload_Length": "9" * 4000}, 422, "invalid"),
        ({"Upload_Length": str(2**41)}, 413, "too_long"),
        ({"Upload_Length": None, "Upload_Defer_Length": "1"}, 422, "invalid"),
        ({"Tus_Resumable": None}, 412, "wrong_version"),
        ({"Tus_Resumable": "0.2.2"}, 412, "wrong_version"),
        ({"Upload_Metadata": "filename not!base64"}, 422, "invalid"),
        ({"Upload_Metadata": "filename YQ==,filename YQ=="}, 422, "invalid"),
        ({"Upload_Metadata": "sha256 YQ=="}, 422, "invalid"),
        ({"Upload_Metadata": "a " + "A" * 8192}, 422, "invalid"),
    ],
)
def test_what_cannot_be_announced(dock: Sender, headers: dict[str, Any], status: int, code: str) -> None:
    refused(dock.ask("POST", "/api/uploads", **{"Upload_Length": 5, **headers}), status, code)
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload_Offset": 4}, 409, "wrong_offset"),
        ({"Upload_Offset": 6}, 409, "wrong_offset"),
        ({"Upload_Offset": None}, 422, "invalid"),
        ({"Upload_Offset": "five"}, 422, "invalid"),
        ({"Content_Type": "application/json"}, 415, "wrong_type"),
        ({"Tus_Resumable": "2.0.0"}, 412, "wrong_version"),
        ({"Upload_Checksum": "md5 YQ=="}, 422, "invalid"),
        ({"Upload_Checksum": "sha256 not!base64"}, 422, "invalid"),
        ({"Upload_Checksum": "sha256"}, 460, "checksum_mismatch"),
    ],
)
def test_what_no_piece_may_be(dock: Sender, headers: dict[str, Any], status: int, code: str) -> None:
    path = dock.begin(len(DATA))
    dock.patch(path, DATA[:5])
    refused(dock.ask("PATCH", path, DATA[5:], **{"Upload_Offset": 5, **headers}), status, code)
    assert dock.offset(path) == 5


def test_more_than_was_announced_is_refused_before_it_is_read(dock: Sender) -> None:
    path = dock.begin(len(DATA))
    refused(dock.patch(path, DATA + b"!"), 413, "too_long")
    assert dock.offset(path) == 0


def test_a_length_that_is_not_said(dock: Sender) -> None:
    path = dock.begin(len(DATA))
    answer = dock.browser.generic(
        "PATCH",
        path,
        headers={
            "Authorization": f"Bearer {dock.token}",
            "Transfer-Encoding": "chunked",
            "Tus-Resumable": "1.0.0",
        },
    )
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


def test_an_empty_piece_changes_nothing(dock: Sender) -> None:
    path = dock.begin(len(DATA))
    assert dock.patch(path, b"").headers["Upload-Offset"] == "0"


def test_a_complete_upload_takes_nothing_more(dock: Sender) -> None:
    upload = dock.send(DATA)
    refused(dock.patch(f"/api/uploads/{upload.pk}", b"more", 20), 410, "gone")


def test_delete_withdraws_and_keeps_what_came(dock: Sender) -> None:
    path = dock.begin(len(DATA))
    dock.patch(path, DATA[:5])
    assert dock.ask("DELETE", path).status_code == 204
    upload = upload_at(path)
    assert (upload.status, upload.came) == (Upload.Status.WITHDRAWN, 5)
    assert staged.path_of(upload.pk).read_bytes() == DATA[:5]
    assert dock.ask("HEAD", path).status_code == 410
    refused(dock.patch(path, DATA[5:], 5), 410, "gone")
    refused(dock.ask("DELETE", path), 410, "gone")


def test_a_complete_upload_is_not_withdrawn(dock: Sender) -> None:
    upload = dock.send(DATA)
    refused(dock.ask("DELETE", f"/api/uploads/{upload.pk}"), 409, "wrong_state")


def test_other_methods_stand_in_where_a_proxy_lets_only_post_through(dock: Sender) -> None:
    path = dock.begin(len(DATA))
    answer = dock.ask("POST", path, DATA, Upload_Offset=0, X_HTTP_Method_Override="PATCH")
    assert answer.headers["Upload-Offset"] == "20"
    refused(dock.ask("PUT", path), 405, "method_not_allowed")
    refused(dock.ask("GET", "/api/uploads"), 405, "method_not_allowed")


def test_get_says_what_became_of_it(dock: Sender) -> None:
    upload = dock.sealed(DATA)
    answer: Any = dock.ask("GET", f"/api/uploads/{upload.pk}", Tus_Resumable=None)
    said = answer.json()
    recording = Recording.objects.get()
    assert said["status"] == "sealed"
    assert (said["recording"], said["sha256"]) == (recording.number, hashlib.sha256(DATA).hexdigest())


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE", "GET"])
def test_nobody_reaches_what_another_sends(dock: Sender, world: World, method: str) -> None:
    path = dock.begin(len(DATA))
    stranger = Sender(browser=world.sign_in("whitfield"))
    answer = stranger.ask(method, path, DATA, Upload_Offset=0)
    assert answer.status_code == 404
    assert Sender().ask(method, path, DATA, Upload_Offset=0).status_code == 401
    assert Sender(token="fwt_unknown").ask(method, path, DATA, Upload_Offset=0).status_code == 401
    assert dock.offset(path) == 0


def test_a_broken_off_piece_is_kept_unless_it_had_a_checksum(dock: Sender, world: World) -> None:
    path = dock.begin(len(DATA))
    upload = upload_at(path)
    from_dock = sender_of(dock)
    parts = iter([DATA[:8], b""])
    receive.receive(upload.pk, 0, 20, lambda count: next(parts), by=from_dock)
    assert dock.offset(path) == 8
    parts = iter([DATA[8:12], b""])
    known = Checksum("sha256", hashlib.sha256(DATA[8:]).digest())
    receive.receive(upload.pk, 8, 12, lambda count: next(parts), checksum=known, by=from_dock)
    assert dock.offset(path) == 8
    assert staged.size_of(upload.pk) == 8


def test_a_long_piece_is_counted_on_its_way(dock: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill in the middle of it costs no more than what came since; one with a checksum counts whole or not."""
    monkeypatch.setattr(piece, "COUNT_EVERY", 5)
    path = dock.begin(len(DATA))
    upload = upload_at(path)
    seen: list[int] = []

    def read(count: int) -> bytes:
        seen.append(Progress.objects.get().offset)
        return DATA[2 * len(seen) - 2 :][:2] if len(seen) < 9 else b""

    receive.receive(upload.pk, 0, 20, read, by=sender_of(dock))
    assert seen == [0, 0, 0, 6, 6, 6, 12, 12, 12]
    assert dock.offset(path) == 16
    first, seen[:] = DATA[16:], []
    receive.receive(
        upload.pk, 16, 4, lambda count: first[:0], checksum=Checksum("sha1", b""), by=sender_of(dock)
    )
    assert dock.offset(path) == 16


def test_what_is_complete_and_was_not_finished_is_finished(
    dock: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a kill leaves it between the last acknowledgement and the finishing: the client hears that all came."""
    path = dock.begin(len(DATA))

    def dies(*_words: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(receive, "finish_upload", dies)
        with pytest.raises(KeyboardInterrupt):
            dock.patch(path, DATA)
    assert (dock.offset(path), upload_at(path).status) == (20, "announced")
    assert receive.finish_complete() == 1
    assert upload_at(path).status == "received"
    assert receive.finish_complete() == 0


def test_two_clients_on_one_upload(dock: Sender) -> None:
    """Who holds it goes on; the other is told to wait, and may go on when it is let go."""
    path = dock.begin(len(DATA))
    upload = upload_at(path)
    answers: list[Any] = []

    def read(count: int) -> bytes:
        answers.append(dock.patch(path, DATA))
        return DATA

    receive.receive(upload.pk, 0, 20, read, by=sender_of(dock))
    refused(answers[0], 423, "locked")
    assert answers[0].headers["Retry-After"]
    assert upload_at(path).status == Upload.Status.RECEIVED


def test_no_entry_for_a_piece(dock: Sender) -> None:
    path = dock.begin(len(DATA))
    before = Entry.objects.count()
    for at in range(0, 15, 5):
        dock.patch(path, DATA[at : at + 5], at)
    assert Entry.objects.count() == before
    dock.patch(path, DATA[15:], 15)
    assert Entry.objects.filter(event="uploads.received").count() == 1
    assert not Progress.objects.exists()


def test_so_many_at_once_and_no_more(dock: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    path = dock.begin(len(DATA))
    monkeypatch.setattr(receive, "MOST_OF_ONE", 0)
    refused(dock.patch(path, DATA), 429, "too_many")
    monkeypatch.setattr(receive, "MOST_OF_ONE", 5)
    monkeypatch.setattr(receive, "MOST_AT_ONCE", 0)
    refused(dock.patch(path, DATA), 503, "unavailable")


def test_a_session_needs_its_csrf_token(world: World) -> None:
    costa = Sender(browser=world.sign_in("costa"))
    costa.browser.handler.enforce_csrf_checks = True
    answer: Any = costa.ask("POST", "/api/uploads", Upload_Length=5)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not Upload.objects.exists()


def sender_of(sender: Sender) -> Any:
    """The actor behind a sender's token."""
    return actor_of(sender.token)
