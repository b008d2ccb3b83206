"""Tells Django that uploads is an app."""

from django.apps import AppConfig


class UploadsConfig(AppConfig):
    name = "fairwitness.uploads"
    label = "uploads"
    default_auto_field = "django.db.models.BigAutoField"
