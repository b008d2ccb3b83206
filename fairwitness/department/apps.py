"""Tells Django that the department is an app."""

from django.apps import AppConfig


class DepartmentConfig(AppConfig):
    name = "fairwitness.department"
    label = "department"
    default_auto_field = "django.db.models.BigAutoField"
