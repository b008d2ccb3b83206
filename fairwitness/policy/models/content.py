"""What a version of a policy says: rules of known kinds, each with its source. The same shape in profile and database."""

import datetime as dt
import re
from collections import Counter
from typing import Annotated, Any, Literal, get_args

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, field_validator, model_validator

from fairwitness.kernel import profiles
from fairwitness.kernel.profiles import Shape
from fairwitness.kernel.roles import Role
from fairwitness.rules.canonical import LARGEST_INTEGER, nfc

# The kinds of rules, in the order in which a document tells of them.
KINDS = {
    "value": _("Value"),
    "programme": _("Programme"),
    "training": _("Training"),
    "activation": _("Activation"),
    "exception": _("Exception"),
    "notice": _("Notice"),
    "deactivation": _("Deactivation"),
    "residence": _("Private residence"),
    "category": _("Category"),
    "retention": _("Retention"),
    "hold": _("Hold"),
    "disposal": _("Disposal"),
    "access": _("Access"),
    "lockout": _("Viewing before the report"),
    "evidence": _("Evidence"),
    "integrity": _("Integrity"),
    "recognition": _("Recognition"),
    "audit": _("Audit"),
    "discipline": _("Discipline"),
    "disclosure": _("Disclosure"),
    "records": _("Public records"),
    "community": _("Community"),
    "survey": _("Survey"),
    "equality": _("Equality"),
    "plan": _("Plan"),
    "site": _("Public site"),
}
BASES = {
    "document": _("a document of the agency"),
    "statute": _("the law"),
    "default": _("this product's default, unverified"),
}
# The classes of access that a category may put a recording into, the widest first (issue of access: duty E06).
ACCESS = {
    "ordinary": _("Ordinary"),
    "sensitive": _("Sensitive"),
    "confidential": _("Confidential investigation"),
    "restricted": _("Restricted to named people"),
}

_LENGTH = re.compile(r"for ever|[1-9]\d{0,4} (days|months|years)")
_NAME = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")


# What no text holds: controls other than the end of a line, and halves of surrogate pairs.
_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")
# Words that addresses use in the place of a number.
_TAKEN = {"add", "scorecard"}
# Of these one stands in the whole book: the system acts by it.
SINGLE = frozenset({"lockout", "disposal", "hold", "recognition", "integrity", "disclosure"})


def _shown(text: str) -> str:
    """As it is kept: Unicode form NFC, lines ended one way (browsers send two characters), nothing around it."""
    text = text.replace("\r\n", "\n").strip()
    if _UNSEEN.search(text):
        raise ValueError("this has characters that cannot be shown")
    return str(nfc(text))


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("this must not be empty")
    return _shown(text)


def _line(text: str) -> str:
    if "\n" in text.strip():
        raise ValueError("this must stand on one line")
    return _text(text)


def _length(text: str) -> str:
    if not _LENGTH.fullmatch(text):
        raise ValueError("write a length as “180 days”, “30 months”, “7 years” or “for ever”")
    return text


def _name(text: str) -> str:
    if not _NAME.fullmatch(text) or len(text) > 60:
        raise ValueError("write a short name in small letters, figures, points, hyphens and underscores")
    return text


def _number(text: str) -> str:
    if text.lower() in _TAKEN:
        raise ValueError(f"“{text}” is a word of this site's addresses; choose another number")
    return text


def _role(text: str) -> str:
    if text not in list(Role):
        raise ValueError(f"“{text}” is no role; known are {', '.join(Role)}")
    return text


Text = Annotated[str, AfterValidator(_text), Field(max_length=4000)]
Line = Annotated[str, AfterValidator(_line), Field(max_length=300)]
Optional = Annotated[str, AfterValidator(_shown), Field(max_length=4000)]
Length = Annotated[str, AfterValidator(_length)]
Name = Annotated[str, AfterValidator(_name)]
RoleName = Annotated[str, AfterValidator(_role)]
Class = Literal["ordinary", "sensitive", "confidential", "restricted"]


