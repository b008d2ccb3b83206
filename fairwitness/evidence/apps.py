"""Tells Django that evidence is an app."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "fairwitness.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"
