"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path

from fairwitness.site import api, naming, pages

assert naming  # loaded here, so that every history can name what it speaks of

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
