"""Public addresses: where somebody's words went, and what became of everything."""

from django.urls import URLPattern

app_name = "gathering"

urlpatterns: list[URLPattern] = []