class Category(Shape):
    """A category that recordings may carry, and the class of access into which it puts them."""

    code: Name
    words: Line
    access: Class
    # The labels under which delivering systems bring such recordings.
    delivered: list[Line] = []
    # The statute that narrows who may open such footage at all, and the roles that it names (facts a7).
    statute: Optional = ""
    roles: list[RoleName] = []


class Retention(Shape):
    """How long recordings of a category are kept at least, and at most where there is a limit."""

    category: Name
    keep: Length
    at_most: Length | None = None


class Access(Shape):
    """The roles to which a class of access opens by itself; others need a case, a link or a name."""

    access: Class
    roles: list[RoleName]


class Lockout(Shape):
    """For which incidents those involved see no footage before their statement or report is filed."""

    viewing_before_report: Literal["open", "closed_when_critical", "closed"]


class Activation(Shape):
    """Events at which the camera is to be recording."""

    events: list[Line]


class Exempt(Shape):
    """When a required recording may be missing, and whether a concrete reason must be given."""

    reason_required: bool
    reasons: list[Line] = []


class Notice(Shape):
    """Whether people are to be told that they are recorded, and whether the lack of it needs a reason."""

    expected: bool
    reason_required: bool


class Deactivation(Shape):
    """Who may ask for the camera to be off, who decides, and what must then be documented."""

    asked_by: list[Line]
    decides: Literal["person", "officer"]
    documented: list[Line] = []


class Disposal(Shape):
    """The pauses before anything is erased, in days, and how many people must approve."""

    cooling_off_days: Annotated[int, Field(ge=1, le=90)]
    grace_days: Annotated[int, Field(ge=1, le=90)]
    approvers: Annotated[int, Field(ge=2, le=5)]


class Hold(Shape):
    """A resident's preservation request: the widest span, how long it holds, how soon it is decided."""

    hours: Annotated[int, Field(ge=1, le=48)]
    days: Annotated[int, Field(ge=1, le=3650)]
    business_days: Annotated[int, Field(ge=1, le=30)]


class Recognition(Shape):
    """Whether recognising people is banned across everything."""

    banned: bool


class Integrity(Shape):
    """What is promised of bytes and of the record of who touched them."""

    tampering_forbidden: bool
    access_recorded: bool


class Disclosure(Shape):
    """Who may see footage from outside: whether people who complain can see it, and how."""

    complainant_may_view: Literal["yes", "on_request", "no"]


