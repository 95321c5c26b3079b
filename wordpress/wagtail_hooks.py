"""What imports add to the Wagtail admin."""

from typing import Any

from wagtail import hooks


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action("wordpress.import", "Import from WordPress", "Imported")
    actions.register_action("wordpress.undo", "Undo an import", "Undone")
    actions.register_action("wordpress.settle", "Decide about suspicious words", "Decided about suspicious words")
