"""The doors to clips: open to whoever may open their recording, by the same filter, and gone with its bytes."""

import uuid

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from fairwitness.evidence import doors
from fairwitness.evidence.models import Clip, Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Gone, Invalid, NotFound, WrongState


def clips_of(actor: Actor, recording: Recording) -> "QuerySet[Clip]":
    """The clips of a recording that stand, in the order in which they begin; none for who may not open it."""
    rows = Clip.objects.filter(recording=recording, withdrawn_at=None).select_related("asked_by")
    return rows.order_by("begins_ms", "id") if doors.may(actor, recording.pk, "open") else rows.none()


def clip(actor: Actor, pk: uuid.UUID, act: str = "open", *, lock: bool = False) -> Clip:
    """One clip, for one act on its recording. Raises NotFound, Forbidden; Gone where the recording's bytes are.

    With `lock` its recording is locked first, then it: everybody here does it in this order.
    """
    found = Clip.objects.filter(pk=pk).values_list("recording", flat=True).first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    recording = doors.recording(actor, found, act, lock=lock)
    if recording.status == Recording.Status.ERASED or doors.is_going(recording.pk):
        raise Gone(_("The bytes of this recording were erased under a rule, and its clips with them."))
    rows = Clip.objects.select_related("recording")
    return (rows.select_for_update(of=("self",)) if lock else rows).get(pk=pk)


def made_clip(actor: Actor, pk: uuid.UUID, *, lock: bool = False) -> Clip:
    """One clip that is there to be taken out. Raises as `clip`, and WrongState where it is not made or withdrawn."""
    found = clip(actor, pk, lock=lock)
    if found.withdrawn_at:
        raise WrongState(_("This clip was withdrawn."))
    if found.status != Clip.Status.MADE:
        raise WrongState(_("This clip is not made."), status=found.status)
    return found


def check_interval(recording: Recording, begins_ms: int, ends_ms: int) -> None:
    """Raise WrongState where nothing can be cut out of a recording, Invalid where the interval is none of it."""
    if recording.status != Recording.Status.SEALED or recording.readable != Recording.Readable.YES:
        raise WrongState(_("Only a sealed recording that can be read has clips."))
    length = recording.duration_ms or 0
    for field, moment in (("begins_ms", begins_ms), ("ends_ms", ends_ms)):
        if not 0 <= moment <= length:
            words = _("That moment is not in the recording, which is {length} long.")
            said = words.format(length=_clock(length))
            raise Invalid(said, **{field: [said]})
    if ends_ms <= begins_ms:
        said = _("A clip ends after it begins.")
        raise Invalid(said, ends_ms=[said])


def _clock(length: int) -> str:
    hours, rest = divmod(length, 3_600_000)
    return f"{hours:02}:{rest // 60_000:02}:{rest % 60_000 / 1000:06.3f}"
