"""Atom feeds of what is done about the points of briefings."""

import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from briefings import views
from briefings.models import BriefingPage, FollowUpChange
from content.feeds import SiteFeed, feed_id

LENGTH = 40


class FollowUpsFeed(SiteFeed):
    """Each time it changes how something stands, an item of its own."""

    feed_type = Atom1Feed
    title = "You said, we did"
    subtitle = "What is done about the points of our briefings"

    def link(self) -> str:
        return reverse("briefings:all_follow_ups")

    def items(self) -> list[FollowUpChange]:
        changes = FollowUpChange.objects.filter(follow_up__briefing__in=BriefingPage.objects.live().public())
        return list(changes.select_related("follow_up__briefing", "follow_up__point")[:LENGTH])

    def item_title(self, item: FollowUpChange) -> str:
        return f"{item.get_state_display()}: {item.follow_up.promise}"

    def item_description(self, item: FollowUpChange) -> str:
        by = f" By {item.due_on:%-d %B %Y}." if item.due_on else ""
        return f"{item.follow_up.owner}.{by} {item.note}".strip()

    def item_link(self, item: FollowUpChange) -> str:
        address = reverse("briefings:follow_ups", args=[item.follow_up.briefing.short_address])
        return f"{address}#follow-up-{item.follow_up_id}"

    def item_guid(self, item: FollowUpChange) -> str:
        return feed_id(f"follow-up-change-{item.pk}")

    item_guid_is_permalink = False

    def item_pubdate(self, item: FollowUpChange) -> datetime.datetime:
        return item.made_at

    item_updateddate = item_pubdate


class BriefingFollowUpsFeed(FollowUpsFeed):
    """Those of one briefing."""

    def get_object(self, request: HttpRequest, address: str) -> BriefingPage:
        return views.published_briefing(address)

    def title(self, briefing: BriefingPage) -> str:  # type: ignore[override]
        return f"You said, we did: {briefing.title}"

    def link(self, briefing: BriefingPage) -> str:  # type: ignore[override]
        return reverse("briefings:follow_ups", args=[briefing.short_address])

    def items(self, briefing: BriefingPage) -> list[FollowUpChange]:  # type: ignore[override]
        changes = FollowUpChange.objects.filter(follow_up__briefing=briefing)
        return list(changes.select_related("follow_up__briefing", "follow_up__point")[:LENGTH])
