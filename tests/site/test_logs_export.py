"""`fairwitness logs export`: in order, once each, resumable; every syslog line read strictly by RFC 5424."""

import datetime as dt
import io
import json
import re
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.accounts import acts as accounts
from fairwitness.accounts.doors import Happened, Source
from fairwitness.accounts.doors.log import NOT_DONE
from fairwitness.accounts.models import SignInLog
from fairwitness.department import acts
from fairwitness.kernel import clock
from fairwitness.kernel.events import REGISTER
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Invalid
from fairwitness.kernel.roles import Role
from fairwitness.site import collector
from tests.world import BY, World

# RFC 5424, section 6, rule by rule; the moment as 6.2.3 has it, with at most six digits, upper-case T and Z.
PRIVAL, VERSION = r"(?P<pri>0|[1-9]\d{0,2})", r"[1-9]\d{0,2}"
MOMENT = r"(?P<at>\d{4}-(?:0[1-9]|1[0-2])-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{1,6}Z)"
PRINTED = r"[\x21-\x7e]"
NAME = r"[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}"
VALUE = r'(?:[^"\\\]]|\\["\\\]])*'
PARAM = rf'({NAME})="({VALUE})"'
HEADER = (
    rf"<{PRIVAL}>{VERSION} {MOMENT} (?P<host>{PRINTED}{{1,255}}) (?P<app>{PRINTED}{{1,48}}) {PRINTED}{{1,128}} "
    rf"(?P<id>{PRINTED}{{1,32}})"
)
MESSAGE = re.compile(rf"{HEADER} \[(?P<sd>{NAME})(?P<params>(?: {NAME}=\"{VALUE}\")*)\](?: .*)?", re.DOTALL)


def parsed(line: str) -> dict[str, str]:
    """A message as a strict reader understands it; what is not RFC 5424 fails the test."""
    found = MESSAGE.fullmatch(line)
    assert found, line
    assert int(found["pri"]) <= 191
    params = re.findall(PARAM, found["params"])
    said = {name: re.sub(r'\\(["\\\]])', r"\1", value) for name, value in params}
    assert len(said) == len(params), "no parameter twice"
    return {
        **said,
        **{name: found[name] for name in ("pri", "at", "host", "app", "sd")},
        "msgid": found["id"],
    }


