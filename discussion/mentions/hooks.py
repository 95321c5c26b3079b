"""What mentions add to Wagtail. Imported by `discussion.wagtail_hooks`, where Wagtail looks."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.permissions import register_permission_policy

from discussion.mentions.discovery import with_endpoints
from discussion.mentions.viewsets import (
    QUEUE,
    SENT,
    HideMentions,
    MentionViewSet,
    ReleaseMentions,
    SentMentionViewSet,
    waiting,
)
from discussion.models import Mention, SentMention
from discussion.moderation import ModeratorsMenuItem, QueueMenuItem, log_formatter
from discussion.permissions import can_moderate
from discussion.policies import ModeratorsPolicy

for model in (Mention, SentMention):
    register_permission_policy(model, ModeratorsPolicy(model, {"view"}))
for bulk_action in (ReleaseMentions, HideMentions):
    hooks.register("register_bulk_action", bulk_action)
hooks.register("on_serve_page", with_endpoints)


class MentionsWaitingPanel(Component):
    """On the admin's home page: mentions that wait for a moderator."""

    name = "mentions_waiting"
    template_name = "discussion/admin/mentions_waiting_panel.html"
    order = 151

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        found = waiting().select_related("page")
        return {"mentions": found[:5], "count": found.count()}


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [MentionViewSet(), SentMentionViewSet()]


@hooks.register("register_admin_menu_item")
def register_menu_item() -> QueueMenuItem:
    return QueueMenuItem("Mentions", QUEUE, name="mentions", order=251)


@hooks.register("register_reports_menu_item")
def register_sent_menu_item() -> ModeratorsMenuItem:
    return ModeratorsMenuItem(
        "Mentions sent", reverse(f"{SENT}:index"), name="mentions-sent", icon_name="link-external", order=700
    )


@hooks.register("construct_homepage_panels")
def add_waiting_panel(request: HttpRequest, panels: list[Component]) -> None:
    if can_moderate(request.user) and waiting().exists():
        panels.append(MentionsWaitingPanel())


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action("discussion.release_mention")(log_formatter("Released", "Released a mention"))
    actions.register_action("discussion.hold_mention")(log_formatter("Held", "Held a mention"))
    actions.register_action("discussion.hide_mention")(log_formatter("Hidden", "Hid a mention"))
    actions.register_action("discussion.tell_again")(log_formatter("Told again", "Told a site of a link again"))
