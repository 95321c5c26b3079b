"""What the report of injected texts adds to Wagtail. Imported by `discussion.wagtail_hooks`, where Wagtail looks."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.log_actions import LogFormatter
from wagtail.permissions import register_permission_policy

from discussion.injected.viewsets import REPORT, SuspectViewSet, to_look_at
from discussion.models import SuspectText
from discussion.permissions import can_look_for_injected
from discussion.policies import LookersPolicy

register_permission_policy(SuspectText, LookersPolicy(SuspectText, {"view"}))


class InjectedMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return can_look_for_injected(request.user)


class SuspectsPanel(Component):
    """On the admin's home page: texts that somebody should look at."""

    name = "suspect_texts"
    template_name = "discussion/admin/suspects_panel.html"
    order = 140

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        found = to_look_at(self.request.user).select_related("page", "comment__person")
        return {"suspects": found[:5], "count": found.count()}


@hooks.register("register_admin_viewset")
def register_viewset() -> SuspectViewSet:
    return SuspectViewSet()


@hooks.register("register_reports_menu_item")
def register_menu_item() -> InjectedMenuItem:
    return InjectedMenuItem(
        "Injected text", reverse(f"{REPORT}:index"), name="injected-text", icon_name="warning", order=710
    )


@hooks.register("construct_homepage_panels")
def add_panel(request: HttpRequest, panels: list[Component]) -> None:
    if can_look_for_injected(request.user) and to_look_at(request.user).exists():
        panels.append(SuspectsPanel(request))


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    def named(words: str, what: str) -> type[LogFormatter]:
        class Formatter(LogFormatter):
            label = what

            def format_message(self, entry: Any) -> str:
                detail = entry.data.get("quote") or entry.data.get("done") or ""
                return f"{words}: {detail}" if words and detail else words or detail

        return Formatter

    actions.register_action("discussion.take_out")(named("Took out", "Took out injected text"))
    actions.register_action("discussion.put_back")(named("Put back", "Put back text that was taken out"))
    actions.register_action("discussion.decide_suspect")(named("", "Decided about injected text"))
