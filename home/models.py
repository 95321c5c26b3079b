"""The front door."""

from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField

from content.models import BasePage


class HomePage(BasePage):
    """The site's first page: leads to the current event, and lists the past ones."""

    introduction = RichTextField(blank=True, features=["bold", "italic", "link"])

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]

    content_panels = [*BasePage.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = "home page"
