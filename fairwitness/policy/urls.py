"""The addresses of policy: the numbers of public documents and their versions, and nothing else."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.ways import Group, Way
from fairwitness.policy.pages import book, public

urlpatterns: list[URLPattern] = [
    path("policy/", public.policy, name="policy"),
    path("policy/scorecard/", public.scorecard, name="scorecard"),
    path("policy/scorecard.json", public.scorecard_json, name="scorecard-json"),
    path("policy/<str:number>/", public.document, name="document"),
    path("policy/<str:number>/document.json", public.document_json, name="document-json"),
    path("policy/<str:number>/<int:n>/", public.published, name="published-version"),
    path("book/", book.book, name="book"),
    path("book/add/", book.add, name="document-add"),
    path("book/<str:number>/", book.versions, name="versions"),
    path("book/<str:number>/begin/", book.begin, name="version-begin"),
    path("book/<str:number>/<int:n>/", book.version, name="version"),
    path("book/<str:number>/<int:n>/particulars/", book.particulars, name="version-particulars"),
    path("book/<str:number>/<int:n>/rules/kind/", book.rule_kind, name="rule-kind"),
    path("book/<str:number>/<int:n>/rules/add/", book.rule_add, name="rule-add"),
    path("book/<str:number>/<int:n>/rules/<str:rule_id>/change/", book.rule_change, name="rule-change"),
    path("book/<str:number>/<int:n>/rules/<str:rule_id>/remove/", book.rule_remove, name="rule-remove"),
    path("book/<str:number>/<int:n>/propose/", book.propose, name="version-propose"),
    path("book/<str:number>/<int:n>/approve/", book.approve, name="version-approve"),
    path("book/<str:number>/<int:n>/send-back/", book.send_back, name="version-send-back"),
    path("book/<str:number>/<int:n>/into-force/", book.into_force, name="version-into-force"),
    path("book/<str:number>/<int:n>/withdraw/", book.withdraw, name="version-withdraw"),
]


def _inside(actor: Actor) -> bool:
    return bool(actor.member_id)


def _outside(actor: Actor) -> bool:
    return not actor.member_id


# Those inside come to the same documents by way of the book.
WAYS = (
    Way("book", _("Policy book"), Group.POLICY, _inside, ("/policy/",)),
    Way("policy", _("Policy"), None, _outside),
)
