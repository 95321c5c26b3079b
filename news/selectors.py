"""Reads about posts."""

from django.db.models import QuerySet
from wagtail.models import Page

from news.models import PostPage


def posts_below(page: Page) -> QuerySet[PostPage]:
    """The published posts below a page, newest first."""
    return PostPage.objects.child_of(page).live().public().select_related("author").order_by("-date", "-path")


def latest_posts() -> QuerySet[PostPage]:
    """Every published post, newest first."""
    return PostPage.objects.live().public().select_related("author").order_by("-date", "-first_published_at")


def categories() -> list[str]:
    """The categories that have a published post, by name."""
    posts = PostPage.objects.live().public().exclude(category="")
    return list(posts.order_by("category").values_list("category", flat=True).distinct())
