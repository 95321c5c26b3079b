from typing import Any

from wagtail import hooks
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.snippets.models import register_snippet

from people.viewsets import ErasureViewSet, PersonViewSet

register_snippet(PersonViewSet)


@hooks.register("register_admin_viewset")
def erasures() -> ErasureViewSet:
    return ErasureViewSet()


class _Deed(LogFormatter):
    """Something done to an account or with people's data; the reason says more of it."""

    label = ""

    def format_message(self, entry: Any) -> str:
        reason = (entry.data or {}).get("reason", "")
        return f"{self.label}: {reason}" if reason else self.label


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    for name, label in (
        ("sign_in", "Signed in"),
        ("sign_out", "Signed out"),
        ("add_factor", "Added a second factor"),
        ("remove_factor", "Removed a second factor"),
        ("give_role", "Given a role"),
        ("take_role", "Taken a role"),
        ("erase", "Erased somebody"),
        ("decide_erasure", "Decided what an erasure left"),
        ("export", "Took a file"),
    ):
        actions.register_action(f"people.{name}")(type(f"{name.title()}Deed", (_Deed,), {"label": label}))
