"""Drafting: a new document, a new version of one, its rules, and the proposal."""

import uuid
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.kernel import clock, profiles
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import OpenEntry, change, move
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Invalid, NotFound, WrongState
from fairwitness.kernel.roles import Role
from fairwitness.policy import doors, events
from fairwitness.policy.acts.writing import about, check_categories, digest_of, new_version, reason, told
from fairwitness.policy.models import Content, Document, Rule, SaidDocument, Version, rule_from
from fairwitness.rules.canonical import named_digest

DECIDERS = (Role.COMMAND_STAFF, Role.CHIEF)


def add_document(*, number: str, particulars: dict[str, Any], by: Actor) -> Version:
    """Add a document with its first draft, which has no rules yet. Raises Invalid for a number that is taken."""
    with change(events.DOCUMENT_ADDED, by=by) as entry:
        doors.check_may(by, "draft_version")
        said = profiles.checked({"number": number, **particulars}, _("document"), SaidDocument)
        if Document.objects.filter(number__iexact=said.number).exists():
            raise Invalid(
                _("There is a document of that number."), number=[_("There is a document of that number.")]
            )
        document = Document(number=said.number)
        document.save(force_insert=True)
        version = new_version(document, said.content(), author_id=by.person)
        version.save(force_insert=True)
        about(entry, version, sha256=told(version))
    return version


def begin_version(*, number: str, by: Actor) -> Version:
    """Begin the next version of a document, saying at first what the one in force says.

    Raises WrongState while another version of it is on its way.
    """
    with change(events.VERSION_BEGUN, by=by) as entry:
        doors.check_may(by, "draft_version")
        document = doors.lock_document(number)
        if found := doors.open_version(document):
            raise WrongState(_("Version {n} of this document is on its way already.").format(n=found.n))
        last = doors.in_force(document) or document.versions.order_by("-n").first()
        if last is None:
            raise NotFound(_("There is nothing here, or it is not open to you."))
        version = new_version(document, last.says(), author_id=by.person)
        version.save(force_insert=True)
        about(entry, version, sha256=told(version))
    return version


def change_particulars(*, version_id: uuid.UUID, particulars: dict[str, Any], by: Actor) -> Version:
    """Change what a draft says of itself: title, summary, source, dates that may be unknown, what it answers."""
    with change(events.DRAFT_CHANGED, by=by) as entry:
        version = _draft(version_id, by)
        said = {**version.content, **particulars}
        _rewrite(
            entry, version, _content({k: v for k, v in said.items() if v is not None}), what="particulars"
        )
    return version


def change_rule(*, version_id: uuid.UUID, rule: dict[str, Any], was: str = "", by: Actor) -> Version:
    """Add a rule to a draft, or change the one whose id was `was`. Raises Invalid naming the field that is wrong.

    A rule keeps its id for ever, because findings cite it: another id is another rule. What another document has in
    force or on its way (an id, a category, a rule of which there is one) is not said a second time.
    """
    with change(events.DRAFT_CHANGED, by=by) as entry:
        version = _draft(version_id, by)
        said = rule_from(rule, _("rule"))
        changed = said.model_dump(mode="json", exclude_none=True)
        rules = list(version.content.get("rules", []))
        at = next((place for place, each in enumerate(rules) if each["id"] == was), None) if was else None
        if was and at is None:
            raise NotFound(_("This version has no such rule."))
        if was and changed["id"] != was:
            raise Invalid(
                _("A rule keeps its id, because what was found under it cites it."), id=[_("It stays.")]
            )
        _check_free(version, said)
        if at is None:
            rules.append(changed)
        else:
            rules[at] = changed
        what = "rule_changed" if was else "rule_added"
        _rewrite(entry, version, _content({**version.content, "rules": rules}), what=what, rule=changed["id"])
    return version


def remove_rule(*, version_id: uuid.UUID, rule_id: str, by: Actor) -> Version:
    """Take a rule out of a draft. Raises NotFound where it has none of that id."""
    with change(events.DRAFT_CHANGED, by=by) as entry:
        version = _draft(version_id, by)
        rules = [each for each in version.content.get("rules", []) if each["id"] != rule_id]
        if len(rules) == len(version.content.get("rules", [])):
            raise NotFound(_("This version has no such rule."))
        _rewrite(
            entry, version, _content({**version.content, "rules": rules}), what="rule_removed", rule=rule_id
        )
    return version


def propose_version(*, version_id: uuid.UUID, because: str, by: Actor) -> Version:
    """Propose a draft for approval, saying why; whoever may approve it is told.

    Raises Invalid without a reason, and where it says just what is in force; WrongState where it leaves out a category
    that recordings still carry.
    """
    with change(events.VERSION_PROPOSED, by=by) as entry:
        version = _draft(version_id, by, "propose_version")
        because = reason(because)
        now = doors.in_force(version.document)
        if now and now.digest == version.digest:
            raise Invalid(_("It says just what is in force: there is nothing to propose."))
        check_categories(version)
        version.because, version.proposed_at = because, clock.now()
        version.proposer_id = by.person
        move(version, Version.Status.PROPOSED)
        version.save(update_fields=["because", "proposed_at", "proposer"])
        _tell_deciders(version, by)
        about(entry, version, sha256=told(version), because_sha256=named_digest(version.because))
    return version


def check_draft(version: Version) -> None:
    """Raise WrongState unless the version is still a draft."""
    if version.status != Version.Status.DRAFT:
        raise WrongState(
            _("This version is {status}: only a draft can be changed.").format(
                status=version.get_status_display().lower()
            )
        )


def _draft(version_id: uuid.UUID, by: Actor, act: str = "draft_version") -> Version:
    doors.check_may(by, act)
    version = doors.lock_version(version_id)
    check_draft(version)
    return version


def _content(said: dict[str, Any]) -> Content:
    return profiles.checked(said, _("document"), Content)


def _check_free(version: Version, rule: Rule) -> None:
    """Raise Invalid where another document says already what one place alone may say: an id names one rule."""
    for other in doors.rules_elsewhere(version.document):
        if other.rule.id == rule.id:
            words = _("{number} has a rule of that id.").format(number=other.number)
            raise Invalid(words, field="rule.id", message=words)
        if doors.one_of_a_kind(rule) and doors.one_of_a_kind(rule) == doors.one_of_a_kind(other.rule):
            words = _("{number} says this already: {title}.")
            raise Invalid(words.format(number=other.number, title=other.rule.title))


def _rewrite(entry: OpenEntry, version: Version, content: Content, **facts: object) -> None:
    version.content, version.digest = content.as_json(), digest_of(content)
    version.save(update_fields=["content", "digest"])
    about(entry, version, sha256=told(version), **facts)


def _tell_deciders(version: Version, by: Actor) -> None:
    told_to = {m.pk for role in DECIDERS for m in department.members_holding(role)} - {by.member_id}
    sentence = _("Version {n} of {number} waits for your decision.").format(
        n=version.n, number=version.document.number
    )
    notify(sorted(told_to), sentence, reverse("version", args=[version.document.number, version.n]))
