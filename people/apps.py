from importlib import import_module

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        import_module("people.receivers")
        import_module("people.keeping").register_keepers()
        import_module("people.retention").register_rules()
