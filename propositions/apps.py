from django.apps import AppConfig


class PropositionsConfig(AppConfig):
    name = "propositions"

    def ready(self) -> None:
        from propositions import permissions, receivers, slots  # noqa: F401, PLC0415 all register what they hold
