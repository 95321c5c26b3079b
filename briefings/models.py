"""Briefings: each a number of things to consider, resting on what people said."""

import datetime
from html import unescape
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import Truncator
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import RichTextField, StreamField
from wagtail.search import index

from briefings import citations
from briefings.blocks import PointBlock
from briefings.citations import as_uuid
from briefings.copying import BriefingCopyForm
from briefings.exceptions import BriefingNotReady
from briefings.panels import ChecksPanel, EvidencePanel
from briefings.signals import briefing_publishing, schedule_refused
from content.cards import CardWords
from content.models import BasePage, CleanLinesMixin
from content.text import clean_line, clean_text
from discussion.models import DiscussedPageMixin
from events.accents import accents_of, is_refused
from events.models import EventPage, Phase
from gathering.models import Entry, Excerpt, Point
from gathering.selectors import point_tallies
from propositions.models import PropositionPage

LEAST_POINTS = 3
MOST_POINTS = 12

# How Wagtail's `publish_scheduled` says in the log that it was it.
BY_SCHEDULE = "wagtail.publish.scheduled"


class Series(CleanLinesMixin, index.Indexed, models.Model):
    """A numbered series of briefings with one voice."""

    name = models.CharField(max_length=120)
    strapline = RichTextField(
        blank=True,
        features=["italic"],
        help_text="The voice of the series, partly in italics: taking <i>the long view</i> together",
    )

    accent_hue = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="The colour of its print as an OKLCH hue, 0–360 but not 10–125. Empty: the event's own.",
    )

    panels = [
        FieldPanel("name"),
        # The admin shows help as text.
        FieldPanel(
            "strapline",
            help_text="The voice of the series, partly in italics; in the manner of: taking the long view together.",
        ),
        FieldPanel("accent_hue"),
    ]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta:
        verbose_name_plural = "series"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.name, self.strapline = clean_line(self.name), clean_text(self.strapline)
        if self.accent_hue is not None and is_refused(self.accent_hue):
            raise ValidationError(
                {"accent_hue": "Choose a hue from 0 to 9 or 126 to 360: those between are taken for a warning."}
            )


