"""Makes an export as another vendor would write it: media, table, audit trails, cases, people. Nobody's but ours."""

import csv
import datetime as dt
import hashlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

STARTED = dt.datetime(2026, 3, 4, 13, 5, tzinfo=dt.UTC)
HEADER = (
    *("Evidence ID", "ID External", "Title", "Owner", "Device Serial", "Created Date Record Start"),
    *("Category", "File Name", "SHA256", "Size Bytes"),
)


def table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as exports have it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def export(folder: Path, started: dt.datetime = STARTED) -> Path:
    """Two recordings that are whole, one cut off half way, one that was never delivered; three cases; an audit trail."""
    folder.mkdir(parents=True, exist_ok=True)
    began = started.isoformat()
    whole = {"stop.mp4": b"what the first camera saw", "second.mp4": b"what the second camera saw"}
    for name, data in whole.items():
        (folder / name).write_bytes(data)
    half = b"what the third camera saw"
    (folder / "half.mp4").write_bytes(half[:10])
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in whole.items()}
    table(
        folder / "evidence.csv",
        HEADER,
        [
            ["EV-1", "26-00017", "A stop", "Okoye, Sam (102)", "AX-0102", began, "Traffic Stop; Odd label"]
            + ["stop.mp4", digests["stop.mp4"], "25"],
            ["EV-2", "", "", "Pat Former", "ZZ-1", "", "", "second.mp4", "", ""],
            ["EV-3", "", "Half", "", "", began, "", "half.mp4", "", str(len(half))],
            ["EV-4", "26-00018", "Never delivered", "Sam Okoye", "", began, "", "gone.mp4", "", ""],
        ],
    )
    (folder / "stop_audit_trail.csv").write_text(
        "Date,User,Action\n2026-03-04,System,Created\n", encoding="utf-8"
    )
    table(
        folder / "cases.csv",
        ["Case ID", "Case Title", "Status", "Type", "Owner", "Incident Number", "Created"],
        [
            [
                "K-100",
                "Stop on Elm St",
                "Open",
                "Criminal",
                "Lindqvist, Grace (201)",
                "26-00017",
                "2026-03-05",
            ],
            ["K-101", "An old crash", "Closed", "Crash", "Pat Former", "", "2020-01-01"],
            ["K-102", "", "Pending DA", "Odd kind", "", "", ""],
        ],
    )
    table(
        folder / "case_evidence.csv",
        ["Case ID", "Evidence ID"],
        [["K-100", "EV-1"], ["K-100", "EV-2"], ["K-100", "EV-4"], ["K-101", "EV-2"]],
    )
    table(
        folder / "case_members.csv",
        ["Case ID", "Member", "Role"],
        [["K-100", "Noor Haddad", "Investigator"], ["K-100", "Pat Former", "Viewer"]],
    )
    table(
        folder / "case_people.csv",
        ["Case ID", "Name", "Role"],
        [["K-100", "Ann Elk", "Witness"], ["K-100", "Bo Nobody", ""], ["K-100", "Cy Cousin", "Cousin"]],
    )
    return folder


if __name__ == "__main__":
    export(Path(sys.argv[1]))
