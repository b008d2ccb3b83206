"""Tells Django that the kernel is an app."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "fairwitness.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"
