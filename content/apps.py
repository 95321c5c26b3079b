from django.apps import AppConfig
from django.urls import register_converter

from content.converters import IdConverter


class ContentConfig(AppConfig):
    name = "content"

    def ready(self) -> None:
        register_converter(IdConverter, "id")
