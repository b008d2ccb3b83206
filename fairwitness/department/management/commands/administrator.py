"""`fairwitness administrator`: the first administrator of accounts, whom nobody inside could yet have added."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from fairwitness.department import acts, doors
from fairwitness.department.models import Member
from fairwitness.kernel import actors
from fairwitness.kernel.refusals import Refusal
from fairwitness.kernel.roles import Role


class Command(BaseCommand):
    help = "Add the first administrator of accounts, who adds everyone else; refused once there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("badge", "given-name", "family-name", "username"):
            parser.add_argument(f"--{name}", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        # Those of a system made of an export have a bare "!": no password was taken along, and nobody can sign in.
        able = (
            doors.members_holding(Role.ACCOUNT_ADMINISTRATOR).exclude(user=None).exclude(user__password="!")
        )
        if able.exists():
            raise CommandError("There is an administrator of accounts already: ask them.")
        try:
            password = _add(options)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{options['username']} can sign in with this first password: {password}")


@transaction.atomic
def _add(options: dict[str, Any]) -> str:
    """Member, role and sign-in, or none of the three; answers the first password."""
    by = actors.system("administrator")
    member = acts.add_member(
        badge=options["badge"],
        given_name=options["given_name"],
        family_name=options["family_name"],
        rank=Member.Rank.PROFESSIONAL,
        by=by,
    )
    acts.grant_role(member_id=member.pk, role=Role.ACCOUNT_ADMINISTRATOR, by=by)
    return acts.give_sign_in(member_id=member.pk, username=options["username"], by=by)
