"""The front door, and the pages that belong to no event."""

from typing import Any

from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
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

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        current, *others = EventPage.objects.current() or [None]
        return {**super().get_context(request, *args, **kwargs), "event": current, "earlier": others}


class TextPage(BasePage):
    """A page of text: about, privacy, accessibility. Stands in the footer if shown in menus."""

    body = StreamField(STATEMENT_BLOCKS)

    parent_page_types = ["home.HomePage", "home.TextPage"]
    subpage_types = ["home.TextPage"]
    show_in_menus_default = True

    content_panels = [*BasePage.content_panels, FieldPanel("body")]
    promote_panels = [*BasePage.promote_panels, FieldPanel("show_in_menus")]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = "text"
