"""Tells Django that policy is an app."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "fairwitness.policy"
    label = "policy"
    default_auto_field = "django.db.models.BigAutoField"