# Integers as far as every reader of JSON keeps them whole.
Whole = Annotated[int, Field(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
Value = Optional | Whole | bool | list[Optional]


class _Rule(Shape):
    """What every rule says, whatever its kind."""

    id: Name
    title: Line
    text: Text
    # The document and heading, or the statute, or what it was taken from.
    source: Line
    basis: Literal["document", "statute", "default"]
    # Who or what keeps it, in words; and the acts that do, by name, so that a test can look whether they exist.
    enforced: Optional = ""
    enforced_by: list[Line] = []
    # The code of the figure that measures it (records.MEASURES), or nothing: then it is said not to be measured.
    measured_by: Optional = ""
    # The duties of the source documents that it takes up.
    duties: list[Line] = []


class CategoryRule(_Rule):
    kind: Literal["category"]
    parameters: Category


class RetentionRule(_Rule):
    kind: Literal["retention"]
    parameters: Retention


class AccessRule(_Rule):
    kind: Literal["access"]
    parameters: Access


class LockoutRule(_Rule):
    kind: Literal["lockout"]
    parameters: Lockout


class ActivationRule(_Rule):
    kind: Literal["activation"]
    parameters: Activation


class ExceptionRule(_Rule):
    kind: Literal["exception"]
    parameters: Exempt


class NoticeRule(_Rule):
    kind: Literal["notice"]
    parameters: Notice


class DeactivationRule(_Rule):
    kind: Literal["deactivation", "residence"]
    parameters: Deactivation


class DisposalRule(_Rule):
    kind: Literal["disposal"]
    parameters: Disposal


class HoldRule(_Rule):
    kind: Literal["hold"]
    parameters: Hold


class RecognitionRule(_Rule):
    kind: Literal["recognition"]
    parameters: Recognition


class IntegrityRule(_Rule):
    kind: Literal["integrity"]
    parameters: Integrity


class DisclosureRule(_Rule):
    kind: Literal["disclosure"]
    parameters: Disclosure


class PlainRule(_Rule):
    """A rule whose parameters nothing reads yet."""

    kind: Literal[
        "value",
        "programme",
        "training",
        "evidence",
        "audit",
        "discipline",
        "records",
        "community",
        "survey",
        "equality",
        "plan",
        "site",
    ]
    parameters: Annotated[dict[Name, Value], Field(max_length=50)] = {}


Rule = (
    CategoryRule
    | RetentionRule
    | AccessRule
    | LockoutRule
    | ActivationRule
    | ExceptionRule
    | NoticeRule
    | DeactivationRule
    | DisposalRule
    | HoldRule
    | RecognitionRule
    | IntegrityRule
    | DisclosureRule
    | PlainRule
)
# The parameters that a kind must have, by kind; None where nothing reads them yet.
PARAMETERS: dict[str, type[Shape] | None] = {
    kind: each if isinstance(each := shape.model_fields["parameters"].annotation, type) else None
    for shape in get_args(Rule)
    for kind in get_args(shape.model_fields["kind"].annotation)
}  # fmt: skip


class Content(Shape):
    """What one version of a document says. Dates of issue and revision may be unknown (duty C13)."""

    title: Line
    kind: Literal["policy", "procedure", "law", "statement", "plan"]
    summary: Text
    source: Line
    issued: Annotated[dt.date | None, Field(strict=False)] = None
    revised: Annotated[dt.date | None, Field(strict=False)] = None
    # The need, concern or recommendation that this version answers, by its number (duty C12).
    answers: Optional = ""
    rules: list[Annotated[Rule, Field(discriminator="kind")]] = []

    @field_validator("rules")
    @classmethod
    def _once(cls, rules: list[Rule]) -> list[Rule]:
        twice = [key for key, count in Counter(rule.id for rule in rules).items() if count > 1]
        if twice:
            raise ValueError(f"the rule “{twice[0]}” stands twice")
        return rules

    @model_validator(mode="after")
    def _known_categories(self) -> "Content":
        """Within one document a category has one rule, and one retention."""
        for kind, of in (("category", "code"), ("retention", "category")):
            codes = Counter(getattr(rule.parameters, of) for rule in self.rules if rule.kind == kind)
            if twice := [code for code, count in codes.items() if count > 1]:
                raise ValueError(f"there are two rules of kind {kind} for the category “{twice[0]}”")
        return self

    def as_json(self) -> dict[str, Any]:
        """As it is stored and hashed: what says nothing is left out."""
        said: dict[str, Any] = self.model_dump(mode="json", exclude_none=True)
        return said


class SaidDocument(Content):
    """A document as the profile brings it."""

    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"), AfterValidator(_number)]

    def content(self) -> Content:
        """What its first version says."""
        return Content.model_validate(self.model_dump(exclude={"number"}))


class Book(Shape):
    """The file `policy.toml` of a profile."""

    documents: list[SaidDocument]

    @model_validator(mode="after")
    def _consistent(self) -> "Book":
        _refuse_twice(document.number.casefold() for document in self.documents)
        _refuse_twice(rule.id for document in self.documents for rule in document.rules)
        return self


def _refuse_twice(names: Any) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"“{twice[0]}” stands twice in the book")


class _One(Shape):
    rule: Annotated[Rule, Field(discriminator="kind")]


def rule_from(said: dict[str, Any], where: str) -> Rule:
    """One rule, checked. Raises Invalid naming `where` and the field."""
    return profiles.checked({"rule": said}, where, _One).rule
