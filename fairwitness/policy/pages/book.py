"""From within: the book with what is on its way, its versions, drafting and deciding."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.kernel import acting
from fairwitness.kernel.acting import ConfirmForm, act_page, posted, refusal_of
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.again import confirmed_lately
from fairwitness.kernel.listing import history_of
from fairwitness.kernel.refusals import Invalid, NotFound, WrongState
from fairwitness.policy import acts, doors, forms
from fairwitness.policy.models import KINDS, Content, Rule, Version
from fairwitness.policy.pages import shown


@login_required
@require_GET
def book(request: HttpRequest) -> HttpResponse:
    """Every document, with the version in force and the one on its way."""
    actor = actor_of(request)
    doors.check_may(actor, "read_drafts")
    context = {
        "heading": _("Policy book"),
        "rows": [_row(document) for document in doors.documents()],
        "acts": _offers(actor, ("draft_version", _("Add a document"), reverse("document-add"), "")),
    }
    return render(request, "policy/book.html", context)


def _row(document: Any) -> dict[str, Any]:
    by_status = {version.status: version for version in document.versions_now}
    now = by_status.pop(Version.Status.IN_FORCE, None)
    coming = next(iter(by_status.values()), None)
    shown_one = now or coming
    content = shown_one.says() if shown_one else None
    return {"document": document, "now": now, "coming": coming, "content": content, "tone": _tone(coming)}


def _tone(version: Version | None) -> str:
    return shown.TONES[Version.Status(version.status)] if version else ""


def _offers(actor: Actor, *candidates: tuple[str, str, str, str]) -> dict[str, object] | None:
    return acting.offers(lambda act: doors.may(actor, act), *candidates)


@login_required
@require_GET
def versions(request: HttpRequest, number: str) -> HttpResponse:
    """One document: all its versions and its history."""
    actor = actor_of(request)
    doors.check_may(actor, "read_drafts")
    document = doors.document_for(number)
    coming = doors.open_version(document)
    reason = _("Version {n} is on its way.").format(n=coming.n) if coming else ""
    found = list(doors.versions_of(actor, document))
    context = {
        "heading": found[0].says().title if found else number,
        "crumb": {"label": _("Policy book"), "url": reverse("book")},
        "document": document,
        "now": doors.in_force(document),
        "rows": [(version, shown.TONES[Version.Status(version.status)]) for version in found],
        "acts": _offers(
            actor,
            ("draft_version", _("Begin a new version"), reverse("version-begin", args=[number]), reason),
        ),
        **history_of(request, "policy.document", document.pk),
    }
    return render(request, "policy/versions.html", context)


@login_required
@require_GET
def version(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """One version: what it says, how it differs from the one in force, and what can be done with it."""
    actor = actor_of(request)
    doors.check_may(actor, "read_drafts")
    found = doors.version_for(actor, number, n)
    content, older = found.says(), _compared_with(request, actor, found)
    is_draft = found.status == Version.Status.DRAFT
    context = {
        "heading": content.title,
        "crumb": {"label": number, "url": reverse("versions", args=[number])},
        "version": found,
        "tone": shown.TONES[Version.Status(found.status)],
        "content": content,
        "facts": shown.facts(found, content),
        "groups": shown.groups(content.rules),
        "older": older,
        "changes": doors.changes(older.says() if older else None, content) if older else [],
        "others": doors.versions_of(actor, found.document).exclude(pk=found.pk),
        "may_edit": is_draft and doors.may(actor, "draft_version"),
        "missing": _missing(actor, found),
        "carried": acts.carried_words(carried) if (carried := _carried(actor, found)) else "",
        "kinds": forms.KindForm(),
        "acts": _version_acts(actor, found),
        **history_of(request, "policy.version", found.pk),
    }
    return render(request, "policy/version.html", context)


def _carried(actor: Actor, found: Version) -> dict[str, int]:
    """What keeps a version that is on its way from coming into force: categories that recordings carry, and how many do.

    For those who write or decide: of how many recordings there are of a kind nobody else is told here.
    """
    told = doors.may(actor, "draft_version") and found.status in Version.OPEN
    return doors.still_carried(found) if told else {}


def _missing(actor: Actor, found: Version) -> list[tuple[str, str]]:
    """What must still be done before it may come into force, in words, each with the way to where that is shown."""
    missing = doors.clearances_missing(found) if found.status in Version.OPEN else []
    return [
        (str(what.label), doors.CLEARED_AT[what](actor, found) if what in doors.CLEARED_AT else "")
        for what in missing
    ]


def _compared_with(request: HttpRequest, actor: Actor, found: Version) -> Version | None:
    """The version that was asked for, else the one in force, else the one before."""
    asked = request.GET.get("with", "")
    if asked.isdecimal() and len(asked) < 9 and int(asked) != found.n:
        return doors.version_for(actor, found.document.number, int(asked))
    now = doors.in_force(found.document)
    if now and now.pk != found.pk and found.status in Version.OPEN:
        return now
    return doors.versions_of(actor, found.document).filter(n__lt=found.n).first()


def _version_acts(actor: Actor, found: Version) -> dict[str, object] | None:
    """What can be done next with a version, by its status."""
    where = [found.document.number, found.n]
    approving = refusal_of(acts.check_approval, found, found.digest, actor) if actor.member_id else ""
    due = refusal_of(acts.check_due, found)
    withdraw = ("withdraw_version", _("Withdraw"), reverse("version-withdraw", args=where), "")
    by_status: dict[str, list[tuple[str, str, str, str]]] = {
        Version.Status.DRAFT: [
            ("propose_version", _("Propose it"), reverse("version-propose", args=where), ""),
            (
                "draft_version",
                _("Change what it says of itself"),
                reverse("version-particulars", args=where),
                "",
            ),
            withdraw,
        ],
        Version.Status.PROPOSED: [
            ("approve_version", _("Approve it"), reverse("version-approve", args=where), approving),
            ("send_version_back", _("Send it back"), reverse("version-send-back", args=where), ""),
            withdraw,
        ],
        Version.Status.APPROVED: [
            ("bring_into_force", _("Bring it into force"), reverse("version-into-force", args=where), due),
            withdraw,
        ],
    }
    return _offers(actor, *by_status.get(found.status, []))


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a document with its first draft."""
    by = actor_of(request)
    doors.check_may(by, "draft_version")

    def do(entered: dict[str, Any]) -> HttpResponse:
        number = entered.pop("number")
        made = acts.add_document(number=number, particulars=_given(entered), by=by)
        return redirect("version", number=number, n=made.n)

    return act_page(
        request,
        forms.DocumentForm(posted(request)),
        do,
        heading=_("Add a document"),
        words=_(
            "It begins as a draft without rules. Nothing is in force until a second person has approved it."
        ),
        back=reverse("book"),
        button=_("Begin the draft"),
    )


