"""The acts on sign-ins."""

import json
import uuid

import pytest
from django.contrib.auth.models import User

from fairwitness.accounts import acts as accounts
from fairwitness.department import acts, doors
from fairwitness.kernel.actors import PUBLIC
from fairwitness.kernel.models import EntryPrivate
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from fairwitness.kernel.roles import Role
from tests.department.ledger import latest, sentence
from tests.world import World


def test_it_works(world: World) -> None:
    okoye = world.id("okoye")
    password = acts.give_sign_in(member_id=okoye, username="sokoye", by=world.actor("chen"))
    user = User.objects.get(username="sokoye")
    assert user.check_password(password)
    assert len(password) >= 16
    actor = doors.actor_of(user)
    assert (actor.member_id, actor.roles) == (okoye, {Role.OFFICER})
    assert latest() == (
        "department.sign_in_given",
        {("department.member", okoye)},
        {"member_id": str(okoye)},
    )
    said = json.dumps(list(EntryPrivate.objects.values_list("facts", flat=True)))
    assert password not in said
    assert "sokoye" not in said


def test_a_second_one_is_refused(world: World) -> None:
    acts.give_sign_in(member_id=world.id("okoye"), username="sokoye", by=world.actor("chen"))
    with pytest.raises(WrongState, match="has a sign-in"):
        acts.give_sign_in(member_id=world.id("okoye"), username="other", by=world.actor("chen"))


@pytest.mark.parametrize("username", ["", " ", "a b", "x" * 151, "a\0b", "MRUIZ"])
def test_a_name_that_cannot_be_is_refused(world: World, username: str) -> None:
    acts.give_sign_in(member_id=world.id("ruiz"), username="mruiz", by=world.actor("chen"))
    with pytest.raises(Invalid):
        acts.give_sign_in(member_id=world.id("okoye"), username=username, by=world.actor("chen"))
    assert User.objects.count() == 1


def test_to_one_who_left_is_refused(world: World) -> None:
    acts.leave(member_id=world.id("li"), by=world.actor("chen"))
    with pytest.raises(WrongState, match="has left"):
        acts.give_sign_in(member_id=world.id("li"), username="wli", by=world.actor("chen"))


def test_the_bwc_unit_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.give_sign_in(member_id=world.id("li"), username="wli", by=world.actor("costa"))


def test_a_sign_in_that_is_nobodys_is_the_public(world: World) -> None:
    assert doors.actor_of(User.objects.create_user("stray")) == PUBLIC


def test_signing_in_and_out_is_noted(world: World) -> None:
    okoye, by = world.id("okoye"), world.actor("okoye")
    accounts.note_sign_in(member_id=okoye, by=by)
    assert sentence() == "Officer Sam Okoye signed in"
    accounts.note_second_factor(member_id=okoye, what="totp_added", by=by)
    assert latest()[2] == {"member_id": str(okoye), "factor_change": "totp_added"}
    accounts.note_sign_out(member_id=okoye, by=by)
    event, subjects, _facts = latest()
    assert (event, subjects) == ("department.signed_out", {("department.member", okoye)})


def test_a_failed_sign_in_is_noted_about_whose_name_it_was(world: World) -> None:
    acts.give_sign_in(member_id=world.id("okoye"), username="sokoye", by=world.actor("chen"))
    accounts.note_failed_sign_in(username="SOkoye", by=PUBLIC)
    okoye = world.id("okoye")
    facts = {"member_id": str(okoye)}
    assert latest() == ("department.sign_in_failed", {("department.member", okoye)}, facts)


@pytest.mark.parametrize("typed", ["correct horse battery", "a\0b", ""])
def test_a_name_that_is_nobodys_is_not_kept(world: World, typed: str) -> None:
    accounts.note_failed_sign_in(username=typed, by=PUBLIC)
    assert latest() == ("department.sign_in_failed", {("department.member", uuid.UUID(int=0))}, {})
