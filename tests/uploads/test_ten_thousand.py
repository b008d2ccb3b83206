"""10,000 uploads begun and left: no sender gets past its limit, others go on meanwhile, and all are closed in turn."""

import datetime as dt
import uuid
from typing import Any

import pytest

from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import change
from fairwitness.kernel.events import event
from fairwitness.kernel.models import Entry
from fairwitness.uploads import acts, jobs
from fairwitness.uploads.acts import announce
from fairwitness.uploads.doors import incoming
from fairwitness.uploads.models import Progress, Upload
from tests.uploads.tus import BY, Sender, actor_of, token_of
from tests.world import World

pytestmark = pytest.mark.slow
ALL = 10_000
LEFT = event("test.uploads_left", "{actor} left uploads")


def lay(count: int) -> None:
    """So many more like the last, by other senders: an act for each would take minutes and show the same."""
    like = Upload.objects.latest("number")
    with change(LEFT, by=BY) as entry:
        rows = []
        for number in range(count):
            row = Upload(**{f.attname: getattr(like, f.attname) for f in Upload._meta.concrete_fields})
            row.pk, row.written_by = Upload._meta.pk.get_default(), entry.id
            row.number, row.by = f"L-{number:05}", f"device:{uuid.UUID(int=1 + number // announce.MOST_OPEN)}"
            rows.append(row)
        Upload.objects.bulk_create(rows)
        entry.about(like)
    Progress.objects.bulk_create(Progress(upload=row, seen_at=like.begun) for row in rows)


def test_ten_thousand_begun_and_left(world: World, dock: Sender) -> None:
    left = clock.now() - dt.timedelta(days=agency().uploads.abandoned_after_days, minutes=1)
    leaver = Sender(token=token_of(world, "LEAVER"))
    with clock.frozen(left):
        by = actor_of(leaver.token)
        for _each in range(announce.MOST_OPEN):
            acts.begin_upload(size=5, said={"filename": "left.mp4", "device": "AX-0101"}, by=by)
        refused: Any = leaver.ask("POST", "/api/uploads", Upload_Length=5)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
        lay(ALL - announce.MOST_OPEN)
        assert incoming.room().promised == ALL * 10
    # Whoever sends properly is not kept waiting by them; whoever looks sees them, page by page.
    assert dock.sealed(b"a recording").recording is not None
    listed = world.sign_in("costa").get("/uploads/?status=announced")
    assert listed.status_code == 200
    assert listed.content.count(b"L-") >= 20
    jobs.abandon(0)
    jobs.abandon(0)
    assert Upload.objects.filter(status="abandoned").count() == 2 * announce.BATCH
    assert Upload.objects.filter(status="announced").count() == ALL - 2 * announce.BATCH
    assert Entry.objects.filter(event="uploads.abandoned").count() == 2 * announce.BATCH
    assert incoming.room().promised == (ALL - 2 * announce.BATCH) * 10
