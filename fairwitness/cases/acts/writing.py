"""What the acts of cases share: names that are safe to keep and to show, and who may be named."""

import re
import unicodedata
import uuid

from django.utils.translation import gettext as _

from fairwitness.cases import doors
from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.evidence.doors import granting
from fairwitness.kernel.refusals import Invalid
from fairwitness.kernel.roles import Reach, reach
from fairwitness.rules.canonical import nfc

LONGEST_NAME = 255
# Controls, lone surrogates, and what turns the direction of reading: a name ends with what it seems to end with.
_NOT_IN_NAMES = ("Cc", "Cs", "Cn", "Zl", "Zp")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def safe_name(text: str) -> str:
    """The name of a file as it is kept: its last part, one line, in the order in which it is read; never empty."""
    last = text.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if unicodedata.category(letter) not in _NOT_IN_NAMES)
    name: str = nfc(_TURNING.sub("", shown)).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME and dot and len(ending) < 20:
        name = f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return name[:LONGEST_NAME] or "file"


def to_be_named(member_id: uuid.UUID) -> Member:
    """A member who can be named in a case. Raises NotFound, Invalid."""
    member = department.find_member(member_id)
    roles = department.roles_today(member.pk)
    against = granting.reason_against("work", roles)
    if not against and reach(roles, doors.REACH["take_in"]) == Reach.NONE:
        against = _("No role of theirs works on cases.")
    if against:
        raise Invalid(against, member=[against])
    return member
