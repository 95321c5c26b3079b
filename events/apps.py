from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        from events import receivers  # noqa: F401, PLC0415 registers what it holds
