from django.apps import AppConfig


class PropositionsConfig(AppConfig):
    name = "propositions"

    def ready(self) -> None:
        from propositions import receivers, slots  # noqa: F401, PLC0415 both register what they hold
