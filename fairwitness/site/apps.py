"""Tells Django that the site is an app."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "fairwitness.site"
    label = "site"
