"""The addresses of storage; they carry ids alone."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
