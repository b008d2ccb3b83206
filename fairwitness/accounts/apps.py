"""Tells Django that accounts is an app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "fairwitness.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
