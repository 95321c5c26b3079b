"""What the discussion adds to the Wagtail admin."""

from typing import Any

from wagtail import hooks
from wagtail.log_actions import LogFormatter


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    """Name what may be done with a comment, so that the log and the history can say who did it."""

    def with_reason(done: str) -> type[LogFormatter]:
        class Formatter(LogFormatter):
            label = f"{done} a comment"

            def format_message(self, entry: Any) -> str:
                reason = entry.data.get("reason", "")
                return f"{done}: {reason}" if reason else done

            def format_comment(self, entry: Any) -> str:
                return entry.data.get("reason", "")

        return Formatter

    actions.register_action("discussion.edit")(with_reason("Changed by its author"))
    actions.register_action("discussion.withdraw")(with_reason("Withdrawn by its author"))
    actions.register_action("discussion.hold")(with_reason("Held"))
    actions.register_action("discussion.release")(with_reason("Released"))
    actions.register_action("discussion.hide")(with_reason("Hidden"))
    actions.register_action("discussion.settle_flags")(with_reason("Looked at flags"))
