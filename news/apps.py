from django.apps import AppConfig


class NewsConfig(AppConfig):
    name = "news"

    def ready(self) -> None:
        from news import slots  # noqa: F401, PLC0415 registers what it holds
