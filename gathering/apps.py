from django.apps import AppConfig


class GatheringConfig(AppConfig):
    name = "gathering"

    def ready(self) -> None:
        from gathering import keeping, receivers  # noqa: F401, PLC0415 models must be loaded first

        keeping.register_keepers()
