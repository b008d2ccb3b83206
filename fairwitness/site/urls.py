"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path

from fairwitness.site import api, naming, pages, signin

assert naming and signin  # loaded here: histories can name what they speak of, sign-ins are heard

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("", include("fairwitness.department.urls")),
    path("", include("fairwitness.evidence.urls")),
    path("notices/", pages.my_notices, name="notices"),
    path("log/", pages.public_log, name="public-log"),
    path("log/<path:path>", pages.published, name="published"),
    path("tools/<str:name>", pages.tool, name="tool"),
    path("account/", include("allauth.urls")),
    path("api/", api.root.urls),
    path("healthz", pages.healthz, name="healthz"),
]
