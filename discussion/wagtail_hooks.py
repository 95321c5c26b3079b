"""What the discussion adds to the Wagtail admin."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.log_actions import LogFormatter
from wagtail.permissions import register_permission_policy

from discussion.injected import hooks as _injected  # noqa: F401 registers
from discussion.mentions import hooks as _mentions  # noqa: F401 registers
from discussion.models import Comment, EventRules, SpamFilter
from discussion.permissions import can_moderate
from discussion.policies import ModeratorsPolicy
from discussion.viewsets import (
    QUEUE_NAMESPACE,
    CommentViewSet,
    EventRulesViewSet,
    HideBulkAction,
    HoldBulkAction,
    ReleaseBulkAction,
    SpamFilterViewSet,
    waiting,
)

register_permission_policy(Comment, ModeratorsPolicy(Comment, {"view"}))
register_permission_policy(EventRules, ModeratorsPolicy(EventRules, {"add", "change", "delete", "view"}))
register_permission_policy(SpamFilter, ModeratorsPolicy(SpamFilter, {"view"}))
for bulk_action in (ReleaseBulkAction, HoldBulkAction, HideBulkAction):
    hooks.register("register_bulk_action", bulk_action)


class CommentsMenuItem(MenuItem):
    """The moderators' list, with how many wait."""

    def is_shown(self, request: HttpRequest) -> bool:
        return can_moderate(request.user)

    def render_component(self, request: HttpRequest) -> LinkMenuItem:
        count = waiting().count()
        return LinkMenuItem(
            self.name,
            f"{self.label} ({count})" if count else self.label,
            self.url,
            icon_name=self.icon_name,
            classname=self.classname,
            attrs=self.attrs,
        )


class WaitingPanel(Component):
    """On the admin's home page: what waits for a moderator."""

    name = "comments_waiting"
    template_name = "discussion/admin/waiting_panel.html"
    order = 150

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        found = waiting().select_related("page", "person")
        return {"comments": found[:5], "count": found.count()}


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [CommentViewSet(), EventRulesViewSet(), SpamFilterViewSet()]


@hooks.register("register_admin_menu_item")
def register_menu_item() -> CommentsMenuItem:
    return CommentsMenuItem(
        "Comments", reverse(f"{QUEUE_NAMESPACE}:index"), name="comments", icon_name="comment", order=250
    )


@hooks.register("construct_homepage_panels")
def add_waiting_panel(request: HttpRequest, panels: list[Component]) -> None:
    if can_moderate(request.user) and waiting().exists():
        panels.append(WaitingPanel(request))


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
    actions.register_action("discussion.learn")(with_reason("Learned from decisions"))
    actions.register_action("discussion.use_filter")(with_reason("Put in force"))
    actions.register_action("discussion.settle_flags")(with_reason("Looked at flags"))