class BriefingPage(DiscussedPageMixin, BasePage):
    """A briefing in a series. The title is an assertion."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="briefings")
    number = models.PositiveSmallIntegerField(help_text="Its number in the series: printed large.")
    proposition = models.ForeignKey(
        PropositionPage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="briefings",
        help_text="The proposition it answers, if one.",
    )
    opening = RichTextField(features=["bold", "italic", "link"])
    points = StreamField([("point", PointBlock())], min_num=LEAST_POINTS, max_num=MOST_POINTS)
    closing = RichTextField(blank=True, features=["bold", "italic", "link"])
    credit = models.CharField(
        "edited and approved by",
        max_length=300,
        blank=True,
        help_text="One line at the end, for example: Edited by Ada Finch. Approved by the council on 6 November.",
    )
    pages = models.PositiveSmallIntegerField(
        "pages on paper",
        default=2,
        choices=[(1, "One page"), (2, "Two pages, points on the first"), (3, "Three pages"), (4, "Four pages")],
        help_text="The print is fitted to these. Sources that do not fit are said to be too many.",
    )
    short_address = models.SlugField(
        max_length=60,
        unique=True,
        editable=False,
        help_text="Printed with the QR code, so it never changes and is never given to another briefing.",
    )

    parent_page_types = ["events.EventPage"]
    subpage_types: list[str] = []
    template = "briefings/briefing_page.html"
    context_object_name = "briefing"
    exclude_fields_in_copy = ["short_address"]
    copy_form_class = BriefingCopyForm

    content_panels = [
        ChecksPanel(heading="Before publishing"),
        FieldRowPanel([FieldPanel("series"), FieldPanel("number")]),
        *BasePage.content_panels,
        FieldPanel("proposition"),
        FieldPanel("opening"),
        EvidencePanel(),
        FieldPanel("points"),
        FieldPanel("closing"),
        FieldPanel("credit"),
        FieldPanel("pages"),
    ]
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("opening"),
        index.SearchField("points"),
        index.SearchField("closing"),
        index.FilterField("number"),
    ]

    class Meta:
        verbose_name = "briefing"

    def clean(self) -> None:
        super().clean()
        self.title, self.credit = clean_line(self.title), clean_line(self.credit)
        self.opening, self.closing = clean_text(self.opening), clean_text(self.closing)

    @property
    def event(self) -> EventPage:
        """The event it stands under."""
        return EventPage.objects.parent_of(self).get()

    @property
    def strapline(self) -> str:
        """The voice of its series, as rich text."""
        return self.series.strapline

    @property
    def has_closing(self) -> bool:
        """Whether anything stands after the points. An emptied text is an empty paragraph."""
        return bool(strip_tags(self.closing).strip() or self.credit)

    @property
    def short_path(self) -> str:
        """The address printed on paper."""
        return reverse("briefings:short", args=[self.short_address])

    def path_printed_in(self, edition: "Edition | None") -> str:
        """The address printed on an edition, which its codes can be looked up at; on a draft the plain one."""
        if edition is None:
            return self.short_path
        return reverse("briefings:edition", args=[self.short_address, edition.number])

    @property
    def short_words(self) -> str:
        """The address printed on paper, as it is read out: without what every address begins with."""
        return settings.BASE_URL.rstrip("/").partition("://")[2] + self.short_path

    def colour_at(self, event: EventPage) -> str:
        """Its colour on paper and on its card: the series', else its event's, else the house's."""
        hue = self.series.accent_hue
        return event.colour if hue is None else accents_of(hue).light.colour

    @property
    def share_description(self) -> str:
        return self.search_description or Truncator(unescape(strip_tags(self.opening))).words(40, truncate=" …")

    def card_words(self) -> CardWords:
        event = self.event
        points = list(self.published_points.values_list("point", flat=True))
        tallies = point_tallies(points)
        return CardWords(
            title=self.title,
            numeral=str(self.number),
            lines=(f"{event.title}, {event.dates_label}", event.host),
            colour=self.colour_at(event),
            signature=tuple((tallies[point].people, tallies[point].opposing) for point in points),
        )

    def structured_data(self) -> dict[str, Any]:
        event = self.event
        return {
            "@type": "Report",
            "headline": self.title,
            "name": self.title,
            "reportNumber": str(self.number),
            "abstract": self.share_description,
            "publisher": {"@type": "Organization", "name": event.host} if event.host else None,
            "datePublished": self.first_published_at.isoformat() if self.first_published_at else None,
            "dateModified": self.last_published_at.isoformat() if self.last_published_at else None,
            "about": {"@type": "Event", "name": event.title, "url": event.full_url},
            "isPartOf": {"@type": "CreativeWorkSeries", "name": self.series.name},
            "url": self.full_url,
            "image": self.card_url,
        }

    def discussion_is_open(self, moment: datetime.datetime | None = None) -> bool:
        """Comments are taken until the event is archived."""
        day = timezone.localdate(moment or timezone.now())
        return self.live and self.event.phase_on(day) != Phase.ARCHIVED

    def can_move_to(self, parent: Any) -> bool:
        return super().can_move_to(parent) and self.may_stand_under(parent)

    def may_stand_under(self, parent: Any) -> bool:
        """Only within its event: what it rests on is that event's ledger, and stays there."""
        points = [pk for block in self.points if (pk := as_uuid(block.id))]
        return self.is_child_of(parent) or not Point.objects.filter(pk__in=points).exists()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.short_address:
            self.short_address = self._free_short_address()
        super().save(*args, **kwargs)

    def _free_short_address(self) -> str:
        """The number if no other briefing has it, else with the year, else with a count."""
        taken = set(BriefingPage.objects.values_list("short_address", flat=True))
        taken |= set(RetiredAddress.objects.values_list("short_address", flat=True))
        number = str(self.number or "new")
        year = timezone.localdate().year
        if self.depth and self.depth > 1:
            starts_on = EventPage.objects.parent_of(self).values_list("starts_on", flat=True).first()
            year = starts_on.year if starts_on else year
        candidates = (number, f"{number}-{year}", *(f"{number}-{year}-{count}" for count in range(2, len(taken) + 3)))
        return next(candidate for candidate in candidates if candidate not in taken)

    def publish(self, revision: Any, user: Any = None, **kwargs: Any) -> Any:
        """Publish, unless a receiver of `briefing_publishing` refuses with `BriefingNotReady`. All ways lead here.

        The schedule is told nothing of a refusal: raising would keep every page after this one from its hour too.
        """
        try:
            briefing_publishing.send(sender=type(self), briefing=revision.as_object())
        except BriefingNotReady as refusal:
            if kwargs.get("log_action") != BY_SCHEDULE:
                raise
            schedule_refused.send(sender=type(self), revision=revision, problems=refusal.problems)
            return None
        return super().publish(revision, user=user, **kwargs)


