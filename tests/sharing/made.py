"""What tests of sharing need made: a case with contents, a package that a job wrote, guests who accepted."""

import datetime as dt
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from fairwitness.cases import acts as cases
from fairwitness.cases.models import Case
from fairwitness.department import doors as department
from fairwitness.evidence.models import Recording
from fairwitness.kernel import actors
from fairwitness.kernel.actors import Actor
from fairwitness.publiclog.publish import publish
from fairwitness.sharing import acts, doors
from fairwitness.sharing.models import Guest, Package, Share
from tests.cases.made import opened, sealed_file, stop
from tests.verify.published import ALONE, Outcome
from tests.world import World

JOB = actors.system("sharing.make_package")
PASSWORD = "correct horse battery staple"
EMAIL = "o.defender@law.example"


def a_case(world: World) -> Case:
    """Three recordings of one stop, and a photograph; the detective leads it."""
    case = opened(world)
    for recording in stop():
        cases.take_in(case.pk, recording.pk, by=world.actor("costa"))
    sealed_file(case, world.actor("lindqvist"))
    return case


def recordings(case: Case) -> list[Recording]:
    """The recordings of the case, in order."""
    return [item.recording for item in case.items.filter(file=None).order_by("added_at") if item.recording]


def asked(world: World, case: Case, by: str = "lindqvist", side: str = "defence", **more: Any) -> Package:
    """A package that was asked for."""
    return acts.ask_package(case.pk, side=side, recipient="Office of O. Defender", **more, by=world.actor(by))


def written(package: Package) -> Package:
    """The package as its job writes it, once the log is published."""
    publish()
    acts.make_package(package.pk, by=JOB)
    return Package.objects.get(pk=package.pk)


def made(world: World, case: Case, **more: Any) -> Package:
    """A package, asked for and written."""
    return written(asked(world, case, **more))


def unpacked(package: Package, folder: Path) -> Path:
    """The package unpacked into an empty folder."""
    with zipfile.ZipFile(doors.files.path_of(package.pk)) as file:
        assert file.testzip() is None
        file.extractall(folder)
    return folder / package.number


def verified(stick: Path, *words: object) -> Outcome:
    """The verifier in the package, run by a Python that has nothing of ours."""
    command = [*ALONE, "data/verify/fairwitness_verify.py", "--package", ".", *map(str, words)]
    return Outcome(
        subprocess.run(command, cwd=stick, capture_output=True, text=True, timeout=120, check=False)
    )


def day(days: int = 30) -> dt.date:
    """So many days from today."""
    return department.today() + dt.timedelta(days=days)


def shared(world: World, package: Package, by: str = "lindqvist", **more: Any) -> tuple[Share, str]:
    """The package shared with a defender; the share, and the secret of the invitation."""
    said: dict[str, Any] = {
        "email": EMAIL,
        "name": "Olive Defender",
        "how": "download",
        "until": day(),
        **more,
    }
    return acts.share(package.pk, **said, by=world.actor(by))


def accepted(secret: str) -> Actor:
    """The guest of an invitation, who chose a password."""
    return actors.guest(acts.accept_invitation(secret, PASSWORD, by=actors.PUBLIC).pk)


def browser_of(secret: str) -> Client:
    """A browser in which the guest accepted the invitation."""
    browser = Client()
    answer = browser.post(
        reverse("guest-invitation", args=[secret]), {"password": PASSWORD, "again": PASSWORD}
    )
    assert answer.status_code == 302, answer.content.decode()
    return browser


def guest() -> Guest:
    """The one guest."""
    return Guest.objects.get()


def packages_folder() -> list[str]:
    """What lies in the folder of packages."""
    return sorted(p.name for p in (settings.FAIRWITNESS_HOME / "packages").glob("*"))
