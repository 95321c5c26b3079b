"""What every page and picture of the site has in common."""

from django.db import models
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.images.models import AbstractImage, AbstractRendition, Image
from wagtail.models import Page


class SummitImage(AbstractImage):
    """A picture with the person who made it."""

    credit = models.CharField(max_length=200, blank=True, help_text="Who made the picture. Shown beside it.")

    admin_form_fields = (*Image.admin_form_fields, "credit")

    class Meta(AbstractImage.Meta):
        verbose_name = "image"
        verbose_name_plural = "images"


class Rendition(AbstractRendition):
    image = models.ForeignKey(SummitImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = [("image", "filter_spec", "focal_point_key")]


class BasePage(Page):
    """A page of this site: adds what search engines and shared links show."""

    share_image = models.ForeignKey(
        SummitImage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Shown when the page is shared. Made from the title if left empty.",
    )

    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel("slug"),
                FieldPanel("seo_title"),
                FieldPanel("search_description"),
                FieldPanel("share_image"),
            ],
            heading="Address and sharing",
        ),
    ]

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        """The page's address, for libraries that ask any Django object for it."""
        return self.url
