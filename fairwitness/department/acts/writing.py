"""What the acts of this room share: checks, and writes that are done under an act's open entry."""

import datetime as dt
import unicodedata

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from fairwitness.department import doors
from fairwitness.department.models import (
    Assignment,
    Camera,
    Completion,
    Course,
    Member,
    Posting,
    RoleHeld,
    Unit,
)
from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Record
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.kernel.roles import Role


def check_text(text: str) -> None:
    """Raise Invalid when `text` has what no field can hold or show: controls (NUL among them), surrogates."""
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs"):
            raise Invalid(_("U+{code:04X} cannot be part of this.").format(code=ord(character)))


def save_valid(record: Record) -> None:
    """Save a record after its fields' own checks. Raises Invalid naming the fields."""
    fields = [field for field in record._meta.concrete_fields if field.name != "written_by"]
    for field in fields:
        value = getattr(record, field.attname)
        if isinstance(field, models.CharField) and isinstance(value, str):
            check_text(value)
    empty = {field.name for field in fields if field.null and getattr(record, field.attname) is None}
    try:
        record.full_clean(exclude=empty | {"written_by"})
    except ValidationError as error:
        raise Invalid(_sentence(record, error), **error.message_dict) from error
    record.save()


def _sentence(record: Record, error: ValidationError) -> str:
    """What is wrong with which field, by the field's name as people see it."""
    said = []
    for name, texts in error.message_dict.items():
        label = "" if name == NON_FIELD_ERRORS else f"{record._meta.get_field(name).verbose_name}: "  # type: ignore[union-attr]
        said.append(label + " ".join(texts))
    return " ".join(said)


def check_serves(member: Member, day: dt.date | None = None) -> None:
    """Raise WrongState when `member` has left by `day` (today)."""
    if member.left_on and member.left_on <= (day or doors.today()):
        raise WrongState(_("{name} has left.").format(name=member.name))


def check_chain(member: Member, supervisor: Member | None, since: dt.date) -> None:
    """Raise Invalid when `member` would come to stand below themselves on any day from `since`."""
    if supervisor is None:
        return
    check_serves(supervisor, since)
    changes = Posting.objects.filter(since__gt=since).values_list("since", flat=True).distinct()
    for day in {since, *changes}:
        if supervisor.pk == member.pk or supervisor.pk in doors.chain_below(member.pk, day):
            raise Invalid(
                _("{above} stands below {name} already: the chain of command would be a circle.").format(
                    above=supervisor.name, name=member.name
                )
            )


def place(member: Member, unit: Unit, supervisor: Member | None, since: dt.date) -> Posting:
    """Close the present posting on `since` and open the next. Raises Invalid when a posting begins later."""
    if Posting.objects.filter(member=member, since__gt=since).exists():
        raise Invalid(_("{name} has a posting that begins later.").format(name=member.name))
    # One that began on the same day then ends as it begins: it holds on no day, and stays as a row.
    Posting.objects.filter(doors.holding_on(since), member=member).update(until=since)
    posting = Posting(member=member, unit=unit, reports_to=supervisor, since=since)
    posting.save()
    return posting


def hold_role(member: Member, role: Role, since: dt.date, until: dt.date | None = None) -> RoleHeld:
    """Let `member` hold `role`. Raises Invalid when they hold it already on one of those days."""
    if until is not None and until <= since:
        raise Invalid(_("The last day must come after the first."))
    if doors.held_between(member.pk, since, until).filter(role=role).exists():
        raise Invalid(_("{name} holds this role already.").format(name=member.name))
    if met := doors.held_apart(member.pk, role, since, until).first():
        raise Invalid(doors.apart_words(member, role, met))
    held = RoleHeld(member=member, role=role, since=since, until=until)
    held.save()
    return held


def end_on(held: RoleHeld | Posting, until: dt.date) -> None:
    """Let it end on `until`; one that was yet to begin ends as it begins, and so holds on no day."""
    held.until = max(held.since, until)
    held.save()


def complete(member: Member, course: Course, day: dt.date, expires_on: dt.date | None = None) -> Completion:
    """Record a completion. Raises Invalid for a day to come, an expiry before it, and the same one twice."""
    if day > doors.today():
        raise Invalid(_("A course cannot have been completed on a day to come."))
    if expires_on is not None and expires_on <= day:
        raise Invalid(_("It must expire after the day on which it was completed."))
    if Completion.objects.filter(member=member, course=course, completed_on=day).exists():
        raise Invalid(_("This completion is recorded already."))
    completion = Completion(member=member, course=course, completed_on=day, expires_on=expires_on)
    completion.save()
    return completion


def check_wearer(member: Member, day: dt.date) -> None:
    """Raise WrongState unless `member` may wear a camera from `day`: never before the completed training."""
    check_serves(member, day)
    if not doors.required_courses().exists():
        raise WrongState(_("No course is required for a camera yet: add that course first."))
    if missing := doors.missing_training(member.pk, day):
        courses = ", ".join(course.title for course in missing)
        raise WrongState(
            _("{name} has not completed the training: {courses}.").format(name=member.name, courses=courses)
        )


def check_spare(camera: Camera, since: dt.datetime) -> None:
    """Raise a refusal unless `camera` may be handed out at `since`: it is in service and worn by nobody from then."""
    if since > clock.now():
        raise Invalid(_("A camera is assigned when it is handed out, not before."))
    if camera.status != Camera.Status.IN_SERVICE:
        raise WrongState(_("The camera is not in service."))
    worn = Assignment.objects.filter(models.Q(until=None) | models.Q(until__gt=since), camera=camera)
    if held := worn.select_related("member").first():
        raise WrongState(_("{name} has this camera.").format(name=held.member.name))


def assign(camera: Camera, member: Member, since: dt.datetime) -> Assignment:
    """Hand `camera` to `member`, as `check_spare` and `check_wearer` allow."""
    check_spare(camera, since)
    check_wearer(member, since.astimezone(agency().tz).date())
    assignment = Assignment(camera=camera, member=member, since=since)
    assignment.save()
    return assignment
