"""Tells Django that storage is an app."""

from django.apps import AppConfig


class StorageConfig(AppConfig):
    name = "fairwitness.storage"
    label = "storage"
    default_auto_field = "django.db.models.BigAutoField"
