"""The admin's first page: how the current event stands, and what waits for whoever looks."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets import Button
from wagtail.models import Page

from events.models import EventPage
from home import admin_views
from home.waiting import duties_of, standing_of
from people.permissions import is_editor, is_organiser


class EventPanel(Component):
    """The current event in numbers, then one's own duties."""

    name = "event"
    template_name = "home/admin/event_panel.html"
    order = 50

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        event = EventPage.objects.current().first()
        groups = [group for group in duties_of(self.request.user) if group.role != "What you said"]
        return {"event": event, "standing": standing_of(event) if event else [], "groups": groups}


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    return [
        path("events/<id:event_id>/again/", admin_views.repeat, name="repeat_event"),
        path("reports/who-did-what/", admin_views.who_did_what, name="who_did_what"),
        path("gallery/desk/<slug:name>/", admin_views.desk_gallery, name="desk_gallery"),
        path("gallery/desk/<slug:name>/<slug:part>/", admin_views.desk_gallery_part, name="desk_gallery_part"),
    ]


class OrganisersMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return is_organiser(request.user)


@hooks.register("register_reports_menu_item")
def register_record() -> MenuItem:
    return OrganisersMenuItem(
        "Who did what", reverse("who_did_what"), name="who-did-what", icon_name="history", order=50
    )


# About the whole site, which facilitators do not look after.
ABOUT_THE_SITE = {"aging-pages", "page-types-usage", "workflow-tasks"}


@hooks.register("construct_reports_menu")
def keep_reports_short(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Wagtail gives all its reports to whoever may add a page."""
    if not is_editor(request.user):
        menu_items[:] = [item for item in menu_items if item.name not in ABOUT_THE_SITE]


@hooks.register("register_page_header_buttons")
@hooks.register("register_page_listing_more_buttons")
def offer_a_new_event(page: Page, user: Any, next_url: str | None = None, **kwargs: Any) -> Iterator[Button]:
    """Next year's event begins at this year's."""
    if isinstance(page.specific_deferred, EventPage) and is_organiser(user):
        address = reverse("repeat_event", args=[page.pk])
        yield Button("New event from this one", address, icon_name="copy", priority=35)


@hooks.register("construct_homepage_panels")
def add_event_panel(request: HttpRequest, panels: list[Component]) -> None:
    panels.insert(0, EventPanel(request))
