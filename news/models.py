"""News: posts with an author and a date, and what facilitators write under their propositions."""

import datetime
from html import unescape
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.text import Truncator
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import StreamField
from wagtail.search import index

from content.blocks import STATEMENT_BLOCKS
from content.cards import CardWords
from content.models import BasePage
from discussion.models import DiscussedPageMixin
from events.models import EventPage, Phase
from news.admin_forms import PostPageForm
from people.models import Person

EXCERPT_WORDS = 40
POSTS_PER_PAGE = 20


class PostPage(DiscussedPageMixin, BasePage):
    """A dated post by a person."""

    author = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    date = models.DateField(default=timezone.localdate)
    summary = models.CharField(
        max_length=300,
        blank=True,
        help_text="Shown in lists. Empty: how the text begins.",
    )
    body = StreamField(STATEMENT_BLOCKS)
    category = models.CharField(max_length=80, blank=True, help_text="For example: From the organisers")
    is_note = models.BooleanField(
        "a short note",
        default=False,
        help_text="Stands whole in the stream, without its title, which is then for the admin and the address only.",
    )
    takes_comments = models.BooleanField(default=True)

    base_form_class = PostPageForm
    parent_page_types = ["propositions.PropositionPage", "news.NewsIndexPage"]
    subpage_types: list[str] = []

    content_panels = [
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("author"), FieldPanel("date")]),
        FieldPanel("category"),
        FieldPanel("summary"),
        FieldPanel("body"),
        FieldRowPanel([FieldPanel("is_note"), FieldPanel("takes_comments")]),
    ]
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
        index.FilterField("date"),
        index.FilterField("category"),
    ]

    class Meta:
        verbose_name = "post"

    @property
    def excerpt(self) -> str:
        """How the post stands in lists: its summary, or its first words."""
        if self.summary:
            return self.summary
        text = next((strip_tags(str(block.value)) for block in self.body if block.block_type == "paragraph"), "")
        return Truncator(unescape(" ".join(text.split()))).words(EXCERPT_WORDS, truncate=" …")

    @property
    def share_description(self) -> str:
        return self.search_description or self.excerpt

    def card_words(self) -> CardWords:
        by = f"{self.author.name}, " if self.author else ""
        return CardWords(title=self.title, lines=(f"{by}{date_format(self.date, 'j F Y')}", settings.SITE_NAME))

    def structured_data(self) -> dict[str, Any]:
        found = {
            "@type": "BlogPosting",
            "headline": self.title,
            "datePublished": self.date.isoformat(),
            "dateModified": self.last_published_at.isoformat() if self.last_published_at else None,
            "description": self.share_description,
            "url": self.full_url,
            "image": self.card_url,
        }
        if self.author:
            found["author"] = {"@type": "Person", "name": self.author.name}
        return found

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        parent = self.get_parent()
        return {**super().get_context(request, *args, **kwargs), "parent": parent.specific_deferred if parent else None}

    def discussion_is_open(self, moment: datetime.datetime | None = None) -> bool:
        """Comments are taken if the post takes any; on one below a proposition until the event is archived."""
        if not self.takes_comments:
            return False
        event = EventPage.objects.ancestor_of(self).first()
        return event is None or event.phase_on(timezone.localdate(moment)) != Phase.ARCHIVED

    def facilitator_user_ids(self) -> set[int]:
        """The author answers as the one who put the post."""
        return {self.author.user_id} if self.author and self.author.user_id else set()


class NewsIndexPage(BasePage):
    """The stream of posts, newest first."""

    parent_page_types = ["home.HomePage"]
    subpage_types = ["news.PostPage"]
    max_count = 1

    class Meta:
        verbose_name = "news"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """All posts of the site, those below propositions too; of one category if the address asks for it."""
        posts = PostPage.objects.live().public().select_related("author").order_by("-date", "-first_published_at")
        categories = list(posts.exclude(category="").order_by("category").values_list("category", flat=True).distinct())
        category = request.GET.get("category", "")
        if category in categories:
            posts = posts.filter(category=category)
        return {
            **super().get_context(request, *args, **kwargs),
            "categories": categories,
            "category": category if category in categories else "",
            "posts": Paginator(posts, POSTS_PER_PAGE).get_page(request.GET.get("page")),
        }
