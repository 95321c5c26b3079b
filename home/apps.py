from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "home"

    def ready(self) -> None:
        from home import naming, record, slots  # noqa: F401, PLC0415 slots registers what it holds

        record.register_rules()
        naming.register_keepers()
