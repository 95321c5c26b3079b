"""Feeds of posts, as Atom and as RSS: everything new, what is new under one proposition, and of one category."""

import datetime

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed

from content.context_processors import site
from content.feeds import SiteFeed
from news.models import PostPage
from news.selectors import latest_posts, posts_below
from propositions.models import PropositionPage

LENGTH = 30


class PostsFeed(SiteFeed):
    """The latest posts."""

    feed_type = Atom1Feed
    link = "/"

    def get_object(self, request: HttpRequest) -> HttpRequest:
        return request

    def title(self, request: HttpRequest) -> str:
        return site(request)["site_name"]

    def items(self, request: HttpRequest) -> list[PostPage]:
        return list(latest_posts()[:LENGTH])

    def item_title(self, item: PostPage) -> str:
        return item.title

    def item_description(self, item: PostPage) -> str:
        return item.body.render_as_block() if item.is_note else item.excerpt

    def item_link(self, item: PostPage) -> str:
        return item.get_url() or "/"

    def item_author_name(self, item: PostPage) -> str | None:
        return item.author.name if item.author else None

    def item_pubdate(self, item: PostPage) -> datetime.datetime:
        moment = datetime.datetime.combine(item.date, datetime.time(9))
        return item.first_published_at or timezone.make_aware(moment)

    def item_updateddate(self, item: PostPage) -> datetime.datetime:
        return item.last_published_at or self.item_pubdate(item)

    def item_categories(self, item: PostPage) -> list[str]:
        return [item.category] if item.category else []


class PropositionFeed(PostsFeed):
    """The latest posts under a proposition."""

    def get_object(self, request: HttpRequest, pk: int) -> PropositionPage:  # type: ignore[override]
        return get_object_or_404(PropositionPage.objects.live().public(), pk=pk)

    def title(self, proposition: PropositionPage) -> str:  # type: ignore[override]
        return f"{proposition.number}. {proposition.title}"

    def link(self, proposition: PropositionPage) -> str:  # type: ignore[override]
        return proposition.get_url() or "/"

    def items(self, proposition: PropositionPage) -> list[PostPage]:  # type: ignore[override]
        return list(posts_below(proposition)[:LENGTH])


class CategoryFeed(PostsFeed):
    """The latest posts of a category."""

    def get_object(self, request: HttpRequest, category: str) -> str:  # type: ignore[override]
        if not latest_posts().filter(category=category).exists():
            raise Http404
        return category

    def title(self, category: str) -> str:  # type: ignore[override]
        return category

    def link(self, category: str) -> str:  # type: ignore[override]
        return reverse("news:category_feed", args=[category])

    def items(self, category: str) -> list[PostPage]:  # type: ignore[override]
        return list(latest_posts().filter(category=category)[:LENGTH])


class _Rss:
    """The same as RSS, for readers that know nothing else."""

    feed_type = Rss201rev2Feed
    description = "Posts as they are published"


class PostsRss(_Rss, PostsFeed):
    pass


class PropositionRss(_Rss, PropositionFeed):
    pass


class CategoryRss(_Rss, CategoryFeed):
    pass
