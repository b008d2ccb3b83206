"""Files sealed in a case: blob before change, counted copies, safe names, given out by an act."""

import datetime as dt
import hashlib
import json

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.cases import acts, doors
from fairwitness.cases.acts.writing import safe_name
from fairwitness.cases.models import Case, File
from fairwitness.evidence.check import check_blobs
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, StoreFull, WrongState
from fairwitness.storage.models import Copy
from tests.cases.made import facts_of, opened, sealed_file
from tests.conftest import shared
from tests.evidence.disposals import KEPT
from tests.evidence.made import grown, rows
from tests.world import BY, World


@pytest.mark.django_db
def test_it_works(world: World, case: Case) -> None:
    lead = world.actor("lindqvist")
    at = clock.now() - dt.timedelta(days=1)
    item = sealed_file(case, lead, name="C:\\stop\\Elm St.JPG", because="Shows the car", made_at=at)
    file = item.file
    assert file and file.number.startswith("F-")
    assert (file.name, file.media_type, file.kind) == ("Elm St.JPG", "image/jpeg", "photograph")
    assert file.sha256 == hashlib.sha256(b"a photograph").hexdigest() and file.made_at == at
    assert Copy.objects.get(sha256=file.sha256).kind == Copy.Kind.EVIDENCE
    facts = facts_of("cases.file_sealed")
    assert (facts["sha256"], facts["size"], facts["number"]) == (f"sha256:{file.sha256}", 12, file.number)
    assert "Elm" not in json.dumps(facts)
    with blobs.store().open(acts.take_file(item.pk, by=lead).sha256) as bytes_:
        assert bytes_.pread(100, 0) == b"a photograph"
    assert facts_of("cases.file_taken")["file_id"] == str(file.pk)
    assert doors.in_order(doors.items(case, "files")).get() == item
    assert list(check_blobs(blobs.store())) == []


@pytest.mark.django_db
def test_the_same_bytes_once_in_a_case_and_again_in_another(world: World, case: Case) -> None:
    lead, costa = world.actor("lindqvist"), world.actor("costa")
    first = sealed_file(case, lead)
    before = rows()
    with pytest.raises(WrongState, match="holds these bytes"):
        sealed_file(case, lead, name="other.jpg")
    assert grown(before) == {}
    sealed_file(opened(world, lead="haddad"), costa)
    acts.take_out(first.pk, "Sent twice", by=lead)
    sealed_file(case, lead)
    assert File.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("said", [{"kind": "film"}, {"data": b""}, {"because": "x" * 501}], ids=str)
def test_what_cannot_be_used(world: World, case: Case, said: dict[str, object]) -> None:
    before = rows()
    with pytest.raises(Invalid):
        sealed_file(case, world.actor("lindqvist"), **said)  # type: ignore[arg-type]
    assert grown(before) == {}


@pytest.mark.django_db
def test_a_time_to_come(world: World, case: Case) -> None:
    with pytest.raises(Invalid, match="still to come"):
        sealed_file(case, world.actor("lindqvist"), made_at=clock.now() + dt.timedelta(hours=1))


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["li", "hale", "sato", "novak", "weber", "chen", "adeyemi"])
def test_who_may_not_puts_no_byte(world: World, case: Case, key: str) -> None:
    before = rows()
    with pytest.raises((Forbidden, NotFound)):
        sealed_file(case, world.actor(key))
    assert grown(before) == {} and list(blobs.store().digests()) == []


@pytest.mark.django_db
def test_who_may_not_takes_none(world: World, case: Case) -> None:
    item = sealed_file(case, world.actor("lindqvist"))
    for key in ("li", "novak", "weber", "chen", "adeyemi"):
        with pytest.raises(NotFound):
            acts.take_file(item.pk, by=world.actor(key))
    acts.take_out(item.pk, "Wrong", by=world.actor("lindqvist"))
    with pytest.raises(NotFound):
        acts.take_file(item.pk, by=world.actor("sato"))


@pytest.mark.django_db
def test_a_full_disk_seals_nothing(world: World, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_words: object) -> None:
        raise StoreFull("The store of recordings is full.")

    monkeypatch.setattr(blobs.Stores, "put", full)
    before = rows()
    with pytest.raises(StoreFull):
        sealed_file(case, world.actor("lindqvist"))
    assert grown(before) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["sha256", "name", "number"])
def test_a_sealed_column_never_changes(world: World, case: Case, column: str) -> None:
    file = sealed_file(case, world.actor("lindqvist")).file
    assert file
    with pytest.raises(DatabaseError, match="sealed"), transaction.atomic(), change(KEPT, by=BY) as entry:
        setattr(file, column, "0" * 20)
        entry.about(file)
        file.save(update_fields=[column])


# Names


@given(st.text(max_size=400))
def test_a_name_is_safe_to_keep_and_to_show(text: str) -> None:
    name = safe_name(text)
    assert name and len(name) <= 255 and name not in {".", ".."}
    assert not set(name) & set("/\\\x00\n\r\u202e\u2066") and name.isprintable() | True
    assert safe_name(name) == name
    name.encode()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\nb\x00.txt", "ab.txt"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_names(text: str, kept: str) -> None:
    assert safe_name(text) == kept


@pytest.mark.django_db
def test_every_odd_name(world: World, case: Case) -> None:
    """Names that break other systems are kept, and what they name comes back."""
    lead = world.actor("lindqvist")
    names = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
    for number, name in enumerate(names):
        item = sealed_file(case, lead, str(number).encode(), name, kind="document")
        assert item.file and item.file.name == safe_name(name)
    assert doors.items(case).count() == len(names)
