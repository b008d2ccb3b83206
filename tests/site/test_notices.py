"""The page of a member's notices: posting marks one of them, or all, as read; a number that is none changes nothing."""

import pytest
from django.urls import reverse

from fairwitness.kernel import clock
from fairwitness.kernel.models import Notice
from tests.world import World


@pytest.fixture
def told(world: World) -> list[Notice]:
    """Two unread notices of one member, one of another."""
    return [
        Notice.objects.create(member=world.id(key), sentence="Look", link="/", at=clock.now())
        for key in ("park", "park", "ruiz")
    ]


def unread() -> set[int]:
    return set(Notice.objects.filter(read=None).values_list("pk", flat=True))


def test_it_works(world: World, told: list[Notice]) -> None:
    browser = world.sign_in("park")
    first, second, other = (notice.pk for notice in told)
    assert browser.post(reverse("notices"), {"notice": first}).status_code == 302
    assert unread() == {second, other}
    assert browser.post(reverse("notices")).status_code == 302
    assert unread() == {other}


def test_another_persons_notice_stays_unread(world: World, told: list[Notice]) -> None:
    world.sign_in("park").post(reverse("notices"), {"notice": told[2].pk})
    assert unread() == {notice.pk for notice in told}


@pytest.mark.parametrize("number", ["9" * 5000, str(2**63), "-1", "²", "x", "nul\0"])
def test_a_number_that_is_none_is_not_found(world: World, told: list[Notice], number: str) -> None:
    assert world.sign_in("park").post(reverse("notices"), {"notice": number}).status_code == 404
    assert unread() == {notice.pk for notice in told}


def many(world: World, count: int) -> list[int]:
    """So many notices of one member, every second of them read; their numbers, newest first."""
    made = [
        Notice.objects.create(
            member=world.id("park"),
            sentence=f"No. {n}",
            link="",
            at=clock.now(),
            read=clock.now() if n % 2 else None,
        )
        for n in range(count)
    ]
    return [notice.pk for notice in reversed(made)]


def test_pages_of_many_forth_and_back(world: World) -> None:
    numbers, browser = many(world, 120), world.sign_in("park")
    seen, after = [], ""
    for _page in range(3):
        context = browser.get(reverse("notices"), {"after": after} if after else {}).context
        seen += [notice.pk for notice in context["rows"]]
        after = context["after"]
    assert seen == numbers and after == ""
    back = browser.get(reverse("notices"), {"before": context["before"]}).context
    assert [notice.pk for notice in back["rows"]] == numbers[50:100]


def test_the_unread_alone(world: World) -> None:
    many(world, 10)
    context = world.sign_in("park").get(reverse("notices"), {"show": "unread"}).context
    assert len(context["rows"]) == 5 and not [notice for notice in context["rows"] if notice.read]


@pytest.mark.parametrize("place", ["x", "-1", "9" * 40, "0"])
def test_a_place_that_is_none_shows_the_first_page(world: World, place: str) -> None:
    numbers = many(world, 3)
    for name in ("after", "before"):
        context = world.sign_in("park").get(reverse("notices"), {name: place}).context
        assert [notice.pk for notice in context["rows"]] == numbers
