"""What each room knows of the open work of somebody who leaves. Only the top floor knows every room."""

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.accounts.models import Review, Token
from fairwitness.cases import doors as cases
from fairwitness.cases.models import Case, CaseMember, Task
from fairwitness.department import doors as department
from fairwitness.department.doors import OpenWork
from fairwitness.department.models import Member
from fairwitness.evidence.models import Viewing
from fairwitness.kernel import actors
from fairwitness.kernel.roles import Role
from fairwitness.uploads.models import Sighting, Upload


def _accounts(member: Member, day: dt.date) -> Iterator[OpenWork]:
    kept = Token.objects.filter(keeper=member, ended_at=None).count()
    words = _("They end with the account: programs that use them need new ones.")
    yield OpenWork(_("Tokens of programs that they keep"), kept, words, reverse("tokens"))
    reviews = Role.ACCOUNT_ADMINISTRATOR in department.roles_on(member.pk, day)
    unfinished = Review.objects.filter(finished_at=None).count() if reviews else 0
    yield OpenWork(
        _("Reviews of roles that are not finished"), unfinished, _("Another administrator goes on with them.")
    )


def _evidence(member: Member, day: dt.date) -> Iterator[OpenWork]:
    viewings = Viewing.objects.filter(member=member, ended=None).count()
    yield OpenWork(_("Open viewings"), viewings, _("They close by themselves."))


def _cases(member: Member, day: dt.date) -> Iterator[OpenWork]:
    theirs = CaseMember.objects.filter(
        member=member, until=None, role=CaseMember.Role.LEAD, case__status=Case.Status.OPEN
    )
    alone = sum(cases.leads(row.case).count() == 1 for row in theirs.select_related("case"))
    words = _("Name somebody else to lead them.")
    yield OpenWork(_("Open cases that nobody else leads"), alone, words, reverse("cases"))
    tasks = Task.objects.filter(member=member, done_at=None, withdrawn_at=None, case__status=Case.Status.OPEN)
    yield OpenWork(_("Tasks in cases that are not done"), tasks.count(), _("Give them to somebody else."))


def _uploads(member: Member, day: dt.date) -> Iterator[OpenWork]:
    theirs = Upload.objects.filter(by=actors.member(member.pk).key, status=Upload.Status.ANNOUNCED).count()
    yield OpenWork(
        _("Uploads that they began and did not finish"),
        theirs,
        _("What came is kept; ask them for the file."),
        reverse("uploads"),
    )
    held = Sighting.objects.filter(wearer=member).exclude(status=Sighting.Status.SEALED).count()
    yield OpenWork(
        _("Recordings that their camera still holds"),
        held,
        _("Dock the camera before it goes to somebody else."),
        reverse("cameras-hold"),
    )


department.OPEN_WORK[:] = [department.work_here, _accounts, _evidence, _cases, _uploads]
