"""The frame of every page: where the words of the header and the footer lead."""

from django import template
from wagtail.models import Page, Site

from events.models import EventPage
from home.selectors import SECTIONS, Navigation, navigation_for

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> Navigation:
    """The navigation of this page.

    It follows the `event` and the `section` of the context when a view gives them, else the page's own.
    """
    page = context.get("page")
    event = context.get("event")
    section = context.get("section") or (SECTIONS.get(page._meta.app_label, "") if isinstance(page, Page) else "")
    return navigation_for(
        site=Site.find_for_request(context["request"]) if "request" in context else None,
        event=event if isinstance(event, EventPage) else None,
        section=section,
    )
