"""The misuse watch: a week's signs of unusual access are written down, and somebody decides what came of each."""

import datetime as dt
import uuid

from django.utils.translation import gettext as _

from fairwitness.evidence import events
from fairwitness.evidence.doors import watching
from fairwitness.evidence.models import Watch
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.policy import acts as policy
from fairwitness.rules.canonical import named_digest, nfc

Outcome = Watch.Outcome
LONGEST = 1000


def watch_week(monday: dt.date, *, by: Actor) -> int:
    """Write down the signs of the week that began on a Monday, all in one entry. Answers how many.

    A week without signs leaves nothing; one that was looked through is not looked through again.
    """
    found = {} if watching.was_watched(monday) else watching.signs_of(monday)
    if found:
        with change(events.ACCESS_WATCHED, by=by) as entry:
            rows = [_row(monday, member, sign, viewings) for (member, sign), viewings in found.items()]
            Watch.objects.bulk_create(rows)
            entry.about(*rows, week=monday, signs=len(rows))
    _report(by)
    return len(found)


def _row(monday: dt.date, member: uuid.UUID, sign: str, viewings: list[uuid.UUID]) -> Watch:
    listed = [str(pk) for pk in viewings[: watching.LISTED]]
    return Watch(week=monday, member_id=member, sign=sign, found={"count": len(viewings), "viewings": listed})


def decide_watch(watch_id: uuid.UUID, *, outcome: str, words: str, by: Actor) -> Watch:
    """Record what came of a sign, in words. Never one's own: that one is not even found.

    Raises Invalid for no outcome or no words, WrongState when it was decided.
    """
    words = nfc(words.replace("\x00", "")).strip()
    if outcome not in Outcome.values or outcome == Outcome.OPEN:
        raise Invalid(_("Choose what came of it."), outcome=[_("Choose what came of it.")])
    if not words or len(words) > LONGEST:
        raise Invalid(_("Say what was found, in at most 1000 characters."), words=[_("Say what was found.")])
    with change(events.WATCH_DECIDED, by=by) as entry:
        sign = watching.sign_for(by, watch_id, lock=True)
        watching.check_may_decide(by)
        if sign.outcome != Outcome.OPEN:
            raise WrongState(_("This was decided before."))
        sign.outcome, sign.words, sign.decided_by_id, sign.decided_at = outcome, words, by.person, clock.now()
        sign.save(update_fields=["outcome", "words", "decided_by", "decided_at"])
        entry.about(sign, watch_id=sign.pk, outcome=outcome, words_sha256=named_digest(words))
        _report(by)
    return sign


def _report(by: Actor) -> None:
    decided, all_weeks = watching.weeks()
    policy.report_figure(
        measure="misuse_reviewed", numerator=decided, denominator=all_weeks, room="evidence", by=by
    )
