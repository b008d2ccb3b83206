"""What every test of the agent needs: a folder of cameras, a server, and an agent whose steps are taken one by one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dock import fairwitness_dock as dock
from tests.dock.fake import TOKEN, Fake, serving


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving(Fake()) as running:
        yield running


@pytest.fixture
def cameras(tmp_path: Path) -> Path:
    """The folder into which cameras are put."""
    folder = tmp_path / "cameras"
    folder.mkdir()
    return folder


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN, encoding="utf-8")
    path.chmod(0o600)
    return path


@pytest.fixture
def settings(tmp_path: Path, fake: Fake, cameras: Path, token: Path) -> Callable[..., dock.Settings]:
    def made(**more: Any) -> dock.Settings:
        (tmp_path / "state").mkdir(exist_ok=True)
        given = {"server": fake.url, "token_file": token, "watch": cameras, "state": tmp_path / "state"}
        quick = {"steady_seconds": 0, "chunk_mib": 1, "timeout_seconds": 5, "page": "", "report_seconds": 1}
        return dock.Settings(**{**quick, **given, **more})

    return made


class Stepped(dock.Agent):
    """An agent without threads: it looks, sends and tells when the test says so, and never waits for long."""

    def look_twice(self) -> None:
        """A file is believed to be gone when two looks agree."""
        self.look()
        self.look()

    def send_all(self, most: int = 200) -> None:
        """Send until there is nothing more to do now."""
        for _ in range(most):
            if not self.turn():
                return
        raise AssertionError("It never ends.")

    def patience(self) -> None:
        """All the waiting is over."""
        self.pause_until = 0.0
        self.retry_at.clear()

    def states(self) -> dict[str, str]:
        """What became of each file, by camera and name."""
        return {f"{file.serial}/{file.name}": file.state for file in self.book.files()}


@pytest.fixture
def agent(settings: Callable[..., dock.Settings]) -> Stepped:
    return Stepped(settings())


def camera(cameras: Path, serial: str, **files: bytes) -> Path:
    """Put a camera in, with files by the stem of their names."""
    folder = cameras / serial
    folder.mkdir(exist_ok=True)
    for stem, data in files.items():
        (folder / f"{stem}.mp4").write_bytes(data)
    return folder
