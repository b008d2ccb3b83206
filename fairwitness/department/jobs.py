"""Work that this room leaves for later: telling people by mail, ending the service of who left."""

import hashlib
import smtplib
import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fairwitness.department import acts, doors
from fairwitness.department.models import Telling
from fairwitness.kernel import actors, notices
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Notice
from fairwitness.kernel.refusals import Unavailable

# A round that failed so often ends: the server is down, and each try may take as long as it is waited for.
ENOUGH = 3
BY = actors.system("department.mail")
LEAVING = actors.system("department.end_services")
# Which of PostgreSQL's advisory locks are these: "mail".
LOCK = 0x6D61_696C


def mail(member_id: str) -> None:
    """Send a member one mail of whatever is due to them, if anything is. May be done twice: what was told is marked.

    Raises Unavailable when the mail server does not take it now; the job is then tried again.
    """
    if not settings.FAIRWITNESS_MAIL:
        return
    with transaction.atomic():
        _alone(uuid.UUID(member_id))
        telling = doors.telling_of(uuid.UUID(member_id))
        left = telling.member.left_on is not None and telling.member.left_on <= doors.today()
        due = [] if not telling.member.email or left else doors.due_notices(telling)
        now = any(notice.urgent for notice in due) or not doors.told_lately(telling.member_id)
        if due and now and _sent(telling, due):
            notices.mark_mailed(due)


def mails(timestamp: int) -> None:
    """Every five minutes: the mails of those who want one a day and whose hour has struck, and what waited for a pause.

    Raises Unavailable if some could not be sent; one that was put off keeps no other waiting, a server that is down does.
    """
    failed: list[Unavailable] = []
    for member_id in doors.awaiting_mail():
        try:
            mail(str(member_id))
        except Unavailable as refusal:
            failed.append(refusal)
            if len(failed) == ENOUGH:
                break
    if failed:
        raise failed[0]


def end_services(timestamp: int) -> None:
    """Every minute: the service of members whose last day is over ends, where it did not yet (CJIS AC-2)."""
    for member in doors.to_be_ended():
        acts.end_service(member_id=member.pk, by=LEAVING)


def _alone(member_id: uuid.UUID) -> None:
    """One mail at a time to a member: whoever comes second waits, and finds nothing due any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, str(member_id)])


def _sent(telling: Telling, due: list[Notice]) -> bool:
    """Whether the mail server took it. An address that refuses for good is noted, and is not an error of ours."""
    member = telling.member
    try:
        letter(member.email, due).send()
    except smtplib.SMTPRecipientsRefused as refused:
        code = next(iter(refused.recipients.values()), (450, b""))[0]
        if code < 500:
            raise Unavailable(
                _("The mail server put an address off ({code}).").format(code=code)
            ) from refused
        acts.note_refused_address(member_id=member.pk, address=member.email, code=code, by=BY)
        return False
    except smtplib.SMTPAuthenticationError as refused:
        raise Unavailable(
            _("The mail server did not accept the user and the password of the settings.")
        ) from refused
    except smtplib.SMTPResponseException as refused:
        said = _("The mail server did not take a mail ({code}).").format(code=refused.smtp_code)
        raise Unavailable(said) from refused
    except OSError as silent:
        # Every other error of the mail library is one of these: no connection, no answer, no encryption.
        raise Unavailable(_("The mail server does not answer.")) from silent
    acts.note_takes_mail(member_id=member.pk, by=BY)
    return True


def letter(to: str, told: list[Notice]) -> EmailMessage:
    """The mail that tells of `told`. It passes through other people's computers in plain text, so it has no particulars.

    Its Message-ID is made of what it tells of: sent a second time by mischance, it is known to be the same.
    """
    alarms = sorted({notice.outside for notice in told if notice.urgent and notice.outside})
    message = EmailMessage(
        _subject(len(told), alarms), _text(len(told), alarms), settings.DEFAULT_FROM_EMAIL, [to]
    )
    message.extra_headers = {"Message-ID": _name(told), "Auto-Submitted": "auto-generated"}
    return message


def _subject(count: int, alarms: list[str]) -> str:
    if alarms:
        return _("Fairwitness has raised an alarm")
    said = ngettext("You have a new notice in Fairwitness", "You have {n} new notices in Fairwitness", count)
    return said.format(n=count)


def _text(count: int, alarms: list[str]) -> str:
    said = ngettext("You have a new notice at {agency}.", "You have {n} new notices at {agency}.", count)
    lines = [said.format(n=count, agency=agency().name)]
    if alarms:
        lines.append(_("An alarm of the system is among them: {codes}.").format(codes=", ".join(alarms)))
    where = settings.FAIRWITNESS_ADDRESS.rstrip("/")
    lines += [
        _("Sign in to read it: {address}").format(address=where + reverse("notices")),
        "",
        _("What it is about is not written here, because mail is not private."),
        _("How you are told is yours to choose: {address}").format(address=where + reverse("telling")),
        _("Answers to this mail are read by nobody."),
    ]
    return "\n".join(lines) + "\n"


def _name(told: list[Notice]) -> str:
    keys = ",".join(str(notice.pk) for notice in told)
    place = urlsplit(settings.FAIRWITNESS_ADDRESS).hostname or "localhost"
    return f"<{hashlib.sha256(f'{settings.SECRET_KEY}{keys}'.encode()).hexdigest()[:32]}@{place}>"
