"""What this app adds to Wagtail."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page

from briefings import rich_text
from briefings.models import BriefingPage
from briefings.readiness import problems_of
from briefings.viewsets import editor, group
from people.permissions import is_editor

hooks.register("register_rich_text_features")(rich_text.register)


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(
        "briefings.take_words_out", "Take somebody’s words out", "Took words out whose author was erased"
    )
    actions.register_action(
        "briefings.tell_of_remnants",
        "Tell editors of words to take out",
        "Has words that may no longer be shown: editors told",
    )
    actions.register_action(
        "briefings.unschedule_unready",
        "Take what is not ready off the schedule",
        "Was not ready when it was to be published: taken off the schedule",
    )


@hooks.register("register_admin_viewset")
def register_viewsets() -> Any:
    return group


@hooks.register("register_admin_viewset")
def register_editor() -> Any:
    return editor


@hooks.register("construct_main_menu")
def keep_briefings_to_editors(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Wagtail offers a list of pages to everybody, even to those for whom it will always be empty."""
    if not is_editor(request.user):
        menu_items[:] = [item for item in menu_items if item.name != group.menu_name]


@hooks.register("after_edit_page")
def say_what_still_blocks(request: HttpRequest, page: Page) -> None:
    """Whoever hands a draft in for approval hears what those who approve will be refused for."""
    if not isinstance(page, BriefingPage) or "action-submit" not in request.POST:
        return
    if problems := problems_of(page.get_latest_revision_as_object()):
        messages.warning(request, "It cannot be published yet. " + " ".join(problems))


@hooks.register("before_publish_page")
def keep_unready_briefing_a_draft(request: HttpRequest, page: Page) -> HttpResponse | None:
    """By now the draft is saved: say what is missing and go back to it."""
    briefing = page.specific_deferred if not isinstance(page, BriefingPage) else page
    if not isinstance(briefing, BriefingPage):
        return None
    problems = problems_of(briefing)
    if not problems:
        return None
    messages.error(request, "Saved as a draft, not published. " + " ".join(problems))
    return redirect("wagtailadmin_pages:edit", briefing.pk)
