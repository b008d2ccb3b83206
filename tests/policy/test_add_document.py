"""The act add_document."""

import json
from typing import Any

import pytest
from django.db import transaction

from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, Invalid
from fairwitness.policy import acts
from fairwitness.policy.models import Document, Version
from tests.conftest import shared
from tests.department.ledger import latest, sentence
from tests.policy.made import PARTICULARS
from tests.world import World


def test_it_works(world: World) -> None:
    version = acts.add_document(number="T-1", particulars=PARTICULARS, by=world.actor("costa"))
    assert (version.n, version.status, version.author_id) == (1, "draft", world.id("costa"))
    assert version.says().title == "Carrying of umbrellas"
    assert not version.says().rules
    assert latest() == (
        "policy.document_added",
        {("policy.document", version.document_id), ("policy.version", version.pk)},
        {
            "document_id": str(version.document_id),
            "version_id": str(version.pk),
            "n": 1,
            "sha256": f"sha256:{version.digest}",
        },
    )
    assert sentence() == "Ana Costa added the document T-1, with a first draft"


@pytest.mark.parametrize("number", ["T-1", "t-1"])
def test_a_number_is_given_once(world: World, number: str) -> None:
    acts.add_document(number="T-1", particulars=PARTICULARS, by=world.actor("costa"))
    entries = Entry.objects.count()
    with pytest.raises(Invalid, match="a document of that number"):
        acts.add_document(number=number, particulars=PARTICULARS, by=world.actor("costa"))
    assert Entry.objects.count() == entries


@pytest.mark.parametrize(
    "number", ["", " ", "a b", "a/b", "-1", "x" * 41, "é", "a\n", "add", "Scorecard", "\0"]
)
def test_what_is_no_number(world: World, number: str) -> None:
    with pytest.raises(Invalid, match="number"):
        acts.add_document(number=number, particulars=PARTICULARS, by=world.actor("costa"))


def test_what_must_be_said(world: World) -> None:
    for name in PARTICULARS:
        for said in ({**PARTICULARS, name: ""}, {k: v for k, v in PARTICULARS.items() if k != name}):
            with pytest.raises(Invalid) as refused:
                acts.add_document(number="T-1", particulars=said, by=world.actor("costa"))
            assert refused.value.details["field"] == name
    with pytest.raises(Invalid, match="colour"):
        acts.add_document(number="T-1", particulars={**PARTICULARS, "colour": "red"}, by=world.actor("costa"))


def test_nobody_without_the_role_and_no_machine(world: World) -> None:
    entries = Entry.objects.count()
    with pytest.raises(Forbidden):
        acts.add_document(number="T-1", particulars=PARTICULARS, by=world.actor("ruiz"))
    assert (Entry.objects.count(), Document.objects.filter(number="T-1").count()) == (entries, 0)


def test_hostile_text_is_kept_as_it_is_or_refused(world: World) -> None:
    """In every field: what is kept is what was entered, what is refused leaves nothing."""
    texts = json.loads(shared("data/conformance/strings/blns.json").read_text("utf-8"))
    kept = 0
    for n, text in enumerate([*texts[::4], "a\0b", "\ud800", "x" * 5000]):
        entered: dict[str, Any] = {
            **PARTICULARS,
            "title": text,
            "summary": text,
            "source": text,
            "answers": text,
        }
        before = Version.objects.count()
        try:
            with transaction.atomic():
                version = acts.add_document(number=f"B-{n}", particulars=entered, by=world.actor("costa"))
        except Invalid:
            assert Version.objects.count() == before
            continue
        kept += 1
        assert Version.objects.get(pk=version.pk).says() == version.says()
        with pytest.raises(Invalid, match="number"):
            acts.add_document(number=text + "/", particulars=PARTICULARS, by=world.actor("costa"))
    assert kept > 100
