from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "live"

    def ready(self) -> None:
        from live import keeping, permissions, receivers, selectors, slots  # noqa: F401, PLC0415 models must be loaded first
        from realtime import presenters, tallies  # noqa: PLC0415 as above

        keeping.register_keepers()
        keeping.register_rules()
        presenters.register(
            "contribution",
            selectors.present_contributions,
            revoking={"contribution.hidden", "contribution.withdrawn", "contribution.edited"},
        )
        presenters.register("spotlight", selectors.present_spotlights)
        presenters.register("prompt", selectors.present_prompts)
        presenters.register("table", selectors.present_tables)
        presenters.register("seat", selectors.present_seats)
        presenters.register("session", selectors.present_facts, revoking={"session.cleared"})
        presenters.register("wall", selectors.present_wall)
        presenters.register("timer", selectors.present_facts)
        tallies.register(selectors.count)
        tallies.register_heads(selectors.heads_at_tables)
