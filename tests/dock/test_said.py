"""What the agent says to people: its page, `check`, `status`, and the service that starts it."""

import http.client
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dock import fairwitness_dock as dock
from tests.dock.conftest import Stepped, camera
from tests.dock.fake import Fake
from tests.dock.test_agent import finish, sha
from tests.house import ROOT

Settings = Callable[..., dock.Settings]


def page(agent: Stepped) -> str:
    return dock.page_of(agent)


class TestPage:
    """The dock's own page, for whoever stands before it."""

    def test_nothing_there(self, agent: Stepped) -> None:
        assert "No camera is in this dock." in page(agent)

    def test_on_the_way_and_then_done(self, agent: Stepped, cameras: Path) -> None:
        camera(cameras, "AX-1", a=b"one", b=b"two")
        agent.look_twice()
        assert "2 recordings on the way, 6 bytes to send." in page(agent)
        finish(agent)
        shown = page(agent)
        assert "Everything on these cameras is received and sealed." in shown
        assert "2 recordings sealed" in shown

    def test_taken_out_unsent(self, agent: Stepped, cameras: Path) -> None:
        folder = camera(cameras, "AX-1", a=b"one")
        agent.look_twice()
        folder.rename(cameras.parent / "out")
        agent.look_twice()
        assert "put it back: it still holds what was not sent" in page(agent)

    def test_refused(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        camera(cameras, "AX-1", a=b"one")
        fake.refuses = {sha(b"one")}
        finish(agent)
        assert "Something needs a look." in page(agent)
        assert "refused by the server" in page(agent)

    def test_faults_come_first_and_in_plain_words(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        camera(cameras, "AX-1", a=b"one")
        fake.token = "another"
        finish(agent, rounds=2)
        assert 'class="fault"' in page(agent)
        assert "Refused with 401." in page(agent)

    def test_names_are_shown_and_not_run(self, agent: Stepped, cameras: Path) -> None:
        folder = camera(cameras, "<i>AX")
        (folder / "<script>alert(1)<-script>.mp4").write_bytes(b"x")
        agent.look_twice()
        assert "<script" not in page(agent)
        assert "<i>" not in page(agent)
        assert "&lt;script&gt;" in page(agent)

    def test_it_is_served_to_this_machine_and_offers_no_control(self, settings: Settings) -> None:
        agent = Stepped(settings(page="127.0.0.1:0"))
        server = dock.serve_page(agent)
        try:

            def ask(method: str, path: str, host: str) -> tuple[int, str]:
                connection = http.client.HTTPConnection(*server.server_address[:2], timeout=5)
                connection.request(method, path, headers={"Host": host})
                answer = connection.getresponse()
                return answer.status, answer.read().decode()

            assert ask("GET", "/", "localhost:1")[0] == 200
            assert "<form" not in ask("GET", "/", "127.0.0.1")[1]
            assert ask("GET", "/", "evil.example")[0] == 421
            assert "/still" in ask("GET", "/", "localhost")[1]
            assert "/still" not in ask("GET", "/still", "localhost")[1]
            assert ask("GET", "/../token", "localhost")[0] == 404
            assert ask("POST", "/", "localhost")[0] == 501
        finally:
            server.shutdown()
            server.server_close()


def test_a_page_that_cannot_be_shown_stops_nothing(settings: Settings, fake: Fake, cameras: Path) -> None:
    first = Stepped(settings(page="127.0.0.1:0"))
    server = dock.serve_page(first)
    agent = dock.Agent(settings(page=f"127.0.0.1:{server.server_address[1]}", scan_seconds=0.05))
    camera(cameras, "AX-1", a=b"one")
    runs = threading.Thread(target=agent.run)
    runs.start()
    for _ in range(200):
        if fake.sealed:
            break
        agent.stop.wait(0.05)
    agent.stop.set()
    runs.join()
    server.shutdown()
    server.server_close()
    assert fake.sealed == [sha(b"one")]


def test_check_says_that_all_is_well(
    settings: Settings, cameras: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    camera(cameras, "AX-1", a=b"one")
    assert dock.check(settings()) == 0
    said = capsys.readouterr().out
    assert "wrong" not in said.replace("Mend what is wrong", "")
    assert "cameras there now: AX-1" in said
    assert "All is well." in said


def test_check_says_what_is_wrong(
    settings: Settings, fake: Fake, cameras: Path, token: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(**more: object) -> str:
        assert dock.check(settings(**more)) == 1
        return " ".join(line for line in capsys.readouterr().out.splitlines() if line.startswith("wrong"))

    assert "No such file" in wrong(watch=cameras / "nowhere")
    assert "does not answer" in wrong(server="http://127.0.0.1:1")
    token.chmod(0o640)
    assert "chmod 600" in wrong()
    token.chmod(0o600)
    fake.ahead = 3600
    assert "behind the server's" in wrong()
    fake.ahead, fake.token = 0, "another"
    assert "Refused with 401." in wrong()
    fake.before = lambda method, path: (200, {}, b"<html>a captive portal")
    assert "not as one that takes uploads" in wrong()


def test_check_while_the_agent_runs(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with dock.alone(settings()):
        assert dock.check(settings()) == 0
    assert "the agent is running" in capsys.readouterr().out


def test_status(agent: Stepped, fake: Fake, cameras: Path, capsys: pytest.CaptureFixture[str]) -> None:
    camera(cameras, "AX-1", a=b"one", b=b"two")
    finish(agent)
    camera(cameras, "AX-1", c=b"three")
    agent.look_twice()
    assert dock.status(agent.settings) == 0
    assert capsys.readouterr().out == "AX-1 (in the dock): 1 waiting, 2 sealed\n"


def test_the_products_command_starts_the_same_file(tmp_path: Path) -> None:
    """Without database, settings or anything else of the product's."""
    said = subprocess.run(
        [sys.executable, "-m", "fairwitness", "dock", "status", "--config", str(tmp_path / "none.toml")],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin", "FAIRWITNESS_HOME": "/nonexistent", "DATABASE_URL": "dbname=none"},
    )  # fmt: skip
    assert said.returncode == 2
    assert "cannot be read" in said.stderr


def test_the_file_runs_by_itself(tmp_path: Path) -> None:
    shutil.copy(ROOT / "dock" / "fairwitness_dock.py", tmp_path)
    command = [sys.executable, "-I", "-S", str(tmp_path / "fairwitness_dock.py"), "--help"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={})
    assert said.returncode == 0, said.stderr


def test_the_service_file_is_good() -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze, which is not here")
    unit = str(ROOT / "ops" / "fairwitness-dock.service")
    said = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    # The program and its interpreter lie elsewhere on a dock.
    faults = [line for line in said.stderr.splitlines() if "is not executable" not in line]
    assert not [line for line in faults if "fairwitness-dock" in line], said.stderr
