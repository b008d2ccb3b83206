"""The addresses of uploads; they carry ids alone."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
