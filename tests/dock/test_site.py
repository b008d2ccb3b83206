"""The agent against the real site, both killed, unplugged and starved: every recording is sealed exactly once."""

import hashlib
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from fairwitness.accounts.acts import end_token, issue_token
from fairwitness.department.acts import retire_dock
from fairwitness.evidence.models import Recording
from fairwitness.uploads.models import Sighting, Upload
from tests.conftest import shared
from tests.dock.site import Agents, Site, until
from tests.world import BY, World, build

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

MIB = 1 << 20


@pytest.fixture
def site(own_database: str, tmp_path: Path) -> Iterator[Site]:
    """The product in a home of its own, with the cast, a dock and its token."""
    with transaction.atomic():
        world: World = build()
    home = tmp_path / "home"
    home.mkdir()
    made = Site(home)
    assert world.cameras["AX-0101"]
    yield made
    made.kill()


@pytest.fixture
def agents(site: Site, tmp_path: Path) -> Iterator[Agents]:
    made = Agents(tmp_path, site.url, site.secret)
    yield made
    made.kill()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sealed() -> Counter[str]:
    """How often each digest was sealed."""
    connection.close()  # the site may have been killed; nothing is kept open for long
    rows = Recording.objects.filter(status=Recording.Status.SEALED)
    return Counter(rows.values_list("sha256", flat=True))


def all_sealed(wanted: set[str]) -> None:
    """Wait until all of these are sealed and the server's list says so, then see that each was once, and no more."""
    until(lambda: set(sealed()) >= wanted, "everything sealed")
    until(
        lambda: not Sighting.objects.exclude(status=Sighting.Status.SEALED).exists(), "every sighting sealed"
    )
    assert sealed() == dict.fromkeys(wanted, 1)
    assert {r.camera.serial for r in Recording.objects.select_related("camera") if r.camera} <= {
        "AX-0101", "AX-0102", "AX-0111"}  # fmt: skip


def test_an_officer_docks_a_camera_and_goes_home(site: Site, agents: Agents) -> None:
    site.start()
    one, two = os.urandom(3 * MIB + 1), os.urandom(100)
    agents.put_in("AX-0101", one=one, two=two)
    agents.start()
    all_sealed({sha(one), sha(two)})
    recording = Recording.objects.get(sha256=sha(one))
    assert recording.owner is not None
    assert (recording.owner.badge, recording.camera.serial, recording.source_name) == (
        "101", "AX-0101", "one.mp4")  # fmt: skip
    assert Upload.objects.filter(by_hand=True).count() == 0
    until(lambda: "2 sealed" in agents.status(), "its own list says so")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_plugs_are_pulled_and_processes_killed_at_any_moment(
    site: Site, agents: Agents, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    agents.settings.write_text(agents.settings.read_text() + "\nbandwidth_kib = 6144")
    wanted: set[str] = set()
    for serial in ("AX-0101", "AX-0102", "AX-0111"):
        files = {f"f{n}": chance.randbytes(chance.randrange(1, 5 * MIB)) for n in range(3)}
        wanted |= {sha(data) for data in files.values()}
        agents.put_in(serial, **files)
    site.start()
    agents.start()
    for _ in range(12):
        time.sleep(chance.uniform(0.05, 0.9))
        what = chance.choice(("agent", "agent", "camera", "site"))
        if what == "agent":
            agents.kill()
            agents.start()
        elif what == "site":
            site.kill()
            time.sleep(chance.uniform(0, 0.5))
            site.start()
        else:
            folder = agents.cameras / chance.choice(("AX-0101", "AX-0102", "AX-0111"))
            folder.rename(tmp_path / "out")
            time.sleep(chance.uniform(0.05, 0.8))
            (tmp_path / "out").rename(folder)
    assert agents.process
    assert agents.process.poll() is None
    all_sealed(wanted)
    assert not Upload.objects.filter(status=Upload.Status.REFUSED).exists()


def test_the_site_is_killed_in_mid_upload_and_nothing_acknowledged_is_lost(
    site: Site, agents: Agents
) -> None:
    data = os.urandom(12 * MIB)
    agents.settings.write_text(agents.settings.read_text() + "\nbandwidth_kib = 4096")
    agents.put_in("AX-0101", big=data)
    site.start()
    agents.start()
    until(lambda: agents.offset() >= 3 * MIB, "a part of it sent")
    site.kill()
    kept = agents.offset()
    site.start()
    all_sealed({sha(data)})
    assert kept >= 3 * MIB
    assert Upload.objects.count() == 1


def test_no_room_at_the_server_waits(site: Site, agents: Agents) -> None:
    site.start(FAIRWITNESS_KEEP_FREE=str(2**60))
    data = os.urandom(1000)
    agents.put_in("AX-0101", one=data)
    agents.start()
    said = agents.settings.with_suffix(".said")
    until(lambda: Sighting.objects.filter(name="one.mp4").exists(), "it is known what the camera holds")
    time.sleep(2)
    assert not sealed()
    assert "Traceback" not in said.read_text()
    agents.kill()
    site.kill()
    site.start()
    agents.start()
    all_sealed({sha(data)})


def test_an_ended_token_and_a_new_one(site: Site, agents: Agents) -> None:
    site.start()
    end_token(token_id=site.token.pk, by=BY)
    data = os.urandom(1000)
    agents.put_in("AX-0101", one=data)
    agents.start()
    said = agents.settings.with_suffix(".said")
    until(lambda: "refuses this dock's token" in said.read_text(), "it says so")
    assert not sealed()
    _token, secret = issue_token(name="New", scopes=["upload", "report"], dock_id=site.dock.pk, by=BY)
    site.secret.write_text(secret, encoding="utf-8")
    all_sealed({sha(data)})


def test_a_retired_dock_sends_nothing(site: Site, agents: Agents) -> None:
    site.start()
    retire_dock(dock_id=site.dock.pk, by=BY)
    agents.put_in("AX-0101", one=b"one")
    agents.start()
    said = agents.settings.with_suffix(".said")
    until(lambda: "is retired" in said.read_text(), "it says why")
    assert not sealed()
    assert not Upload.objects.exists()


def test_what_is_empty_is_refused_shown_and_stays(site: Site, agents: Agents) -> None:
    site.start()
    folder = agents.put_in("AX-0101", empty=b"")
    agents.start()
    refused = Upload.objects.filter(status=Upload.Status.REFUSED)
    until(lambda: refused.count() == 2, "sent once more, and refused again")
    until(lambda: "1 refused by the server" in agents.status(), "said by the dock")
    assert Sighting.objects.get().status == Sighting.Status.REFUSED
    assert (folder / "empty.mp4").exists()


def test_names_of_every_kind(site: Site, agents: Agents) -> None:
    site.start()
    names = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
    fit = [
        n
        for n in names
        if n and "/" not in n and "\0" not in n and len(n.encode()) < 240 and n[0] not in ".~"
    ]
    folder = agents.put_in("AX-0101")
    wanted = set()
    for number, name in enumerate(fit[::5]):
        data = b"%d" % number
        (folder / f"{name}.mp4").write_bytes(data)
        wanted.add(sha(data))
    assert len(wanted) > 50
    agents.start()
    all_sealed(wanted)
