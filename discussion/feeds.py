"""Feeds of what is said: about one page, or about everything below one, such as an event."""

import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from wagtail.models import Page

from content.feeds import SiteFeed, feed_id
from discussion.models import Comment, Mention
from discussion.selectors import latest_responses
from discussion.text import render_comment

LENGTH = 40


class ResponsesFeed(SiteFeed):
    """The latest comments and mentions, the newest first. Only of pages that everybody may open."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, page_id: int) -> Page:
        page = Page.objects.live().public().filter(pk=page_id, depth__gt=1).first()
        if page is None:
            raise Http404
        return page

    def title(self, page: Page) -> str:
        return f"Responses to “{page.title}”"

    def subtitle(self, page: Page) -> str:
        return "Comments as they are published, and links from elsewhere"

    description = subtitle

    def link(self, page: Page) -> str:
        return page.get_url() or "/"

    def feed_url(self, page: Page) -> str:
        return reverse("comments-feed", args=[page.pk])

    def items(self, page: Page) -> list[Comment | Mention]:
        return latest_responses(below=page, limit=LENGTH)

    def item_title(self, item: Any) -> str:
        if isinstance(item, Mention):
            return f"Mentioned in “{item.title or item.source_url}”"
        return f"{item.author_label} on “{item.page.title}”"

    def item_description(self, item: Any) -> str:
        return item.excerpt if isinstance(item, Mention) else render_comment(item.body)

    def item_link(self, item: Any) -> str:
        if isinstance(item, Mention):
            return f"{item.page.get_url() or '/'}#mention-{item.pk}"
        return item.get_absolute_url()

    def item_guid(self, item: Any) -> str:
        return feed_id(f"{'mention' if isinstance(item, Mention) else 'comment'}-{item.pk}")

    item_guid_is_permalink = False

    def item_author_name(self, item: Any) -> str | None:
        return None if isinstance(item, Mention) else item.author_label

    def item_pubdate(self, item: Any) -> datetime.datetime:
        return item.received_at if isinstance(item, Mention) else item.published_at or item.created_at

    def item_updateddate(self, item: Any) -> datetime.datetime:
        return self.item_pubdate(item) if isinstance(item, Mention) else item.edited_at or self.item_pubdate(item)


class ResponsesRssFeed(ResponsesFeed):
    """The same as RSS, for readers that know nothing else."""

    feed_type = Rss201rev2Feed

    def feed_url(self, page: Page) -> str:
        return reverse("comments-feed-rss", args=[page.pk])
