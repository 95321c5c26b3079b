"""What a discussion shows in places that pages offer."""

from django.http import HttpRequest
from wagtail.models import Page

from content.slots import SlotContent, register
from discussion.permissions import can_comment
from discussion.selectors import own_follow


@register("proposition.follow")
def follow_by_mail(request: HttpRequest, page: Page) -> SlotContent | None:
    """The way to news by e-mail, while there can be any."""
    if not can_comment(request.user, page):
        return None
    return SlotContent("discussion/follow_link.html", {"page": page, "follow": own_follow(request.user, page)})
