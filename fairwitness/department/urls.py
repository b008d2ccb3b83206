"""The addresses of the department."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
