"""The site's addresses as they are where settings name the agency's own sign-in."""

from allauth.socialaccount.providers.openid_connect import urls as openid_connect
from django.urls import include, path

from fairwitness.site.urls import urlpatterns as _ours

urlpatterns = [*_ours, path("account/", include(openid_connect))]
