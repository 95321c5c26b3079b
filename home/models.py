"""The front door, the pages that belong to no event, and an installation's part of its accessibility statement."""

from html import unescape
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.text import Truncator
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import RichTextField, StreamField
from wagtail.search import index

from content.blocks import STATEMENT_BLOCKS
from content.models import BasePage
from events.models import EventPage


class HomePage(BasePage):
    """The site's first page: leads to the current event, and lists the past ones."""

    introduction = RichTextField(blank=True, features=["bold", "italic", "link"])

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]

    content_panels = [*BasePage.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = "home page"

    @property
    def share_description(self) -> str:
        said = Truncator(unescape(strip_tags(self.introduction))).words(40, truncate=" …")
        return (
            self.search_description or said or f"{settings.SITE_NAME}: propositions, what people said, and briefings."
        )

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        current, *others = EventPage.objects.current() or [None]
        return {**super().get_context(request, *args, **kwargs), "event": current, "earlier": others}


class TextPage(BasePage):
    """A page of text: about, how to get there. Stands in the footer if shown in menus."""

    body = StreamField(STATEMENT_BLOCKS)

    parent_page_types = ["home.HomePage", "home.TextPage"]
    subpage_types = ["home.TextPage"]
    show_in_menus_default = True

    content_panels = [*BasePage.content_panels, FieldPanel("body")]
    promote_panels = [*BasePage.promote_panels, FieldPanel("show_in_menus")]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = "text"

    @property
    def share_description(self) -> str:
        first = next((strip_tags(str(block.value)) for block in self.body if block.block_type == "paragraph"), "")
        return self.search_description or Truncator(unescape(" ".join(first.split()))).words(40, truncate=" …")


@register_setting(icon="view")
class AccessibilityWords(BaseGenericSetting):
    """What only an installation can say in its accessibility statement. The rest is true of the software."""

    contact = RichTextField(
        blank=True,
        features=["bold", "italic", "link"],
        help_text="Whom to tell when something stands in the way, by mail and by telephone, and how soon you answer.",
    )
    venue = RichTextField(
        "in the room",
        blank=True,
        features=["bold", "italic", "link", "ul"],
        help_text="What helps at the venue: step-free ways, hearing loops, captions, a quiet room.",
    )
    limits = RichTextField(
        "known limits",
        blank=True,
        features=["bold", "italic", "link", "ul"],
        help_text="What you know not to be accessible among your own texts, pictures and documents, and since when.",
    )
    reviewed_on = models.DateField(null=True, blank=True, help_text="When you last read the statement through.")

    panels = [
        HelpPanel("The statement stands at /accessibility/ and in the footer of every page."),
        FieldPanel("contact"),
        FieldPanel("venue"),
        FieldPanel("limits"),
        FieldPanel("reviewed_on"),
    ]

    class Meta:
        verbose_name = "accessibility"


@register_setting(icon="lock")
class PrivacyWords(BaseGenericSetting):
    """What only those who run an installation can say on its privacy page. The rest is read from its settings."""

    contact = RichTextField(
        "who is responsible",
        blank=True,
        features=["bold", "italic", "link"],
        help_text="Who is responsible, with an address, and whom to ask about people’s data.",
    )
    grounds = RichTextField(
        "grounds",
        blank=True,
        features=["bold", "italic", "link", "ul"],
        help_text="On what ground of the law you keep what people say, and who watches over you.",
    )
    backups = RichTextField(
        "machine and backups",
        blank=True,
        features=["bold", "italic", "link", "ul"],
        help_text="Where the machine and its backups stand, and how long a backup is kept.",
    )
    reviewed_on = models.DateField(null=True, blank=True, help_text="When you last read the page through.")

    panels = [
        HelpPanel("The page stands at /privacy/ and in the footer of every page. The rest of it says itself."),
        FieldPanel("contact"),
        FieldPanel("grounds"),
        FieldPanel("backups"),
        FieldPanel("reviewed_on"),
    ]

    class Meta:
        verbose_name = "privacy"
