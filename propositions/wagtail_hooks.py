from wagtail import hooks
from wagtail.log_actions import LogActionRegistry


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(
        "propositions.record_statement_version", "Keep a version of the statement", "Kept a version of the statement"
    )
