"""Notices: what one person tells another commits with what happened, and is read once."""

import pytest
from django.db import transaction

from fairwitness.kernel import notices
from fairwitness.kernel.change import change
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.models import Notice
from fairwitness.kernel.refusals import HouseRule
from tests.kernel.test_locks import BY, DONE, make_unit

pytestmark = pytest.mark.django_db
ANNA, BEN = new_id(), new_id()


def tell(*members: object, sentence: str = "Look at this") -> None:
    unit = make_unit(code=str(new_id())[-12:])
    with change(DONE, by=BY) as entry:
        entry.about(unit)
        notices.notify(members, sentence, "/somewhere/")  # type: ignore[arg-type]


def test_it_works() -> None:
    tell(ANNA, BEN, ANNA)
    (notice,) = notices.unread(ANNA)
    assert (notice.sentence, notice.link, notice.read) == ("Look at this", "/somewhere/", None)
    assert len(notices.unread(BEN)) == 1


def test_the_newest_comes_first() -> None:
    for n in range(3):
        tell(ANNA, sentence=f"Number {n}")
    assert [n.sentence for n in notices.unread(ANNA)] == ["Number 2", "Number 1", "Number 0"]


def test_one_is_marked_as_read() -> None:
    tell(ANNA, sentence="first")
    tell(ANNA, sentence="second")
    notices.mark_read(ANNA, notices.unread(ANNA)[0].pk)
    assert [n.sentence for n in notices.unread(ANNA)] == ["first"]
    assert len(notices.of(ANNA)) == 2, "what was read stays to be found"


def test_all_are_marked_as_read() -> None:
    tell(ANNA)
    tell(ANNA, BEN)
    notices.mark_read(ANNA, None)
    assert notices.unread(ANNA) == []
    assert len(notices.unread(BEN)) == 1


def test_nobody_reads_for_somebody_else() -> None:
    tell(ANNA)
    notices.mark_read(BEN, notices.unread(ANNA)[0].pk)
    assert len(notices.unread(ANNA)) == 1


def test_a_notice_outside_a_change_is_refused() -> None:
    with pytest.raises(HouseRule, match="a notice outside a change"):
        notices.notify([ANNA], "x", "/")


def test_what_did_not_happen_is_not_told() -> None:
    with pytest.raises(HouseRule), transaction.atomic(), change(DONE, by=BY):
        notices.notify([ANNA], "x", "/")
    assert Notice.objects.count() == 0
