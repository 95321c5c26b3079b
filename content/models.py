"""What every page and picture of the site has in common."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.images.models import (
    AbstractImage,
    AbstractRendition,
    Image,
    get_rendition_storage,
    get_rendition_upload_to,
    get_upload_to,
)
from wagtail.models import Page

from content.cards import CardWords
from content.pictures import PictureFileField, RenditionFileField
from content.text import clean_line


class CleanLinesMixin:
    """Takes out of everything typed on one line what turns or hides the text around it.

    It does so before the model is checked: a title of which nothing is left is refused like one never given.
    """

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self._clean_lines()
        super().full_clean(*args, **kwargs)  # type: ignore[misc]

    def _clean_lines(self) -> None:
        for field in self._meta.concrete_fields:  # type: ignore[attr-defined]
            # Addresses, colours and the like are kinds of their own, with rules of their own.
            if type(field) is models.CharField and field.editable and not field.choices:
                typed = getattr(self, field.attname)
                if typed:
                    setattr(self, field.attname, clean_line(typed))


class SummitImage(CleanLinesMixin, AbstractImage):
    """A picture with the person who made it. Its file says nothing that cannot be seen (`content.pictures`)."""

    file = PictureFileField(verbose_name="file", upload_to=get_upload_to, width_field="width", height_field="height")
    credit = models.CharField(max_length=200, blank=True, help_text="Who made the picture. Shown beside it.")

    admin_form_fields = (*Image.admin_form_fields, "credit")

    class Meta(AbstractImage.Meta):
        verbose_name = "image"
        verbose_name_plural = "images"

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        # Stored first, so that its size and hash are those of what is stored.
        if self.file and not self.file._committed and (update_fields is None or "file" in update_fields):
            self.file.save(self.file.name, self.file.file, save=False)
            self.file_size = self.file.size
            self._set_file_hash()
        super().save(*args, update_fields=update_fields, **kwargs)


class Rendition(AbstractRendition):
    image = models.ForeignKey(SummitImage, on_delete=models.CASCADE, related_name="renditions")
    # One made of an original from before originals were cleaned would carry on what that says.
    file = RenditionFileField(
        upload_to=get_rendition_upload_to, storage=get_rendition_storage, width_field="width", height_field="height"
    )

    class Meta:
        unique_together = [("image", "filter_spec", "focal_point_key")]


class BasePage(CleanLinesMixin, Page):
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

    def minimal_clean(self) -> None:
        """What Wagtail asks of a draft."""
        self._clean_lines()
        super().minimal_clean()

    def get_absolute_url(self) -> str:
        """The page's address, for libraries that ask any Django object for it."""
        return self.url

    @property
    def share_description(self) -> str:
        """One sentence or two on what the page says, for whoever has only a link to it."""
        return self.search_description

    @property
    def card_url(self) -> str:
        """Where the picture of this page is drawn, with its host."""
        return settings.BASE_URL.rstrip("/") + reverse("card", args=[self.pk])

    def card_words(self) -> CardWords:
        """What stands on the picture of this page."""
        return CardWords(title=self.title)

    def structured_data(self) -> dict[str, Any]:
        """What the page is, in the words of schema.org; empty if there is nothing to say."""
        return {}


class Letter(models.Model):
    """An e-mail on its way out. It goes from here once the mail server has taken it, or when it has become useless."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    to = models.EmailField(max_length=320)
    from_email = models.CharField(max_length=320)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Nobody else tries before this; moved on by whoever tries.
    next_attempt_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["next_attempt_at"], name="letter_due")]

    def __str__(self) -> str:
        return self.subject
