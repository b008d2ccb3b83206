"""Tells Django that sharing is an app."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "fairwitness.sharing"
    label = "sharing"
    default_auto_field = "django.db.models.BigAutoField"
