"""Every address of the product."""

from allauth.account import urls as account
from allauth.socialaccount.providers.openid_connect import urls as openid_connect
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from fairwitness.site import api, jobs, leaving, metrics, naming, pages, signin

# Loaded here: histories can name what they speak of, sign-ins are heard, open work of who leaves is known, jobs have
# words.
assert naming and signin and leaving and jobs

# Nothing is sent by mail, so the sign-in library's pages that send some are left out: a lost password is a matter for
# the administrator of accounts.
SIGN_IN_PAGES = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",  # says that accounts are given
    "account_reauthenticate",
    "account_change_password",
}
_sign_in = [page for page in account.urlpatterns if getattr(page, "name", None) in SIGN_IN_PAGES]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("", include("fairwitness.department.urls")),
    path("", include("fairwitness.accounts.urls")),
    path("", include("fairwitness.policy.urls")),
    path("", include("fairwitness.storage.urls")),
    path("", include("fairwitness.incidents.urls")),
    path("", include("fairwitness.evidence.urls")),
    path("", include("fairwitness.cases.urls")),
    path("", include("fairwitness.uploads.urls")),
    path("search/", pages.search, name="search"),
    path("", include("fairwitness.sharing.urls")),
    path("", include("fairwitness.moving.urls")),
    path("notices/", pages.my_notices, name="notices"),
    path("log/", pages.public_log, name="public-log"),
    path("log/<path:path>", pages.published, name="published"),
    path("capabilities/", pages.capabilities, name="capabilities"),
    path("capabilities.json", pages.capabilities_json, name="capabilities-json"),
    path("tools/<str:name>", pages.tool, name="tool"),
    path("account/", include(_sign_in)),
    path("account/2fa/webauthn/", RedirectView.as_view(pattern_name="mfa_index")),  # the list stands there
    path("account/2fa/", include("allauth.mfa.urls")),
    *((path("account/", include(openid_connect)),) if settings.FAIRWITNESS_OIDC else ()),
    path("api/", api.root.urls),
    path("healthz", pages.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
]
handler500 = pages.failed
