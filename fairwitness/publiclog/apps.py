"""Tells Django that the public log is an app."""

from django.apps import AppConfig


class PublicLogConfig(AppConfig):
    name = "fairwitness.publiclog"
    label = "publiclog"
    default_auto_field = "django.db.models.BigAutoField"
