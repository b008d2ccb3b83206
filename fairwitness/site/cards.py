"""The cards of the home page: what needs this person today, in order of harm, at most seven."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from fairwitness.accounts import doors as accounts
from fairwitness.cases import doors as cases
from fairwitness.department import doors as department
from fairwitness.department.events import SIGNED_IN, SIGNED_OUT
from fairwitness.evidence import doors as evidence
from fairwitness.evidence.doors import disposal, dry_runs, preservation, watching
from fairwitness.evidence.models import DryRun, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.kernel import clock, history
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry, EntrySubject
from fairwitness.kernel.roles import WORDS, Reach, Role, reach
from fairwitness.policy import doors as policy
from fairwitness.policy.models import Version
from fairwitness.publiclog import health
from fairwitness.uploads import doors as uploads
from fairwitness.uploads.doors import incoming
from fairwitness.uploads.models import Upload

MOST = 7
# The tone of a card that shows what is there and asks for nothing.
QUIET = "quiet"
COMINGS = {SIGNED_IN.name, SIGNED_OUT.name}


@dataclass(frozen=True)
class Card:
    """One thing that needs somebody: how many, how old the oldest, and the list already filtered."""

    title: str
    count: int
    url: str
    words: str = ""
    oldest: dt.datetime | None = None
    tone: str = ""


def greeting(actor: Actor) -> str:
    """By the hour where the agency is, and by name."""
    hour = clock.now().astimezone(agency().tz).hour
    member = department.member_of(actor)
    words = (
        _("Good morning, {name}")
        if hour < 12
        else _("Good afternoon, {name}")
        if hour < 18
        else _("Good evening, {name}")
    )
    return words.format(name=member.name if member else "")


def role_words(actor: Actor) -> str:
    """What the roles held are for, in the words of kernel.roles."""
    return " ".join(str(WORDS[role][1]) for role in sorted(actor.roles))


def last_visit(actor: Actor) -> dt.datetime | None:
    """When this person signed in before the present sign-in: somebody else's visit would show here."""
    visits = Entry.objects.filter(actor=actor.key, event=SIGNED_IN.name).order_by("-at")
    return visits.values_list("at", flat=True)[1:2].first()


def lately(actor: Actor, most: int = 8) -> list[dict[str, Any]]:
    """What this person did lately, newest first, with a way to the recording that it was done to."""
    lines = [line for line in history.by_actor(actor.key, limit=4 * most) if line.event not in COMINGS][:most]
    things = _recordings_of([line.entry_id for line in lines])
    return [{"at": line.at, "sentence": line.sentence, "thing": things.get(line.entry_id)} for line in lines]


