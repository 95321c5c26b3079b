"""News: posts with an author and a date, and what facilitators write under their propositions."""

import datetime

from django.db import models
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import StreamField
from wagtail.search import index

from content.blocks import STATEMENT_BLOCKS
from content.models import BasePage
from discussion.models import DiscussedPageMixin
from people.models import Person


class PostPage(DiscussedPageMixin, BasePage):
    """A dated post by a person."""

    author = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    date = models.DateField(default=timezone.localdate)
    summary = models.CharField(
        max_length=300,
        blank=True,
        help_text="Shown in lists. Empty: how the text begins.",
    )
    body = StreamField(STATEMENT_BLOCKS)
    takes_comments = models.BooleanField(default=True)

    parent_page_types = ["propositions.PropositionPage", "news.NewsIndexPage"]
    subpage_types: list[str] = []

    content_panels = [
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("author"), FieldPanel("date")]),
        FieldPanel("summary"),
        FieldPanel("body"),
        FieldPanel("takes_comments"),
    ]
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
        index.FilterField("date"),
    ]

    class Meta:
        verbose_name = "post"

    def discussion_is_open(self, moment: datetime.datetime | None = None) -> bool:
        return self.takes_comments


class NewsIndexPage(BasePage):
    """The stream of posts, newest first."""

    parent_page_types = ["home.HomePage"]
    subpage_types = ["news.PostPage"]
    max_count = 1

    class Meta:
        verbose_name = "news"
