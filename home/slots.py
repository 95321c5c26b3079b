"""What the front door gathers for the pages of others."""

from django.http import HttpRequest

from content.slots import SlotContent, register
from events.models import EventPage
from home.voices import latest_voices


@register("event.voices", order=10)
def voices(request: HttpRequest, event: EventPage) -> SlotContent | None:
    found = latest_voices(event) if event.pk else []
    return SlotContent("home/voices.html", {"voices": found}) if found else None
