"""Taking out a file that came with a recording: protected like the footage, and recorded before it leaves."""

import pytest

from fairwitness.evidence.acts.export import take_attachment
from fairwitness.evidence.acts.seal import attach
from fairwitness.evidence.models import Attachment
from fairwitness.kernel.refusals import Forbidden, NotFound
from tests.department.ledger import latest
from tests.evidence.made import BY, grown, nowhere, rows, sealed, stored
from tests.world import World


@pytest.fixture
def attachment(world: World) -> Attachment:
    return attach(stored(b"Date,User,Action\n"), "trail.csv", sealed(), nowhere, by=BY)[0]


def test_it_works(world: World, attachment: Attachment) -> None:
    assert take_attachment(attachment.pk, by=world.actor("costa")) == attachment
    event, subjects, facts = latest()
    assert event == "evidence.attachment_taken"
    assert ("evidence.recording", attachment.recording_id) in subjects
    assert facts == {"sha256": f"sha256:{attachment.sha256}"}


def test_who_may_find_but_not_open_the_recording_is_refused(world: World, attachment: Attachment) -> None:
    before = rows()
    for key in ("weber", "novak"):
        with pytest.raises(Forbidden):
            take_attachment(attachment.pk, by=world.actor(key))
    assert grown(before) == {}


def test_to_others_it_is_not_there(world: World, attachment: Attachment) -> None:
    for key in ("adeyemi", "chen", "okoye"):
        with pytest.raises(NotFound):
            take_attachment(attachment.pk, by=world.actor(key))


def test_the_page_gives_it_as_a_download(world: World, attachment: Attachment) -> None:
    answer = world.sign_in("costa").post(f"/attachments/{attachment.pk}/")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"Date,User,Action\n")  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
