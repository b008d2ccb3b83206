"""Tells Django that moving is an app."""

from django.apps import AppConfig


class MovingConfig(AppConfig):
    name = "fairwitness.moving"
    label = "moving"
    default_auto_field = "django.db.models.BigAutoField"
