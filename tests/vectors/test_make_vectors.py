"""The known answers are those that the script beside them makes."""

from pathlib import Path

import pytest

from tests.vectors import make_vectors
from tests.vectors.known import FOLDER


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vectors")
    make_vectors.main(folder)
    return folder


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_it_is_what_the_script_makes(made: Path, path: Path) -> None:
    assert path.read_bytes() == (made / path.name).read_bytes()


def test_it_makes_nothing_else(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == {path.name for path in FOLDER.glob("*.json")}