def export(*words: str, ahead: int = 5) -> list[str]:
    """What the command says on standard output, line by line; what just happened counts as settled."""
    out = io.StringIO()
    with clock.frozen(clock.now() + dt.timedelta(seconds=ahead)):
        call_command("logs", "export", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue().splitlines()


def happen(world: World) -> None:
    """Something in each of the two: a role granted, a failed sign-in with an address."""
    acts.grant_role(member_id=world.id("li"), role=Role.RECORDS_OFFICER, by=world.actor("chen"))
    source = Source("192.0.2.9", "Firefox on Windows")
    accounts.note_failed_sign_in(username="nobody", by=world.actor("li"), source=source)


def test_both_come_in_order_with_ids_and_without_names(world: World) -> None:
    happen(world)
    found = [json.loads(line) for line in export()]
    assert len(found) == Entry.objects.count() - 1 + SignInLog.objects.count(), (
        "less the entry of this very run"
    )
    assert [each["at"] for each in found] == sorted(each["at"] for each in found)
    granted = next(each for each in found[::-1] if each["event"] == "department.role_granted")
    assert granted["facts"]["member_id"] == str(world.id("li"))
    assert granted["subjects"] == [f"department.member:{world.id('li')}"]
    failed = found[-1] if found[-1]["log"] == "sign_in" else found[-2]
    assert (failed["event"], failed["outcome"], failed["address"]) == ("sign_in", "failed", "192.0.2.9")
    whole = json.dumps(found)
    assert not any(member.family_name in whole for member in world.members.values())
    assert all(re.fullmatch(r".*\.\d{6}Z", each["at"]) for each in found), (
        "hundredths of a second and better, UTC"
    )


def test_what_failed_or_was_refused_is_not_given_out_as_done(world: World) -> None:
    assert set(NOT_DONE) <= set(REGISTER)
    token, _secret = accounts.issue_token(name="Dock 1", scopes=["upload"], by=BY)
    accounts.end_token(token_id=token.pk, by=BY)
    accounts.note_refused_token(token_id=token.pk, reason="ended", by=BY)
    accounts.note_failed_sign_in(username="costa", by=BY)
    given_out = {line["event"]: line["outcome"] for line in map(json.loads, export())}
    assert given_out["accounts.token_ended"] == "done"
    assert given_out["accounts.token_refused"] == "refused"
    assert given_out["department.sign_in_failed"] == "failed"


def test_that_it_was_taken_out_is_in_the_ledger(world: World) -> None:
    happen(world)
    lines = export("--since", clock.rfc3339(clock.now() - dt.timedelta(minutes=1)))
    assert Entry.objects.filter(event="accounts.log_exported", actor="system:logs.export").count() == 1
    assert len(lines) >= 3


def test_it_goes_on_where_it_ended_and_finds_what_came_late(world: World, tmp_path: Path) -> None:
    cursor = tmp_path / "cursor.json"
    happen(world)
    first = export("--cursor", str(cursor))
    assert first
    again = [json.loads(line)["event"] for line in export("--cursor", str(cursor), ahead=30)]
    assert again == ["accounts.log_exported"], "what was taken out before is not taken out again"
    # A change that opened before the last run and ended after it.
    late = SignInLog(
        at=clock.now() - dt.timedelta(minutes=3), event="sign_out", outcome="done", actor="public"
    )
    late.save()
    found = [json.loads(line) for line in export("--cursor", str(cursor), ahead=60)]
    assert ("sign_in", str(late.pk)) in {(each["log"], each["id"]) for each in found}
    assert len(found) == 2


def test_since_leaves_out_what_was_before(world: World, tmp_path: Path) -> None:
    cursor, since = tmp_path / "c.json", clock.now()
    happen(world)
    words = ("--since", clock.rfc3339(since), "--cursor", str(cursor))
    found = [json.loads(line) for line in export(*words)]
    assert {each["event"] for each in found} == {
        "department.role_granted",
        "department.sign_in_failed",
        "sign_in",
    }
    assert all(each["at"] >= clock.rfc3339(since) for each in found)
    later = [json.loads(line)["at"] for line in export("--cursor", str(cursor), ahead=30)]
    assert all(at >= clock.rfc3339(since) for at in later), "looking back does not reach before it either"


def test_killed_in_the_middle_nothing_is_lost_or_sent_twice(
    world: World, tmp_path: Path, monkeypatch: Any
) -> None:
    happen(world)
    cursor = tmp_path / "c.json"
    sent: list[str] = []

    class Breaks:
        def send(self, line: str) -> None:
            if len(sent) == 7:
                raise KeyboardInterrupt
            sent.append(line)

    with monkeypatch.context() as patched:
        patched.setattr(collector, "taker", lambda to, out: Breaks())
        with pytest.raises(KeyboardInterrupt):
            export("--cursor", str(cursor))
    rest = export("--cursor", str(cursor))
    ids = [(json.loads(line)["log"], json.loads(line)["id"]) for line in [*sent, *rest]]
    assert (
        len(sent) == 7 and len(ids) == len(set(ids)) == Entry.objects.count() - 1 + SignInLog.objects.count()
    )


def test_every_syslog_line_is_rfc_5424(world: World) -> None:
    happen(world)
    found = [parsed(line) for line in export("--format", "syslog")]
    plain = [json.loads(line) for line in export()]
    assert [each["id"] for each in found] == [each["id"] for each in plain[: len(found)]]
    failed = next(each for each in found if each["event"] == "sign_in")
    assert failed["pri"] == str(10 * 8 + 4) and failed["address"] == "192.0.2.9"
    granted = next(each for each in found[::-1] if each["event"] == "department.role_granted")
    assert granted["pri"] == str(13 * 8 + 6)
    assert json.loads(granted["facts"])["role"] == "records_officer"


@given(
    event=st.text(min_size=1, max_size=60),
    value=st.text(max_size=200),
    facts=st.dictionaries(st.text(max_size=10), st.text(max_size=50), max_size=4),
    microseconds=st.integers(0, 4 * 10**15),
)
def test_whatever_it_says_it_is_read_back(
    event: str, value: str, facts: dict[str, str], microseconds: int
) -> None:
    at = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=microseconds)
    each = Happened("ledger", "7", at, event, "done", "public", {"detail": value, "facts": facts})
    line = collector.as_syslog(each)
    said = parsed(line.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass"))
    assert "\n" not in line
    assert said["detail"] == re.sub(r"[\x00-\x1f\x7f]", " ", value)
    assert json.loads(said["facts"]) == json.loads(
        re.sub(r"[\x7f]", " ", json.dumps(facts, ensure_ascii=False))
    )
    assert json.loads(collector.as_json(each))["event"] == event


def test_what_no_datagram_holds_goes_without_facts_and_says_so() -> None:
    subjects = [f"evidence.recording:{n:08}" for n in range(9000)]
    each = Happened(
        "ledger", "7", clock.now(), "x", "done", "public", {"subjects": subjects, "facts": {"a": "b"}}
    )
    line = collector.as_syslog(each)
    said = parsed(line)
    assert len(line.encode()) < collector.DATAGRAM
    assert said["facts_left_out"] == "true" and said["subjects_left_out"] == "8950" and "facts" not in said


@pytest.mark.enable_socket
def test_udp(world: World) -> None:
    since = clock.rfc3339(clock.now())
    happen(world)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 2**20)
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        to = f"udp://127.0.0.1:{receiver.getsockname()[1]}"
        assert export("--format", "syslog", "--to", to, "--since", since) == []
        found = [parsed(receiver.recv(65535).decode()) for _ in range(3)]
    assert {each["event"] for each in found} == {
        "department.role_granted",
        "department.sign_in_failed",
        "sign_in",
    }


