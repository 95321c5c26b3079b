from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from content.readers import for_readers
from events.models import EventPage
from news.selectors import categories
from propositions.models import PropositionPage


@for_readers
def feeds(request: HttpRequest) -> HttpResponse:
    """Every feed of the site, and what one does with it."""
    event = EventPage.objects.current().first()
    propositions = PropositionPage.objects.child_of(event).live().public().order_by("number") if event else []
    words = {"event": event, "propositions": propositions, "categories": categories(), "section": "news"}
    return render(request, "news/feeds.html", words)
