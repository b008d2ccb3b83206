"""Acts on being told: how a member wants it, and what became of their address."""

import uuid

from fairwitness.department import doors, events
from fairwitness.department.models import Telling
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change


def choose_telling(*, how: Telling.How, hour: int = 7, by: Actor) -> Telling:
    """Choose how one is told: at once, once a day at `hour` (0 to 23, where the agency is), or in the product only.

    Everyone chooses for themselves; alarms are mailed at once whatever is chosen. Raises Forbidden to whoever is none.
    """
    with change(events.TELLING_CHOSEN, by=by) as entry:
        doors.lock_member(by.person)
        telling = doors.telling_of(by.person)
        telling.how, telling.hour, telling.chosen_at = how, hour, clock.now()
        telling.save()
        entry.about(telling, telling.member, member_id=by.person, how=str(how), hour=hour)
    return telling


def note_refused_address(*, member_id: uuid.UUID, address: str, code: int, by: Actor) -> None:
    """Note that a member's address refused mail for good, with the code of RFC 5321, 4.2 (550: no such mailbox)."""
    telling = doors.telling_of(member_id)
    if telling.refused_address == address:
        return
    with change(events.ADDRESS_REFUSED, by=by) as entry:
        doors.lock_member(member_id)
        telling = doors.telling_of(member_id)
        telling.refused_address, telling.refused_code, telling.refused_at = (
            address,
            str(code)[:3],
            clock.now(),
        )
        telling.save()
        entry.about(telling, telling.member, member_id=member_id, code=telling.refused_code)


def note_takes_mail(*, member_id: uuid.UUID, by: Actor) -> None:
    """Note that an address which refused mail takes it again; nothing is written where none refused."""
    if not doors.telling_of(member_id).refused_address:
        return
    with change(events.ADDRESS_TAKES_MAIL, by=by) as entry:
        doors.lock_member(member_id)
        telling = doors.telling_of(member_id)
        telling.refused_address, telling.refused_code, telling.refused_at = "", "", None
        telling.save()
        entry.about(telling, telling.member, member_id=member_id)
