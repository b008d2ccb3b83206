"""`fairwitness doctor`: what this machine and installation can and cannot give, in plain words."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from fairwitness.kernel import blobs, child, clock, locks
from fairwitness.kernel.blobs import keys as master_keys
from fairwitness.kernel.refusals import Unavailable
from fairwitness.publiclog import keys
from fairwitness.site import banned
from fairwitness.site.recognition import check, installed

OK, NOTE, WRONG = "ok", "note", "WRONG"


class Command(BaseCommand):
    help = "Name every wall around the reading of media, every lock on history and every key, and whether it stands."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for mark, sentence in self.findings():
            self.stdout.write(f"{mark:<6} {sentence}")
            wrong += mark == WRONG
        if wrong:
            raise SystemExit(1)

    def findings(self) -> Iterator[tuple[str, str]]:
        yield from _walls()
        missing = locks.missing()
        yield (WRONG, " ".join(missing)) if missing else (OK, "All three locks on history stand.")
        yield from _keys()
        yield from _witnesses()
        yield from _stores()
        yield from _proxies()
        yield from _banned_passwords()
        yield from _recognition()


def _recognition() -> Iterator[tuple[str, str]]:
    """Whether anything that the service runs with could tell people apart."""
    found = check.findings(installed.service(settings.ROOT))
    if not found:
        yield (
            OK,
            "Nothing that the service runs with can recognise a person, and no model file is here that is not listed.",
        )
        return
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    yield WRONG, f"Something installed could recognise people: {'; '.join(map(str, found[:3]))}{more}."


def _proxies() -> Iterator[tuple[str, str]]:
    """Whether it is known who asks: behind a proxy that nobody counted, everybody has its address."""
    if settings.SESSION_COOKIE_SECURE and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        yield (
            WRONG,
            (
                "The site is behind a proxy with TLS, and FAIRWITNESS_PROXIES is 0: everybody seems to come from the "
                "proxy, and 50 failed sign-ins of anybody keep everybody out."
            ),
        )


def _stores() -> Iterator[tuple[str, str]]:
    """Whether every store answers, whether one of them alone holds everything, whether master keys are safe."""
    stores = blobs.store()
    for store in stores.all:
        try:
            store.check()
        except Unavailable as away:
            yield WRONG, away.sentence
        else:
            yield OK, f"The store {store.name} answers."
            yield from _locked(store)
    yield from _same_disk([store for store in stores.all if isinstance(store, blobs.FileStore)])
    if stores.enough == 1:
        yield (
            NOTE,
            (
                "A recording is sealed when one store has it: if that one is lost before another has a copy, so is the "
                "recording (FAIRWITNESS_COPIES)."
            ),
        )
    if stores.encrypt:
        yield (
            NOTE,
            (
                "What is still coming in, and what was refused, lies in uploads/ of the home, in clear and in one copy: "
                "FAIRWITNESS_ENCRYPT does not reach it. Put the home on an encrypted disk."
            ),
        )
    masters = master_keys.masters()
    if stores.encrypt and not masters:
        yield (
            NOTE,
            "The master key is made with the first file that is encrypted. Put a copy of it into a safe then.",
        )
    for path in masters:
        others = path.stat().st_mode & 0o077
        yield (WRONG if others else OK), f"The master key {path.stem} {_who_reads(others)}."
    places = [store.root.resolve() for store in stores.all if isinstance(store, blobs.FileStore)]
    if any(master_keys.folder().resolve().is_relative_to(place) for place in places):
        yield WRONG, "The master keys lie inside a store, with what they lock."


def _locked(store: blobs.Store) -> Iterator[tuple[str, str]]:
    """Whether a bucket keeps what is put there, whoever has our keys."""
    if isinstance(store, blobs.FileStore):
        return
    try:
        kept = store.kept_for()
    except Unavailable as away:
        yield (
            NOTE,
            f"Whether the bucket of the store {store.name} has object lock is not known. {away.sentence}",
        )
        return
    if kept:
        yield OK, f"The bucket of the store {store.name} has object lock: {kept}."
    else:
        yield (
            NOTE,
            (
                f"The bucket of the store {store.name} has no object lock with a default retention: who has its keys can "
                "delete what lies there."
            ),
        )


def _same_disk(folders: list[blobs.FileStore]) -> Iterator[tuple[str, str]]:
    """Stores on one device are lost together."""
    by_device: dict[int, list[str]] = {}
    for store in folders:
        if store.root.exists():
            by_device.setdefault(store.root.stat().st_dev, []).append(store.name)
    for names in by_device.values():
        if len(names) > 1:
            yield (
                NOTE,
                (
                    f"The stores {' and '.join(names)} lie on one device: when it dies, they die together, and "
                    "their copies count as one."
                ),
            )


def _who_reads(others: int) -> str:
    return "can be read by others" if others else "can be read by its owner alone"


def _walls() -> Iterator[tuple[str, str]]:
    accepted = settings.FAIRWITNESS_ACCEPT_MISSING_WALLS
    for name, wall in sorted(child.walls().items()):
        mark = OK if wall.stands else NOTE if name in accepted else WRONG
        yield (
            mark,
            f"Wall around reading media, {name}: {wall.why}{'' if mark != NOTE else ' (accepted in settings)'}",
        )


def _keys() -> Iterator[tuple[str, str]]:
    for path in (keys.folder() / "log.key", keys.folder() / "session.key"):
        if path.exists():
            others = path.stat().st_mode & 0o077
            yield WRONG if others else OK, f"The key {path.name} {_who_reads(others)}."


def _witnesses() -> Iterator[tuple[str, str]]:
    if count := len(keys.witness_keys()):
        yield OK, f"{count} witnesses are configured."
        return
    yield (
        NOTE,
        (
            "No witness is configured: a log rewritten from the start would be noticed only by those who kept a "
            "checkpoint."
        ),
    )


def _banned_passwords() -> Iterator[tuple[str, str]]:
    """Whether the list of banned passwords is there, and not older than a quarter (CJIS IA-5)."""
    path = banned.banned_list()
    if path is None:
        yield (
            NOTE,
            "No list of banned passwords is named: only common ones are refused (FAIRWITNESS_BANNED_PASSWORDS).",
        )
        return
    try:
        old = banned.age(path)
    except OSError:
        yield WRONG, "The list of banned passwords cannot be read: no password can be chosen."
        return
    mark = OK if old <= banned.FRESH_FOR else WRONG
    yield mark, f"The list of banned passwords was last brought up to date {clock.in_words(old)} ago."
