"""Propositions: numbered assertions put to a summit, each with a facilitator and a discussion."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.documents import get_document_model_string
from wagtail.fields import StreamField
from wagtail.models import Orderable
from wagtail.search import index

from content.blocks import STATEMENT_BLOCKS
from content.cards import CardWords
from content.models import BasePage, CleanLinesMixin
from discussion.models import DiscussedPageMixin, Stand
from events.models import EventPage, Phase
from people.models import Person
from propositions.admin_forms import PropositionPageForm


class PropositionPage(DiscussedPageMixin, BasePage):
    """A numbered proposition of an event. The title is an assertion."""

    class Discussion(models.TextChoices):
        BY_PHASE = "", "Follows the event"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    number = models.PositiveSmallIntegerField(help_text="Where it stands among the event's propositions.")
    summary = models.CharField(max_length=250, blank=True, help_text="One or two sentences, shown in lists.")
    statement = StreamField(STATEMENT_BLOCKS, help_text="The statement that is put to the summit.")
    category = models.CharField(max_length=80, blank=True)
    discussion_override = models.CharField(
        "discussion",
        max_length=6,
        choices=Discussion.choices,
        default=Discussion.BY_PHASE,
        blank=True,
    )
    closes_at = models.DateTimeField(
        "discussion closes",
        null=True,
        blank=True,
        help_text="Empty: on the event's last day for comments.",
    )

    base_form_class = PropositionPageForm

    parent_page_types = ["events.EventPage"]
    subpage_types = ["news.PostPage"]

    content_panels = [
        FieldRowPanel([FieldPanel("number"), FieldPanel("category")]),
        *BasePage.content_panels,
        InlinePanel(
            "proposition_facilitators",
            heading="Facilitators",
            label="facilitator",
            min_num=1,
        ),
        FieldPanel("summary"),
        FieldPanel("statement"),
        InlinePanel("resources", heading="Resources", label="resource"),
        MultiFieldPanel(
            [FieldPanel("discussion_override"), FieldPanel("closes_at")],
            heading="Discussion",
        ),
    ]

    search_fields = [
        *BasePage.search_fields,
        index.SearchField("summary"),
        index.SearchField("statement"),
        index.FilterField("number"),
    ]

    class Meta:
        verbose_name = "proposition"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context(request, *args, **kwargs),
            "event": self.event,
            "facilitators": self.facilitators,
            "version": self.statement_versions.order_by("-number").first() if self.pk else None,
            "shown_resources": list(self.resources.select_related("document")),
        }

    def statement_changes_url(self, since: int | None = None) -> str:
        """The page that shows what changed in the statement; with a version, that beside the words of today."""
        address = reverse("propositions:versions", args=[self.pk])
        return f"{address}?since={since}" if since else address

    @cached_property
    def event(self) -> EventPage:
        """The event it is put to. Asked for several times wherever a proposition is shown or answered."""
        return EventPage.objects.parent_of(self).get()

    @property
    def facilitators(self) -> list[Person]:
        return [link.person for link in self.proposition_facilitators.select_related("person", "person__portrait")]

    @property
    def share_description(self) -> str:
        return self.search_description or self.summary or f"Proposition {self.number} of {self.event.title}"

    def card_words(self) -> CardWords:
        event = self.event
        by = " and ".join(person.name for person in self.facilitators)
        lines = (by, f"{event.title}, {event.dates_label}")
        return CardWords(title=self.title, numeral=str(self.number), lines=lines, colour=event.colour)

    def structured_data(self) -> dict[str, Any]:
        return {
            "@type": "DiscussionForumPosting",
            "headline": self.title,
            "position": self.number,
            "abstract": self.share_description,
            "author": [{"@type": "Person", "name": person.name} for person in self.facilitators],
            "datePublished": self.first_published_at.isoformat() if self.first_published_at else None,
            "dateModified": self.last_published_at.isoformat() if self.last_published_at else None,
            "isPartOf": {"@type": "Event", "name": self.event.title, "url": self.event.full_url},
            "url": self.full_url,
            "image": self.card_url,
        }

    def discussion_is_open(self, moment: datetime.datetime | None = None) -> bool:
        """Whether comments are taken now: the proposition's own choice, then its date, then the event's phase."""
        moment = moment or timezone.now()
        if self.discussion_override:
            return self.discussion_override == self.Discussion.OPEN
        if self.closes_at:
            return moment < self.closes_at
        event = self.event
        day = timezone.localdate(moment)
        return event.phase_on(day) != Phase.ARCHIVED and day <= event.comments_last_day

    def discussion_stand(self, person: Person | None, moment: datetime.datetime) -> Stand:
        """In one query, with the event, which the questions after this one need too."""
        newest = StatementVersion.objects.filter(proposition=self.pk).order_by("-number").values("number")[:1]
        found = EventPage.objects.parent_of(self).annotate(newest_statement=Subquery(newest))
        if person is not None and person.user_id:
            facilitates = PropositionFacilitator.objects.filter(proposition=self.pk, person=person)
            found = found.annotate(is_by_facilitator=Exists(facilitates))
        self.event = event = found.get()
        return Stand(
            is_open=self.discussion_is_open(moment),
            version=event.newest_statement,
            is_facilitator=getattr(event, "is_by_facilitator", False),
        )

    def facilitator_user_ids(self) -> set[int]:
        """Accounts whose comments here are marked as the facilitator's."""
        return {person.user_id for person in self.facilitators if person.user_id}

    def statement_version_number(self) -> int | None:
        """The number of the statement version readers see now."""
        return self.statement_versions.order_by("-number").values_list("number", flat=True).first()


class PropositionFacilitator(Orderable):
    proposition = ParentalKey(
        PropositionPage,
        on_delete=models.CASCADE,
        related_name="proposition_facilitators",
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="facilitations")

    panels = [FieldPanel("person")]

    class Meta(Orderable.Meta):
        unique_together = [("proposition", "person")]


class StatementVersion(models.Model):
    """The statement as it stood from one publication to the next. Kept so that a comment shows what it answered."""

    proposition = models.ForeignKey(PropositionPage, on_delete=models.CASCADE, related_name="statement_versions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=255)
    html = models.TextField(help_text="The statement as rendered for readers.")
    text_hash = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["proposition", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"Version {self.number}"


class Resource(CleanLinesMixin, Orderable):
    """Something to read beside a proposition: a document, or a link. With neither it is "coming soon"."""

    proposition = ParentalKey(PropositionPage, on_delete=models.CASCADE, related_name="resources")
    title = models.CharField(max_length=160)
    document = models.ForeignKey(
        get_document_model_string(),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    link = models.URLField(blank=True)

    panels = [FieldPanel("title"), FieldPanel("document"), FieldPanel("link")]

    def clean(self) -> None:
        super().clean()
        if self.document_id and self.link:
            raise ValidationError({"link": "Give a document or a link, not both."})

    @property
    def is_coming_soon(self) -> bool:
        return not (self.document_id or self.link)

    @property
    def address(self) -> str:
        return self.document.url if self.document else self.link