class RetiredAddress(models.Model):
    """The short address of a briefing that was published and then deleted: prints of it are about."""

    short_address = models.SlugField(max_length=60, unique=True)
    retired_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "retired addresses"
        ordering = ("short_address",)

    def __str__(self) -> str:
        return self.short_address


class PublishedPoint(models.Model):
    """A point as it stands in a published briefing. Rewritten at each publication."""

    briefing = models.ForeignKey(BriefingPage, on_delete=models.CASCADE, related_name="published_points")
    point = models.ForeignKey(
        Point, on_delete=models.CASCADE, related_name="publications", help_text="The target it had on the desk."
    )
    number = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=200)

    class Meta:
        ordering = ("briefing", "number")
        constraints = [models.UniqueConstraint(fields=["briefing", "point"], name="point_once_per_briefing")]

    def __str__(self) -> str:
        return f"{self.number}. {self.heading}"

    @property
    def url(self) -> str:
        """Where readers find it. It follows the point, wherever it moves in the page."""
        return f"{self.briefing.url}#{citations.point_anchor(self.point_id)}"


class Edition(models.Model):
    """Which points and excerpts stood under which numbers and codes, for those who hold a print. Holds no words.

    `layout` lists the points in order: `{"point": id, "cited": [ids of excerpts in order]}`.
    """

    briefing = models.ForeignKey(BriefingPage, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveSmallIntegerField()
    layout = models.JSONField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("briefing", "number")
        constraints = [models.UniqueConstraint(fields=["briefing", "number"], name="one_edition_per_number")]

    def __str__(self) -> str:
        return f"Edition {self.number}"


class PublishedCitation(models.Model):
    """An excerpt cited in a published briefing, with the code readers see. Rewritten at each publication."""

    published_point = models.ForeignKey(PublishedPoint, on_delete=models.CASCADE, related_name="citations")
    excerpt = models.ForeignKey(Excerpt, on_delete=models.CASCADE, related_name="publications")
    code = models.CharField(max_length=8)

    class Meta:
        ordering = ("published_point", "pk")
        constraints = [models.UniqueConstraint(fields=["published_point", "excerpt"], name="excerpt_once_per_point")]

    def __str__(self) -> str:
        return self.code


class FollowUp(models.Model):
    """What is being done about a point: you said, we did. It stays with its point however the briefing changes."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        UNDER_WAY = "under_way", "Under way"
        DONE = "done", "Done"
        DROPPED = "dropped", "Not done"

    briefing = models.ForeignKey(BriefingPage, on_delete=models.CASCADE, related_name="follow_ups")
    point = models.ForeignKey(Point, on_delete=models.RESTRICT, related_name="follow_ups")
    promise = models.CharField("what is to be done", max_length=300)
    owner = models.CharField("who sees to it", max_length=200, help_text="Shown to readers: a name or a role.")
    owner_email = models.EmailField(
        "their e-mail address", blank=True, help_text="Reminded before and after the day. Never shown."
    )
    due_on = models.DateField("by when", null=True, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PLANNED)
    note = models.TextField("how it stands", blank=True, help_text="Shown to readers. Say why, if it is not done.")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "follow-up"
        verbose_name_plural = "follow-ups"
        ordering = ("point__position", "due_on", "pk")

    def __str__(self) -> str:
        return self.promise

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.PLANNED, self.State.UNDER_WAY)

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < timezone.localdate()


class FollowUpChange(models.Model):
    """How a follow-up stood after somebody changed it. Never changed itself."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="changes")
    state = models.CharField(max_length=9, choices=FollowUp.State.choices)
    due_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.follow_up_id}"


