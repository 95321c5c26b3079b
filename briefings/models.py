"""Briefings: seven things to consider, each resting on what people said."""

from django.db import models
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.search import index

from content.models import BasePage
from discussion.models import DiscussedPageMixin
from propositions.models import PropositionPage


class PointBlock(blocks.StructBlock):
    """One thing to consider. The block's id is the id of its `gathering.Point`."""

    heading = blocks.CharBlock(label="Question or claim", max_length=200)
    discussion = blocks.RichTextBlock(features=["bold", "italic"])

    class Meta:
        icon = "list-ol"
        label = "Point"


class Series(models.Model):
    """A numbered series of briefings with one voice."""

    name = models.CharField(max_length=120)
    strapline = RichTextField(blank=True, features=["italic"])

    panels = [FieldPanel("name"), FieldPanel("strapline")]

    class Meta:
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.name


class BriefingPage(DiscussedPageMixin, BasePage):
    """A briefing in a series. The title is an assertion."""

    series = models.ForeignKey(
        Series, on_delete=models.PROTECT, related_name="briefings"
    )
    number = models.PositiveSmallIntegerField()
    proposition = models.ForeignKey(
        PropositionPage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="briefings",
    )
    opening = RichTextField(features=["bold", "italic", "link"])
    points = StreamField([("point", PointBlock())], min_num=3, max_num=12)
    closing = RichTextField(blank=True, features=["bold", "italic", "link"])

    parent_page_types = ["events.EventPage"]
    subpage_types: list[str] = []

    content_panels = [
        FieldRowPanel([FieldPanel("series"), FieldPanel("number")]),
        *BasePage.content_panels,
        FieldPanel("proposition"),
        FieldPanel("opening"),
        FieldPanel("points"),
        FieldPanel("closing"),
    ]
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("opening"),
        index.SearchField("points"),
    ]

    class Meta:
        verbose_name = "briefing"
