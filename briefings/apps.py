from importlib import import_module

from django.apps import AppConfig


class BriefingsConfig(AppConfig):
    name = "briefings"

    def ready(self) -> None:
        # Registered by being imported.
        import_module("briefings.receivers")
        import_module("briefings.keeping").register_keepers()
        import_module("briefings.slots")