class ObjectionWindow(models.Model):
    """Until when those whom a draft quotes may object before it is printed. Beside the page: no draft rolls it back."""

    briefing = models.OneToOneField(BriefingPage, on_delete=models.CASCADE, related_name="objection_window")
    closes_on = models.DateField("the last day")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Until {self.closes_on}"

    @property
    def is_open(self) -> bool:
        return timezone.localdate() <= self.closes_on


class Objection(models.Model):
    """Somebody does not want these words of theirs in a briefing. Taken back by its author alone."""

    briefing = models.ForeignKey(BriefingPage, on_delete=models.CASCADE, related_name="objections")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="objections")
    made_at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["briefing", "entry"], name="one_objection_per_entry")]

    def __str__(self) -> str:
        return f"Objection to {self.entry_id}"


class Print(models.Model):
    """A briefing set for paper, kept by a hash of all it is made from. Shared by whoever serves and whoever sets it."""

    briefing = models.ForeignKey(BriefingPage, on_delete=models.CASCADE, related_name="prints")
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    pages = models.PositiveSmallIntegerField()
    points_on_first_page = models.BooleanField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["briefing", "digest"], name="one_print_per_digest")]

    def __str__(self) -> str:
        return f"{self.briefing_id}, {self.pages} pages"


class Severity(models.TextChoices):
    WARN = "warn", "Warn"
    BLOCK = "block", "Block publishing"


@register_setting(icon="list-ol")
class BriefingRules(BaseGenericSetting):
    """Which checks before publishing only warn, and which block. Some always block; they are not listed."""

    uncited = models.CharField(
        "points without a citation", max_length=5, choices=Severity.choices, default=Severity.BLOCK
    )
    edited = models.CharField(
        "sources edited since they were quoted", max_length=5, choices=Severity.choices, default=Severity.WARN
    )
    undecided = models.CharField(
        "entries still undecided", max_length=5, choices=Severity.choices, default=Severity.WARN
    )
    one_voice = models.CharField(
        "points that rest on one voice", max_length=5, choices=Severity.choices, default=Severity.WARN
    )
    dissent = models.CharField(
        "dissent that a point does not cite", max_length=5, choices=Severity.choices, default=Severity.WARN
    )
    left_over = models.CharField(
        "points of the desk that are not in the briefing",
        max_length=5,
        choices=Severity.choices,
        default=Severity.WARN,
    )
    objected = models.CharField(
        "words whose author objects to being quoted", max_length=5, choices=Severity.choices, default=Severity.BLOCK
    )
    unquotable = models.CharField(
        "words between quotation marks that stand in nothing the point cites",
        max_length=5,
        choices=Severity.choices,
        default=Severity.WARN,
    )
    length = models.CharField(
        "more printed pages than chosen", max_length=5, choices=Severity.choices, default=Severity.WARN
    )

    panels = [
        MultiFieldPanel(
            [
                FieldPanel(name)
                for name in (
                    "uncited",
                    "edited",
                    "undecided",
                    "one_voice",
                    "dissent",
                    "left_over",
                    "objected",
                    "unquotable",
                    "length",
                )
            ],
            heading="Before a briefing is published",
            help_text="Quotes without consent, withdrawn sources and words that do not match always block.",
        )
    ]

    class Meta:
        verbose_name = "briefing rules"
