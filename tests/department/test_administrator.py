"""The command that adds the first administrator of accounts."""

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from fairwitness.department import doors
from fairwitness.department.models import Member
from fairwitness.kernel.models import Entry
from fairwitness.kernel.roles import Role
from tests.world import World


def _run(**different: str) -> str:
    said, named = (
        io.StringIO(),
        {"badge": "1", "given_name": "Ivy", "family_name": "Chen", "username": "ichen"},
    )
    call_command("administrator", **(named | different), stdout=said)
    return said.getvalue()


def test_it_works(db: None) -> None:
    password = _run().rsplit(" ", 1)[1].strip()
    user = User.objects.get(username="ichen")
    assert user.check_password(password)
    assert doors.actor_of(user).roles == {Role.ACCOUNT_ADMINISTRATOR}
    assert set(Entry.objects.values_list("actor", flat=True)) == {"system:administrator"}


def test_a_second_one_is_refused(world: World) -> None:
    world.sign_in("chen")
    with pytest.raises(CommandError, match="already"):
        _run(badge="999")


def test_a_name_that_cannot_be_leaves_nothing(db: None) -> None:
    with pytest.raises(CommandError):
        _run(username="two words")
    assert (Member.objects.count(), Entry.objects.count()) == (0, 0)
