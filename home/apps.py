from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "home"

    def ready(self) -> None:
        from home import slots  # noqa: F401, PLC0415 registers what it holds
