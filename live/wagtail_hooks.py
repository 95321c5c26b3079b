"""What this app adds to Wagtail."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from wagtail import hooks
from wagtail.models import Page

from events.models import EventPage
from live import selectors
from live.models import LiveSessionPage
from live.viewsets import LiveSessionViewSet


@hooks.register("register_admin_viewset")
def register_sessions() -> LiveSessionViewSet:
    return LiveSessionViewSet()


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def tell_of_sessions_on_other_days(request: HttpRequest, page: Page) -> None:
    """Dates are corrected in one place and forgotten in the other: say so, whichever was saved."""
    if isinstance(page, LiveSessionPage):
        event = EventPage.objects.parent_of(page).first()
    else:
        event = page if isinstance(page, EventPage) else None
    if event is None:
        return
    if elsewhere := selectors.sessions_on_other_days(event):
        named = "; ".join(
            f"“{session.title}”, {date_format(timezone.localtime(session.starts_at), 'j F Y')}" for session in elsewhere
        )
        days = f"{date_format(event.starts_on, 'j F Y')} to {date_format(event.ends_on, 'j F Y')}"
        messages.warning(request, f"Outside the days of “{event.title}” ({days}): {named}. Are both dates right?")
