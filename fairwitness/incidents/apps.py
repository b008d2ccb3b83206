"""Tells Django that incidents is an app."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "fairwitness.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"
