"""Tells Django that cases is an app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "fairwitness.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
