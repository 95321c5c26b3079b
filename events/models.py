"""Events: what a summit is called, when and where it is, and who stands behind it."""

import datetime
from html import unescape
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import Truncator
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable
from wagtail.search import index

from content.cards import HOUSE_COLOUR, CardWords
from content.models import BasePage, CleanLinesMixin, SummitImage
from events import calendar
from events.accents import accents_of, is_refused
from events.choices import Phase, Tier
from events.querysets import EventPageManager


class EventPage(BasePage):
    """One summit. Its propositions, live sessions and briefings stand below it."""

    strapline = RichTextField(
        blank=True,
        features=["italic"],
        help_text="The voice of the event, partly in italics: taking <i>the long view</i> together",
    )
    host = models.CharField(max_length=160, blank=True, help_text="Who holds the event.")
    starts_on = models.DateField()
    ends_on = models.DateField()
    venue = models.CharField(max_length=200, blank=True, help_text="For example: The Corn Exchange, Wexcombe")
    introduction = RichTextField(blank=True, features=["bold", "italic", "link"])
    phase_override = models.CharField(
        "phase",
        max_length=10,
        choices=Phase.choices,
        blank=True,
        help_text="Leave empty to follow the dates.",
    )
    comments_close_on = models.DateField(
        null=True,
        blank=True,
        help_text="Last day for comments on propositions. Empty: the last day of the event.",
    )
    briefings_from = models.DateField(null=True, blank=True, help_text="When the briefings are expected.")
    is_current = models.BooleanField("the current event", default=False)
    accent_hue = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="The event's colour as an OKLCH hue, 0–360 but not 10–125. Empty: the house's own.",
    )

    objects: ClassVar[EventPageManager] = EventPageManager()

    # A copy is next year's: it does not become the current one unasked, and follows its own dates.
    exclude_fields_in_copy = ["is_current", "phase_override"]

    parent_page_types = ["home.HomePage"]
    subpage_types = [
        "propositions.PropositionPage",
        "live.LiveSessionPage",
        "briefings.BriefingPage",
    ]

    content_panels = [
        *BasePage.content_panels,
        # The admin shows help as text.
        FieldPanel(
            "strapline",
            help_text="The voice of the event, partly in italics; in the manner of: taking the long view together.",
        ),
        FieldPanel("host"),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        FieldPanel("venue"),
        FieldPanel("introduction"),
        InlinePanel("event_partners", heading="Partners", label="partner"),
        MultiFieldPanel(
            [
                FieldPanel(
                    "is_current",
                    help_text="The one that the front page and the header lead to. Once this one is published as "
                    "current, no other is.",
                ),
                FieldPanel("phase_override"),
                FieldPanel("comments_close_on"),
                FieldPanel("briefings_from"),
            ],
            heading="What visitors can do when",
        ),
        FieldPanel("accent_hue"),
    ]

    search_fields = [
        *BasePage.search_fields,
        index.SearchField("introduction"),
        index.SearchField("venue"),
        index.FilterField("is_current"),
    ]

    class Meta:
        verbose_name = "event"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="event_ends_after_it_starts",
                violation_error_message="The last day cannot be before the first.",
            )
        ]

    def phase_on(self, day: datetime.date) -> Phase:
        """The phase on a day: the organiser's choice if made, else what the dates say."""
        if self.phase_override:
            return Phase(self.phase_override)
        if day < self.starts_on:
            return Phase.BEFORE
        return Phase.DURING if day <= self.ends_on else Phase.AFTER

    @property
    def phase(self) -> Phase:
        return self.phase_on(timezone.localdate())

    @property
    def is_over(self) -> bool:
        return self.phase in (Phase.AFTER, Phase.ARCHIVED)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context(request, *args, **kwargs), "event": self}

    def clean(self) -> None:
        super().clean()
        if self.accent_hue is not None and is_refused(self.accent_hue):
            raise ValidationError(
                {"accent_hue": "Choose a hue from 0 to 9 or 126 to 360: those between are taken for a warning."}
            )

    @property
    def phase_steps(self) -> list[calendar.PhaseStep]:
        """Before, during and after, as said today."""
        return calendar.phase_steps(
            phase=self.phase,
            today=timezone.localdate(),
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            briefings_from=self.briefings_from,
        )

    @property
    def days_label(self) -> str:
        return calendar.days_of(self.starts_on, self.ends_on)

    @property
    def months_label(self) -> str:
        return calendar.months_of(self.starts_on, self.ends_on)

    @property
    def dates_label(self) -> str:
        return calendar.dates_of(self.starts_on, self.ends_on)

    @property
    def colour(self) -> str:
        """The event's colour on light paper."""
        return HOUSE_COLOUR if self.accent_hue is None else accents_of(self.accent_hue).light.colour

    @property
    def share_description(self) -> str:
        said = Truncator(unescape(strip_tags(self.introduction))).words(40, truncate=" …")
        return self.search_description or said or f"{self.title}, {self.dates_label}"

    def card_words(self) -> CardWords:
        when = f"{self.months_label}, {self.venue}" if self.venue else self.months_label
        return CardWords(title=self.title, numeral=self.days_label, lines=(when, self.host), colour=self.colour)

    def structured_data(self) -> dict[str, Any]:
        found = {
            "@type": "Event",
            "name": self.title,
            "startDate": self.starts_on.isoformat(),
            "endDate": self.ends_on.isoformat(),
            "eventStatus": "https://schema.org/EventScheduled",
            "description": self.share_description,
            "url": self.full_url,
            "image": self.card_url,
        }
        if self.venue:
            found["location"] = {"@type": "Place", "name": self.venue}
        if self.host:
            found["organizer"] = {"@type": "Organization", "name": self.host}
        return found

    @property
    def partners_by_tier(self) -> list[tuple[Tier, list["Partner"]]]:
        """Its partners, the tiers in their order and those without partners left out."""
        links = list(self.event_partners.all())
        models.prefetch_related_objects(links, "partner__logo__renditions")
        tiers = ((tier, [link.partner for link in links if link.tier == tier]) for tier in Tier)
        return [(tier, partners) for tier, partners in tiers if partners]

    @property
    def briefings_expected_on(self) -> datetime.date | None:
        """When its briefings are expected, until that day has gone by: then it announces nothing any more."""
        return self.briefings_from if self.briefings_from and self.briefings_from >= timezone.localdate() else None

    @property
    def comments_last_day(self) -> datetime.date:
        return self.comments_close_on or self.ends_on


class Partner(CleanLinesMixin, index.Indexed, models.Model):
    """An organisation that stands behind one or several events."""

    name = models.CharField(max_length=160)
    link = models.URLField(blank=True)
    logo = models.ForeignKey(SummitImage, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    panels = [FieldPanel("name"), FieldPanel("link"), FieldPanel("logo")]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class EventPartner(Orderable):
    """A partner's part in one event."""

    event = ParentalKey(EventPage, on_delete=models.CASCADE, related_name="event_partners")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="event_partners")
    tier = models.CharField(max_length=10, choices=Tier.choices, default=Tier.SUPPORTING)

    panels = [FieldPanel("partner"), FieldPanel("tier")]

    class Meta(Orderable.Meta):
        unique_together = [("event", "partner")]
