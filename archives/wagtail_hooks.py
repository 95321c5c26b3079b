"""What archives add to the Wagtail admin: their place in the log."""

from typing import Any

from wagtail import hooks


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action("archives.import", "Import an event", "Imported from an archive")
