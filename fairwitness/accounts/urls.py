"""The addresses of accounts; they carry ids alone."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
