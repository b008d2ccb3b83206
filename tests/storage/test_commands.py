"""What an operator is told: by doctor, by the commands of stores, by the check of the log."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fairwitness.evidence.check import check_blobs
from fairwitness.kernel import blobs
from fairwitness.kernel.blobs import keys
from fairwitness.site.management.commands import doctor
from tests.evidence.made import run, sealed
from tests.storage.made import file_of, flip
from tests.world import World


@dataclass(frozen=True)
class Stat:
    """A folder on another device."""

    st_dev: int
    st_mode: int = 0o040700


def findings() -> list[tuple[str, str]]:
    return list(doctor._stores())


def test_doctor_names_stores_and_master_keys(two: Path, settings: Any) -> None:
    settings.FAIRWITNESS_ENCRYPT = True
    assert (
        "note",
        "The master key is made with the first file that is encrypted. Put a copy of it into a safe then.",
    ) in findings()
    sealed()
    (master,) = keys.masters()
    assert ("ok", f"The master key {master.stem} can be read by its owner alone.") in findings()
    master.chmod(0o644)
    assert ("WRONG", f"The master key {master.stem} can be read by others.") in findings()
    settings.FAIRWITNESS_MASTER_KEYS = str(two / "one" / "keys")
    assert ("WRONG", "The master keys lie inside a store, with what they lock.") in findings()
    (two / "two" / ".fairwitness-store").unlink()
    assert [mark for mark, said in findings() if said.startswith("The store two is not there")] == ["WRONG"]


@pytest.mark.parametrize(("https", "proxies", "wrong"), [(True, 0, 1), (True, 1, 0), (False, 0, 0)])
def test_doctor_says_when_everybody_has_the_proxys_address(
    settings: Any, https: bool, proxies: int, wrong: int
) -> None:
    settings.SESSION_COOKIE_SECURE, settings.ALLAUTH_TRUSTED_PROXY_COUNT = https, proxies
    assert [mark for mark, _sentence in doctor._proxies()] == ["WRONG"] * wrong


def test_doctor_says_when_one_copy_is_enough(home: Path, world: World) -> None:
    said = [sentence for mark, sentence in findings() if mark == "note"]
    assert any("FAIRWITNESS_COPIES" in sentence for sentence in said)


def test_doctor_says_which_stores_die_together(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "The stores one and two lie on one device: when it dies, they die together, and their copies count as one."
    assert ("note", said) in findings()
    stat = Path.stat

    def another(path: Path, **more: Any) -> Any:
        return Stat(2) if path == two / "two" else stat(path, **more)

    monkeypatch.setattr(Path, "stat", another)
    assert ("note", said) not in findings()


def test_doctor_says_what_is_not_encrypted(two: Path, settings: Any) -> None:
    assert not any("uploads/" in sentence for _mark, sentence in findings())
    settings.FAIRWITNESS_ENCRYPT = True
    assert [mark for mark, sentence in findings() if "uploads/" in sentence] == ["note"]


def test_list_says_what_is_where(two: Path) -> None:
    recording = sealed()
    one, other = run("storage", "list").lines
    assert one.startswith(f"one  {two}/one  1 copies  {recording.size} bytes  0 damaged or missing")
    assert other.startswith("two")


def test_a_store_that_settings_do_not_name(two: Path) -> None:
    ran = run("storage", "begin", "three")
    assert (ran.code, ran.last_words) == (1, "fairwitness storage: The settings name no such store.")


def test_begin_without_names_begins_what_is_not_begun(home: Path, settings: Any, world: World) -> None:
    settings.FAIRWITNESS_STORES = f"one={home}/one two={home}/two"
    assert run("storage", "begin").lines == ["The store one is begun.", "The store two is begun."]
    assert run("storage", "begin").lines == []


@pytest.mark.parametrize("encrypt", [False, True])
def test_the_check_of_the_log_reads_every_copy(two: Path, settings: Any, encrypt: bool) -> None:
    settings.FAIRWITNESS_ENCRYPT = encrypt
    recording = sealed()
    assert list(check_blobs(blobs.store())) == []
    flip(file_of("two", recording.sha256))
    (fault,) = check_blobs(blobs.store())
    assert fault.startswith(f"Recording {recording.number}, in the store two: ")
    file_of("two", recording.sha256).unlink()
    assert list(check_blobs(blobs.store())) == [], "a copy that is missing is for the stores' own round"
    file_of("one", recording.sha256).unlink()
    (fault,) = check_blobs(blobs.store())
    assert "the store does not hold its bytes" in fault
