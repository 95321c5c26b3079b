"""What the discussion adds to the Wagtail admin."""

from typing import Any

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.permissions import register_permission_policy

from discussion.injected import hooks as _injected  # noqa: F401 registers
from discussion.mentions import hooks as _mentions  # noqa: F401 registers
from discussion.models import Comment, EventRules, SpamFilter
from discussion.moderation import QueueMenuItem, log_formatter
from discussion.permissions import can_moderate
from discussion.policies import ModeratorsPolicy
from discussion.viewsets import (
    QUEUE,
    CommentViewSet,
    EventRulesViewSet,
    HideComments,
    HoldComments,
    ReleaseComments,
    SpamFilterViewSet,
    waiting,
)

register_permission_policy(Comment, ModeratorsPolicy(Comment, {"view"}))
register_permission_policy(EventRules, ModeratorsPolicy(EventRules, {"add", "change", "delete", "view"}))
register_permission_policy(SpamFilter, ModeratorsPolicy(SpamFilter, {"view"}))
for bulk_action in (ReleaseComments, HoldComments, HideComments):
    hooks.register("register_bulk_action", bulk_action)


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
def register_menu_item() -> QueueMenuItem:
    return QueueMenuItem("Comments", QUEUE, name="comments", order=250)


@hooks.register("construct_homepage_panels")
def add_waiting_panel(request: HttpRequest, panels: list[Component]) -> None:
    if can_moderate(request.user) and waiting().exists():
        panels.append(WaitingPanel(request))


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    """Name what may be done with a comment, so that the log and the history can say who did it."""

    for name, done, what in (
        ("edit", "Changed by its author", "Changed an own comment"),
        ("withdraw", "Withdrawn by its author", "Withdrew an own comment"),
        ("hold", "Held", "Held a comment"),
        ("release", "Released", "Released a comment"),
        ("hide", "Hidden", "Hid a comment"),
        ("settle_flags", "Looked at flags", "Looked at the flags of a comment"),
        ("learn", "Learned from decisions", "Had the advertising filter learn"),
        ("use_filter", "Put in force", "Put a version of the advertising filter in force"),
    ):
        actions.register_action(f"discussion.{name}")(log_formatter(done, what))
