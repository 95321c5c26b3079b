"""What the site's frame shows on every page."""

from dataclasses import dataclass, field

from django.urls import reverse
from wagtail.models import Page, Site

from briefings.models import BriefingPage
from events.models import EventPage, Phase
from live.models import LiveSessionPage
from news.models import NewsIndexPage

SECTIONS = {"propositions": "propositions", "live": "programme", "news": "news", "briefings": "briefings"}
"""The word in the header that a page of an app belongs under."""


@dataclass(frozen=True)
class NavigationLink:
    section: str
    label: str
    address: str
    is_here: bool = False


@dataclass(frozen=True)
class Navigation:
    """Where the header and the footer lead. Words that would lead nowhere are left out."""

    event: EventPage | None = None
    header: list[NavigationLink] = field(default_factory=list)
    footer: list[NavigationLink] = field(default_factory=list)


def navigation_for(*, site: Site | None, event: EventPage | None, section: str) -> Navigation:
    """The frame of a page about `event` (the current one if None) that belongs under `section`."""
    event = event or EventPage.objects.current().first()
    others = _pages_in_menus(site)
    news = next((page for page in others if page.content_type.model_class() is NewsIndexPage), None)
    header = []
    if event:
        address = event.get_url() or ""
        header += [("propositions", "Propositions", f"{address}#propositions")]
        if not event.is_over or LiveSessionPage.objects.child_of(event).live().exists():
            header += [("programme", "Programme", f"{address}#programme")]
    if news:
        header += [("news", "News", news.get_url())]
    if event and (event.phase != Phase.ARCHIVED or BriefingPage.objects.child_of(event).live().exists()):
        header += [("briefings", "Briefings", f"{event.get_url() or ''}#briefings")]
    header += [("people", "People", reverse("people:index")), ("search", "Search", reverse("search"))]
    return Navigation(
        event=event,
        header=[NavigationLink(name, label, address, name == section) for name, label, address in header],
        footer=[
            NavigationLink(page.slug, page.title, page.get_url())
            for page in others
            if page is not news and page.slug not in WITH_A_PLACE_OF_ITS_OWN
        ],
    )


# Stands in the footer of its own accord; a page of that address would never be reached.
WITH_A_PLACE_OF_ITS_OWN = {"accessibility", "privacy"}


def _pages_in_menus(site: Site | None) -> list[Page]:
    if site is None:
        return []
    return list(
        Page.objects.child_of(site.root_page).live().public().in_menu().select_related("content_type").order_by("path")
    )
