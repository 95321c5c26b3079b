"""What a discussion shows in places that pages offer."""

from typing import Any

from django.http import HttpRequest
from wagtail.models import Page

from content.slots import SlotContent, register
from discussion.models import Comment, DiscussedPageMixin
from discussion.permissions import can_comment
from discussion.selectors import own_follow
from events.models import EventPage
from people.models import Person

SAID_ON_PROFILE = 10


@register("person.parts", order=50)
def said_by(request: HttpRequest, person: Person) -> SlotContent | None:
    """What somebody said under their own name, the newest first."""
    theirs = Comment.objects.visible_to(None).on_public_pages().filter(person=person, is_name_shown=True)
    found = theirs.select_related("page").order_by("-published_at", "-pk")
    said = list(found[:SAID_ON_PROFILE])
    if not said:
        return None
    return SlotContent("discussion/said_by.html", {"comments": said, "count": found.count()})


@register("proposition.follow")
def follow_by_mail(request: HttpRequest, page: Page) -> SlotContent | None:
    """The way to news by e-mail, while there can be any."""
    if not can_comment(request.user, page):
        return None
    return SlotContent("discussion/follow_link.html", {"page": page, "follow": own_follow(request.user, page)})


@register("page.head", order=50)
def where_to_mention(request: HttpRequest, page: Any) -> SlotContent | None:
    """Where other sites say that they link to the page. Headers say it too (`discussion.mentions.discovery`)."""
    if isinstance(page, DiscussedPageMixin) and page.live:
        return SlotContent("discussion/slots/page_head.html", {})
    return None


@register("page.head", order=60)
def feeds_of_responses(request: HttpRequest, page: Page) -> SlotContent | None:
    """Where programs find the feeds of what is said here, or at this event."""
    if not page.live or not isinstance(page, DiscussedPageMixin | EventPage):
        return None
    return SlotContent("discussion/feed_links.html", {"page": page})