def _recordings_of(entry_ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    """The recording that each entry is about, with its address."""
    subjects = EntrySubject.objects.filter(entry_id__in=entry_ids, kind="evidence.recording")
    about = dict(subjects.values_list("entry_id", "subject"))
    names = evidence.names(set(about.values()))
    return {
        entry: {"label": names[pk], "url": reverse("recording", args=[pk])}
        for entry, pk in about.items()
        if pk in names
    }


def cards(actor: Actor) -> list[Card]:
    """The cards of this person; a card with nothing to do is left out, except the one that says what is theirs."""
    makers: tuple[Callable[[Actor], Iterator[Card]], ...] = (
        _alarms,
        _log_unwell,
        _preservation,
        _court_dates,
        _tasks,
        _disposals,
        _dry_runs,
        _proposed_versions,
        _roles_to_review,
        _ending_tokens,
        _held,
        _wearer_unknown,
        _locked_out,
        _unusual_access,
        _refused,
        _refused_uploads,
        _stuck_uploads,
        _unreadable,
        _no_sign_in,
        _untrained,
        _lately,
    )
    return [card for make in makers for card in make(actor)][:MOST]


def _alarms(actor: Actor) -> Iterator[Card]:
    """For those who keep the system, or look over it from within."""
    found = department.open_alarms_for(actor)
    if first := found.first():
        yield Card(
            _("Alarms of the system"),
            found.count(),
            reverse("alarms"),
            first.sentence,
            first.raised_at,
            "bad",
        )


def _log_unwell(actor: Actor) -> Iterator[Card]:
    """For those who look over it from outside, to whom no alarm is told."""
    faults = health.health().faults if actor.holds(Role.EXTERNAL_AUDITOR) else ()
    if faults:
        yield Card(
            _("The public log is not well"), len(faults), reverse("public-log"), str(faults[0]), tone="bad"
        )


def _preservation(actor: Actor) -> Iterator[Card]:
    """For records officers: what residents ask to be kept, in red once the first is overdue."""
    rows = preservation.to_be_decided(actor)
    if first := rows.first():
        overdue = preservation.is_overdue(first)
        words = _("The first was due on {day}.") if overdue else _("The first is due by {day}.")
        yield Card(
            _("Preservation requests to decide"),
            rows.count(),
            f"{reverse('preservation')}?status=received&sort=due",
            words.format(day=date_format(first.decide_by, agency().date_format)),
            first.received_at,
            "bad" if overdue else "attention",
        )


def _court_dates(actor: Actor) -> Iterator[Card]:
    """For who works on a case: when it is before a court soon, and what is over and has no outcome noted."""
    rows = cases.court_dates_for(actor) if cases.may_list(actor) else None
    if rows is not None and (first := rows.first()):
        day = agency().written(first.at)
        over = first.at < clock.now()
        words = _("{number} was on {day}: note the outcome.") if over else _("The next: {number}, {day}.")
        yield Card(
            _("Court dates of your cases"),
            rows.count(),
            reverse("case", args=[first.case_id]) + "#court",
            words.format(number=first.case.number, day=day),
            tone="attention",
        )


def _tasks(actor: Actor) -> Iterator[Card]:
    """What one is to do in one's cases, in red once the first is overdue."""
    rows = cases.tasks_for(actor) if cases.may_list(actor) else None
    if rows is not None and (first := rows.first()):
        overdue = bool(first.due and first.due < department.today())
        due = date_format(first.due, agency().date_format) if first.due else ""
        words = (
            (_("The first was due on {day}.") if overdue else _("The first is due by {day}.")) if due else ""
        )
        yield Card(
            _("Tasks in your cases"),
            rows.count(),
            reverse("case", args=[first.case_id]) + "#tasks",
            words.format(day=due),
            first.made_at,
            "bad" if overdue else "attention",
        )


def _roles_to_review(actor: Actor) -> Iterator[Card]:
    """For those who decide: what is left of the review under way, in red once it is overdue."""
    review = accounts.open_review() if accounts.may_review(actor) else None
    if review is None:
        return
    count = accounts.undecided(review).count()
    overdue = review.due_on < department.today()
    words = _("It was due on {day}.") if overdue else _("Due by {day}.")
    yield Card(
        _("Roles to review"),
        count,
        reverse("review", args=[review.pk]),
        words.format(day=date_format(review.due_on, agency().date_format)),
        tone="bad" if overdue else "attention",
    )


def _ending_tokens(actor: Actor) -> Iterator[Card]:
    """For those who may issue another: what a dock or program shows is soon refused."""
    if not accounts.may(actor, "issue_token"):
        return
    rows = accounts.ending_tokens(actor)
    if count := rows.count():
        words = _("Issue new ones before docks and programs are refused.")
        yield Card(_("Tokens that end within 14 days"), count, reverse("tokens"), words, tone="attention")


def _held(actor: Actor) -> Iterator[Card]:
    rows = uploads.list_held(actor, uploads.HeldSought())
    if count := rows.count():
        own = reach(actor.roles, uploads.REACH["see_held"]) == Reach.OWN
        oldest = rows.values_list("first_seen", flat=True).first()
        yield Card(
            _("Your camera still holds recordings") if own else _("Recorded, never uploaded"),
            count,
            reverse("cameras-hold"),
            _held_words(rows) if own else _("Still on cameras, as far as docks have seen."),
            oldest,
            "attention",
        )


def _held_words(rows: Any) -> str:
    if rows.filter(docked=False).exists():
        return _("Dock it again.")
    return _("It is in a dock, and they do not come in: ask the BWC Unit.")


def _wearer_unknown(actor: Actor) -> Iterator[Card]:
    rows = evidence.owners_unknown(actor)
    if count := rows.count():
        oldest = rows.order_by("sealed_at").values_list("sealed_at", flat=True).first()
        yield Card(
            _("Recordings whose wearer is not known"),
            count,
            reverse("unknown-owners"),
            _("Nobody can find them as their own until this is settled."),
            oldest,
            "attention",
        )


def _locked_out(actor: Actor) -> Iterator[Card]:
    """For those who are involved in a critical incident: why its footage is closed to them."""
    rows = incidents.locking(actor.member_id) if actor.member_id else None
    if rows is not None and (count := rows.count()):
        words = _("Its recordings are closed to you until your statement is filed.")
        yield Card(
            _("Critical incident: you are involved"), count, reverse("my-access"), words, tone="attention"
        )


def _unusual_access(actor: Actor) -> Iterator[Card]:
    """For those who decide what came of signs of unusual access."""
    if count := watching.undecided(actor).count():
        words = _("Ask, and record what came of it.")
        yield Card(_("Unusual access to look at"), count, reverse("watch"), words, tone="attention")


def _refused(actor: Actor) -> Iterator[Card]:
    if evidence.far(actor, "settle_owner") == Reach.NONE:
        return
    rows = Recording.objects.filter(status=Recording.Status.REFUSED)
    if count := rows.count():
        oldest = rows.order_by("sealed_at").values_list("sealed_at", flat=True).first()
        url = f"{reverse('recordings')}?status=refused"
        yield Card(_("Refused deliveries"), count, url, _("Kept, with the reason."), oldest, "attention")


def _refused_uploads(actor: Actor) -> Iterator[Card]:
    rows = incoming.narrowed(actor).filter(status=Upload.Status.REFUSED)
    if count := rows.count():
        oldest = rows.order_by("status_since").values_list("status_since", flat=True).first()
        url = f"{reverse('uploads')}?status=refused"
        yield Card(
            _("Uploads that were refused"), count, url, _("Kept, with the reason."), oldest, "attention"
        )


def _stuck_uploads(actor: Actor) -> Iterator[Card]:
    rows = incoming.stuck(actor)
    if count := rows.count():
        oldest = rows.order_by("begun").values_list("begun", flat=True).first()
        url = f"{reverse('uploads')}?status=announced"
        words = _("Nothing came for a day. Dock the camera again, or go on with the file.")
        yield Card(_("Uploads that stand still"), count, url, words, oldest, "attention")


def _unreadable(actor: Actor) -> Iterator[Card]:
    """For those whose role opens recordings: how many the list has that this leads to.

    Counted is what they find, as the list does. To ask of each whether it opens took a minute and more for somebody
    who is locked out of something, over a million recordings.
    """
    if evidence.far(actor, "open") == Reach.NONE:
        return
    rows = evidence.narrowed(actor, "find").filter(
        readable=Recording.Readable.NO, status=Recording.Status.SEALED
    )
    if count := rows.count():
        url = f"{reverse('recordings')}?readable=no"
        yield Card(
            _("Recordings that cannot be played"),
            count,
            url,
            _("Sealed all the same; the reason is with each."),
        )


def _no_sign_in(actor: Actor) -> Iterator[Card]:
    if not department.may(actor, "give_sign_in"):
        return
    count = department.members_for(actor).filter(department.serving_on(department.today()), user=None).count()
    if count:
        yield Card(_("Members without a sign-in"), count, reverse("members"), _("They cannot enter yet."))


def _untrained(actor: Actor) -> Iterator[Card]:
    if not department.may(actor, "complete_course"):
        return
    found = department.coverage(actor).whole
    missing = found.sworn - found.equipped
    if missing:
        yield Card(_("Sworn members without a camera"), missing, reverse("coverage"), _("By role and unit."))


def _lately(actor: Actor) -> Iterator[Card]:
    if not evidence.may_list(actor):
        return
    since = department.today() - dt.timedelta(days=14)
    count = evidence.narrowed(actor, "find").filter(started__gte=agency().midnight(since)).count()
    far = evidence.far(actor, "find")
    title = {
        Reach.OWN: _("Your recordings of the last 14 days"),
        Reach.CHAIN: _("Recordings of your people, last 14 days"),
    }.get(far, _("Recordings of the last 14 days"))
    yield Card(title, count, f"{reverse('recordings')}?since={since:%Y-%m-%d}", tone=QUIET)


def _dry_runs(actor: Actor) -> Iterator[Card]:
    """For those who may approve a dry run that somebody else proposed."""
    if evidence.far(actor, "approve_dry_run") < Reach.ALL:
        return
    waiting = dry_runs.dry_runs(actor).filter(status=DryRun.Status.PROPOSED).exclude(proposer=actor.member_id)
    if first := waiting.last():
        words = _("Days would come nearer; it takes a second person.")
        yield Card(_("Dry runs to approve"), waiting.count(), reverse("retention"), words, first.proposed_at)


def _proposed_versions(actor: Actor) -> Iterator[Card]:
    """For those who decide on the policy: the versions that wait for somebody who did not write them."""
    if not policy.may(actor, "approve_version"):
        return
    waiting = Version.objects.filter(status=Version.Status.PROPOSED).exclude(proposer=actor.member_id)
    if first := waiting.order_by("proposed_at").first():
        words = _("Approve, or send back.")
        yield Card(
            _("Versions of the policy to decide"), waiting.count(), reverse("book"), words, first.proposed_at
        )


def _disposals(actor: Actor) -> Iterator[Card]:
    """For those who decide on disposal: what waits for their approval, and what can still be taken back."""
    rows = disposal.to_approve(actor)
    if first := rows.last():
        url = reverse("disposal-list", args=[first.pk])
        words = _("Nothing is erased until two people have approved.")
        yield Card(
            _("Lists of disposal to approve"), rows.count(), url, words, first.proposed_at, "attention"
        )
    grace = disposal.in_grace(actor)
    if first := grace.last():
        url = reverse("disposal-list", args=[first.pk])
        words = _("Approved; until they are erased they can be taken back.")
        yield Card(_("Lists of disposal in grace"), grace.count(), url, words)
