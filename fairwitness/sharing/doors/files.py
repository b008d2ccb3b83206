"""Where the files of packages lie: in a folder of their own, beside the stores, for as long as they are wanted."""

import uuid
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.kernel.refusals import Gone, WrongState
from fairwitness.kernel.sending import Bytes
from fairwitness.sharing.models import Package, PackageItem, Progress


def folder() -> Path:
    """The folder of packages; for the service's user alone."""
    path = Path(settings.FAIRWITNESS_PACKAGES or settings.FAIRWITNESS_HOME / "packages")
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def path_of(package_id: uuid.UUID) -> Path:
    """Where the file of a package lies, whether or not it is there."""
    return folder() / f"{package_id}.zip"


def journal_of(package_id: uuid.UUID) -> Path:
    """Where it is noted how far the writing has come."""
    return folder() / f"{package_id}.journal"


def is_there(package: Package) -> bool:
    """Whether the package's file can be had."""
    return package.status == Package.Status.MADE and path_of(package.pk).is_file()


def check_there(package: Package) -> None:
    """Raise WrongState while it is not made, Gone where its file was removed."""
    if package.status != Package.Status.MADE:
        raise WrongState(_("This package is not made, or was withdrawn."), status=package.status)
    if not path_of(package.pk).is_file():
        raise Gone(_("The file of this package is not kept any more. What was in it can be packed anew."))


def bytes_of(package: Package) -> Bytes:
    """The package's file, for a download. Raises as `check_there`."""
    check_there(package)
    return Bytes(package.sha256, "application/zip", f"{package.number}.zip", path_of(package.pk))


def progress_of(package: Package) -> Progress | None:
    """How far the writing has come; None before it begins, and after it ends."""
    return Progress.objects.filter(package=package.pk).first()


def lies_there(package_id: uuid.UUID) -> int:
    """How many bytes of it lie there already, from before a stop."""
    part = path_of(package_id).with_name(f"{package_id}.zip.part")
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def left_of(recording_id: uuid.UUID) -> int:
    """How many files of packages still lie there that hold a recording's bytes."""
    held = PackageItem.objects.filter(recording=recording_id, because="").values_list("package", flat=True)
    return sum(any(path.exists() for path in all_of(pk)) for pk in set(held))


def all_of(package_id: uuid.UUID) -> list[Path]:
    """Every file that may lie there of a package, in the order in which they go: first what speaks of the others."""
    whole = path_of(package_id)
    return [journal_of(package_id), whole, whole.with_name(f"{whole.name}.part")]


def page_of(package: Package) -> str:
    """The address of a package's page."""
    return reverse("package", args=[package.pk])
