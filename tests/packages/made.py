"""A package of a small case, made without a database: a log of its own, clips, files with any name, what is left out."""

import datetime as dt
import hashlib
import os
import uuid
import zipfile
from pathlib import Path
from typing import Any

from fairwitness.kernel.blobs import Reader
from fairwitness.kernel.blobs.files import FileReader
from fairwitness.packages import disclosure
from fairwitness.packages.bag import Finished
from fairwitness.packages.content import Checked, Disclosure, Exhibit, LeftOut, Line, Moment
from fairwitness.packages.targets import Zip
from fairwitness.rules.canonical import canonical
from tests.verify.published import REPOSITORY, Log

WHEN = dt.datetime(2026, 3, 4, 5, 6, 8, tzinfo=dt.UTC)
NAUGHTY = "<script>alert(1)</script> 田中さん الكلب ../../x\u202egnp.exe"


def line(number: int, sentence: str) -> Line:
    """A line of a custody history."""
    return Line(
        WHEN + dt.timedelta(minutes=number), sentence, f"0000-{number}", number if number % 3 else None
    )


def subject(number: str) -> dict[str, str]:
    """A recording as entries name it."""
    return {"kind": "evidence.recording", "id": str(uuid.uuid5(uuid.NAMESPACE_URL, number))}


def sealed(log: Log, data: bytes, number: str, said: dict[str, Any]) -> dict[str, Any]:
    """The receipt of the entry under which the product makes an exhibit of this kind, with the facts that it states."""
    kind, of = said["kind"], said.get("original", "")
    if kind == "recording":
        return log.seal(data, event="evidence.recording_sealed", subjects=[subject(number)], number=number)
    if kind == "clip":
        proof = f"sha256:{hashlib.sha256(canonical(said['proof'])).hexdigest()}"
        source = said["proof"]["original"]["sha256"]
        return log.seal(data, event="evidence.clip_made", source=source, proof_sha256=proof)
    if kind == "copy":
        source = said.pop("source")
        return log.seal(
            data, event="evidence.derivative_made", subjects=[subject(of)], kind="viewing_copy", source=source
        )
    if kind == "attachment":
        of = number.partition("-attached-")[0]
        return log.seal(data, event="evidence.attachment_sealed", recording_id=subject(of)["id"])
    return log.seal(data, event="cases.file_sealed", number=number, file_kind=kind)


def of_file(path: Path, number: str, log: Log, **more: Any) -> Exhibit:
    """A file as an exhibit, sealed in the log: everything in a package has a receipt."""
    data = path.read_bytes()

    def opened() -> Reader:
        return FileReader(os.open(path, os.O_RDONLY))

    said: dict[str, Any] = {
        "kind": "recording",
        "kind_words": "Recording, the original",
        "title": path.name,
        "ending": path.suffix,
        "sealed": WHEN,
        "started": WHEN - dt.timedelta(hours=1),
        "duration_ms": 2000,
        "reads": "video/mp4",
        "facts": (("Officer", "Dana Whitfield (101)"), ("Camera", "AX-0101")),
        "custody": (line(1, "Sealed."), line(2, f"{NAUGHTY} looked at it.")),
    }
    said |= more
    said["receipt"] = sealed(log, data, number, said)
    return Exhibit(
        number=number,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        open=opened,
        **said,
    )


def case(folder: Path, clips: dict[str, Path], log: Log | None = None) -> Disclosure:
    """Two recordings, a clip and a document with a bad name; one recording is left out."""
    log = log or Log(folder / "log")
    notes = (
        Moment(1500, f"He runs. {NAUGHTY}", "Dana Whitfield", WHEN),
        Moment(0, "Begins", "Dana Whitfield"),
    )
    report = folder / "report.txt"
    report.write_text("What happened")
    original = f"sha256:{hashlib.sha256(clips['plain'].read_bytes()).hexdigest()}"
    return Disclosure(
        number="P-2026-000001",
        case_number="C-2026-000007",
        case_title=f"Burglary {NAUGHTY}",
        agency="Police of nowhere",
        contact="1 Main Street",
        language="en-us",
        zone="America/New_York",
        asked=WHEN,
        asked_by="Grace Lindqvist (201)",
        for_whom="the defence",
        product="Fairwitness 0.1.0",
        exhibits=(
            of_file(clips["plain"], "R-2026-000001", log, moments=notes),
            of_file(clips["silent"], "R-2026-000002", log, reads="video/mp4"),
            of_file(
                clips["plain"],
                "K-2026-000001",
                log,
                kind="clip",
                kind_words="Clip of a recording",
                title="The door",
                original="R-2026-000001",
                proof={"original": {"number": "R-2026-000001", "sha256": original}, "asked": [0, 1000]},
            ),
            of_file(
                report,
                "F-2026-000001",
                log,
                kind="document",
                kind_words="Document",
                title=f"{NAUGHTY}.txt",
                reads="",
                duration_ms=None,
            ),
        ),
        left_out=(
            LeftOut("R-2026-000003", "Recording", NAUGHTY, "A statute protects it.", "M.G.L. c. 41 § 97D"),
        ),
        log=Checked(log.checkpoint, str(log.key), ()),
        verifier=(REPOSITORY / "verify" / "fairwitness_verify.py").read_bytes(),
    )


def package(folder: Path, said: Disclosure) -> tuple[Path, Finished]:
    """The package written and unpacked into an empty folder, as somebody does who has nothing of ours."""
    target = folder / f"{said.number}.zip"
    finished, _damaged = disclosure.write(said, Zip(target, said.asked), folder / "journal")
    stick = folder / "stick"
    with zipfile.ZipFile(target) as file:
        file.extractall(stick)
    return stick / said.number, finished