@pytest.mark.enable_socket
def test_tcp_by_octet_counting_and_again_after_a_broken_connection(world: World) -> None:
    happen(world)
    got: list[bytes] = []
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def serve() -> None:
            server.accept()[0].close()  # the first connection breaks at once
            connection = server.accept()[0]
            with connection:
                while data := connection.recv(65536):
                    got.append(data)

        serving = threading.Thread(target=serve)
        serving.start()
        taker = collector.ToTcp("127.0.0.1", server.getsockname()[1])
        each = Happened("sign_in", "1", clock.now(), "sign_in", "failed", "public", {"device": "Größe ]"})
        lines = [collector.as_syslog(each)] * 200
        for line in lines:
            taker.send(line)
            time.sleep(0.002)
        taker._close()
        serving.join(10)
    assert set(_counted(b"".join(got))) == set(lines[:1]) and len(_counted(b"".join(got))) >= 190


def _counted(data: bytes) -> list[str]:
    """RFC 6587, 3.4.1: MSG-LEN SP SYSLOG-MSG, one after the other."""
    found = []
    while data:
        length, data = data.split(b" ", 1)
        found.append(data[: int(length)].decode())
        parsed(found[-1])
        data = data[int(length) :]
    return found


@pytest.mark.enable_socket
def test_nobody_there_is_refused_in_plain_words() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        taker = collector.ToTcp("127.0.0.1", nobody.getsockname()[1], patience=0)
    with pytest.raises(Invalid, match="Nobody takes the log at"):
        taker.send("x")


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1:1", "udp://", "udp://127.0.0.1", "tcp://127.0.0.1:x", "127.0.0.1:514"]
)
def test_where_it_cannot_go_is_refused(to: str) -> None:
    with pytest.raises(Invalid, match="is not an address"):
        collector.taker(to, io.StringIO())


@pytest.mark.parametrize("since", ["yesterday", "2026-01-31", "2026-01-31T08:00:00", "2026-13-31T08:00:00Z"])
def test_what_is_no_moment_is_refused(db: None, since: str) -> None:
    with pytest.raises(Invalid, match="is not a moment"):
        export("--since", since)


def test_a_broken_cursor_is_refused(db: None, tmp_path: Path) -> None:
    broken = tmp_path / "cursor.json"
    broken.write_text("{}")
    with pytest.raises(Invalid, match="no cursor"):
        export("--cursor", str(broken))
