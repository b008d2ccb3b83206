"""The act adopt_book: the profile's book comes in, once; what the profile changes later becomes a draft."""

from pathlib import Path

import pytest
from django.core.management import call_command

from fairwitness.kernel import profiles
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Invalid
from fairwitness.policy import acts, doors
from fairwitness.policy.models import Book, Document, Version
from tests.department.ledger import latest, sentence
from tests.policy.made import approve, propose
from tests.world import BY, World


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The agency's profile in a folder where it may be changed; answers its book's file."""
    for name in ("agency.toml", "policy.toml"):
        folder = tmp_path / agency().key
        folder.mkdir(exist_ok=True)
        (folder / name).write_text((profiles.FOLDER / agency().key / name).read_text("utf-8"), "utf-8")
    monkeypatch.setattr(profiles, "FOLDER", tmp_path)
    return tmp_path / agency().key / "policy.toml"


def test_it_works(db: None) -> None:
    book = profiles.read(agency().key, "policy", Book)
    taken, drafts = acts.adopt_book(by=BY)
    assert (len(taken), drafts) == (len(book.documents), [])
    assert set(Version.objects.values_list("status", "n", "author", "in_force_at")) == {
        ("in_force", 1, None, None)
    }
    event, subjects, facts = latest()
    assert (event, len(subjects)) == ("policy.book_adopted", 2 * len(taken))
    assert (facts["documents"], facts["profile"]) == (len(taken), "cambridge_ma")
    assert facts["rules"] == sum(len(said.rules) for said in book.documents)
    assert facts["sha256"].startswith("sha256:")
    assert "documents with" in sentence()
    for said in book.documents:
        found = doors.in_force(doors.document_for(said.number))
        assert found and found.says() == said.content()


def test_twice_does_nothing(world: World) -> None:
    entries = Entry.objects.count()
    assert acts.adopt_book(by=BY) == ([], [])
    assert Entry.objects.count() == entries


def test_what_the_profile_changes_becomes_a_draft(world: World, profile: Path) -> None:
    number = _retitled(profile)
    taken, [offered] = acts.adopt_book(by=BY)
    assert (taken, offered.document.number, offered.n, offered.status) == ([], number, 2, "draft")
    assert offered.says().title == "Another title"
    assert latest()[0] == "policy.version_offered"
    assert sentence().endswith("as a draft")
    now = doors.in_force(offered.document)
    assert now and now.n == 1
    assert acts.adopt_book(by=BY) == ([], []), "it was offered"
    assert approve(world, propose(world, offered)).status == "approved"


def test_a_draft_that_was_withdrawn_is_not_offered_again(world: World, profile: Path) -> None:
    _retitled(profile)
    _taken, [offered] = acts.adopt_book(by=BY)
    acts.withdraw_version(version_id=offered.pk, by=world.actor("costa"))
    assert acts.adopt_book(by=BY) == ([], [])


def test_it_waits_while_another_version_is_on_its_way(world: World, profile: Path) -> None:
    number = _retitled(profile)
    mine = acts.begin_version(number=number, by=world.actor("costa"))
    assert acts.adopt_book(by=BY) == ([], [])
    acts.withdraw_version(version_id=mine.pk, by=world.actor("costa"))
    assert [draft.n for draft in acts.adopt_book(by=BY)[1]] == [3]


def test_a_document_that_is_new_in_the_profile_is_decided_on_by_people(world: World, profile: Path) -> None:
    """Nothing is in force that nobody approved, nor for minutes in which nobody knew of it."""
    new = '\n[[documents]]\nnumber = "NEW"\ntitle = "New"\nkind = "plan"\nsummary = "New."\nsource = "New"\n'
    profile.write_text(profile.read_text("utf-8") + new, "utf-8")
    taken, [offered] = acts.adopt_book(by=BY)
    assert (taken, offered.document.number, offered.status) == ([], "NEW", "draft")
    assert doors.in_force(offered.document) is None
    assert acts.adopt_book(by=BY) == ([], [])
    assert approve(world, propose(world, offered)).status == "approved"


def test_a_broken_profile_refuses_prepare_and_nothing_is_written(
    world: World, profile: Path, tmp_path: Path, settings: object
) -> None:
    lines = profile.read_text("utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("keep = "))
    lines[at] = 'keep = "180"'
    profile.write_text("\n".join(lines), "utf-8")
    entries, documents = Entry.objects.count(), Document.objects.count()
    settings.FAIRWITNESS_HOME = tmp_path / "home"  # type: ignore[attr-defined]
    with pytest.raises(Invalid) as refused:
        call_command("prepare", verbosity=0)
    place = rf"cambridge_ma/policy\.toml, line {at + 1}, documents\[\d+\]\.rules\[\d+\]\.parameters\.keep: write a length"
    assert refused.match(place)
    assert (Entry.objects.count(), Document.objects.count()) == (entries, documents)
    assert not (tmp_path / "home").exists()


def _retitled(profile: Path) -> str:
    """Give the profile's first document another title; answers its number."""
    first = profiles.read(agency().key, "policy", Book).documents[0]
    text = profile.read_text("utf-8")
    profile.write_text(text.replace(f'title = "{first.title}"', 'title = "Another title"', 1), "utf-8")
    return first.number
