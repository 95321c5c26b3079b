from importlib import import_module

from django.apps import AppConfig


class WordpressConfig(AppConfig):
    name = "wordpress"

    def ready(self) -> None:
        import_module("wordpress.keeping").register_keepers()