def _given(entered: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entered.items() if value not in (None, "")}


@login_required
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, number: str) -> HttpResponse:
    """Begin the next version of a document."""
    by = actor_of(request)
    doors.check_may(by, "draft_version")

    def do(_entered: dict[str, Any]) -> HttpResponse:
        made = acts.begin_version(number=number, by=by)
        return redirect("version", number=number, n=made.n)

    return act_page(
        request,
        ConfirmForm(posted(request)),
        do,
        heading=_("Begin a new version of {number}").format(number=doors.document_for(number).number),
        words=_(
            "It begins with the text in force. That stays in force until the new one is approved and its day comes."
        ),
        back=reverse("versions", args=[number]),
        button=_("Begin the draft"),
    )


def _draft(request: HttpRequest, number: str, n: int, act: str = "draft_version") -> tuple[Actor, Version]:
    by = actor_of(request)
    doors.check_may(by, act)
    return by, doors.version_for(by, number, n)


@login_required
@require_http_methods(["GET", "POST"])
def particulars(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Change what a draft says of itself."""
    by, found = _draft(request, number, n)
    acts.check_draft(found)
    return act_page(
        request,
        forms.ParticularsForm(posted(request), initial=forms.particulars_of(found.says())),
        lambda entered: acts.change_particulars(version_id=found.pk, particulars=entered, by=by),
        heading=_("What version {n} of {number} says of itself").format(n=n, number=number),
        back=reverse("version", args=[number, n]),
        done=_("The draft is changed."),
        button=_("Keep it"),
    )


@login_required
@require_http_methods(["GET", "POST"])
def rule_add(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Add a rule of the kind that `?kind=` names."""
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        raise NotFound(_("There is no such kind of rule."))
    return _rule_page(request, number, n, kind, None)


@login_required
@require_http_methods(["GET", "POST"])
def rule_change(request: HttpRequest, number: str, n: int, rule_id: str) -> HttpResponse:
    """Change one rule of a draft."""
    rule = _rule(doors.version_for(actor_of(request), number, n).says(), rule_id)
    return _rule_page(request, number, n, rule.kind, rule)


def _rule(content: Content, rule_id: str) -> Rule:
    found = next((rule for rule in content.rules if rule.id == rule_id), None)
    if found is None:
        raise NotFound(_("This version has no such rule."))
    return found


def _rule_page(request: HttpRequest, number: str, n: int, kind: str, rule: Rule | None) -> HttpResponse:
    by, found = _draft(request, number, n)
    acts.check_draft(found)
    form = forms.RuleForm(kind, posted(request), rule=rule)
    back = reverse("version", args=[number, n])

    def do(_entered: dict[str, Any]) -> HttpResponse | None:
        try:
            acts.change_rule(version_id=found.pk, rule=form.said(), was=rule.id if rule else "", by=by)
        except Invalid as refusal:
            form.refuse(
                str(refusal.details.get("field", "")), str(refusal.details.get("message", refusal.sentence))
            )
            return render(request, "act.html", {**said, "form": form, "back": back}, status=422)
        return None

    title = str(KINDS[kind])
    said = {
        "heading": _("Change the rule “{title}”").format(title=rule.title)
        if rule
        else _("Add a rule: {kind}").format(kind=title),
        "words": _(
            "Say it in plain words of your own, and where it comes from. Anyone may read it once it is in force."
        ),
        "button": _("Keep it"),
    }
    return act_page(request, form, do, back=back, done=_("The draft is changed."), **said)


@login_required
@require_http_methods(["GET", "POST"])
def rule_remove(request: HttpRequest, number: str, n: int, rule_id: str) -> HttpResponse:
    """Take a rule out of a draft."""
    by, found = _draft(request, number, n)
    acts.check_draft(found)
    rule = _rule(found.says(), rule_id)
    return act_page(
        request,
        ConfirmForm(posted(request)),
        lambda _entered: acts.remove_rule(version_id=found.pk, rule_id=rule_id, by=by),
        heading=_("Take out the rule “{title}”?").format(title=rule.title),
        words=_(
            "It leaves this draft alone. What is in force stays as it is, and earlier versions keep the rule."
        ),
        back=reverse("version", args=[number, n]),
        done=_("The rule is taken out of the draft."),
        button=_("Take it out"),
    )


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Propose a draft, saying why."""
    by, found = _draft(request, number, n, "propose_version")
    acts.check_draft(found)
    return act_page(
        request,
        forms.ProposeForm(posted(request)),
        lambda entered: acts.propose_version(version_id=found.pk, because=entered["because"], by=by),
        heading=_("Propose version {n} of {number}").format(n=n, number=number),
        words=_("Command staff and the chief are told. Whoever wrote or proposed it cannot approve it."),
        back=reverse("version", args=[number, n]),
        done=_("The version is proposed."),
        button=_("Propose it"),
    )


@login_required
@require_http_methods(["GET", "POST"])
@confirmed_lately
def approve(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Approve what was proposed, and say from when it is to be in force."""
    by, found = _draft(request, number, n, "approve_version")
    form = forms.ApproveForm(posted(request), initial={"digest": found.digest})

    def do(entered: dict[str, Any]) -> None:
        acts.approve_version(version_id=found.pk, digest=entered["digest"], in_force_at=form.moment(), by=by)
        _at_once(found, by)

    return act_page(
        request,
        form,
        do,
        heading=_("Approve version {n} of {number}").format(n=n, number=number),
        words=_("You approve the text as you have read it, with this digest: {digest}").format(
            digest=found.digest[:16]
        ),
        back=reverse("version", args=[number, n]),
        done=_("The version is approved."),
        button=_("Approve it"),
    )


def _at_once(found: Version, by: Actor) -> None:
    """Bring it into force where nothing stands against that; else it waits for its day, or for what is missing."""
    try:
        acts.bring_into_force(version_id=found.pk, by=by)
    except WrongState:
        return


def _confirmed(
    request: HttpRequest,
    number: str,
    n: int,
    act: str,
    do: Any,
    *,
    heading: str,
    words: str,
    done: str,
    button: str,
) -> HttpResponse:
    by, found = _draft(request, number, n, act)
    return act_page(
        request,
        ConfirmForm(posted(request)),
        lambda _entered: do(version_id=found.pk, by=by),
        heading=heading.format(n=n, number=number),
        words=words,
        back=reverse("version", args=[number, n]),
        done=done,
        button=button,
    )


@login_required
@require_http_methods(["GET", "POST"])
def send_back(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Send a proposed version back to its author."""
    return _confirmed(
        *(request, number, n, "send_version_back", acts.send_back_version),
        heading=_("Send version {n} of {number} back"),
        words=_("It becomes a draft again, and its author is told."),
        done=_("The version is a draft again."),
        button=_("Send it back"),
    )


@login_required
@require_http_methods(["GET", "POST"])
@confirmed_lately
def into_force(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Bring an approved version into force."""
    return _confirmed(
        *(request, number, n, "bring_into_force", acts.bring_into_force),
        heading=_("Bring version {n} of {number} into force"),
        words=_(
            "From now on everything new is decided under it, and anyone may read it. The one before it stays to be read."
        ),
        done=_("The version is in force."),
        button=_("Bring it into force"),
    )


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Withdraw what is on its way."""
    return _confirmed(
        *(request, number, n, "withdraw_version", acts.withdraw_version),
        heading=_("Withdraw version {n} of {number}"),
        words=_("It goes no further, and stays to be read. Another version can then be begun."),
        done=_("The version is withdrawn."),
        button=_("Withdraw it"),
    )


@login_required
@require_POST
def rule_kind(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """From the choice of a kind to the form of a rule of that kind."""
    form = forms.KindForm(request.POST)
    if not form.is_valid():
        raise NotFound(_("There is no such kind of rule."))
    return redirect(f"{reverse('rule-add', args=[number, n])}?kind={form.cleaned_data['kind']}")
