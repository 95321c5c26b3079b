"""The admin's first page: how the current event stands, and what waits for whoever looks."""

from typing import Any

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.ui.components import Component

from events.models import EventPage
from home.waiting import duties_of, standing_of


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


@hooks.register("construct_homepage_panels")
def add_event_panel(request: HttpRequest, panels: list[Component]) -> None:
    panels.insert(0, EventPanel(request))
