"""The ledger: everything that was said, and what became of it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from discussion.models import Comment
from events.models import EventPage
from live.models import Contribution, LiveSession, Prompt
from people.consent import Consent
from propositions.models import PropositionPage


class Point(models.Model):
    """One of the things to consider. A target on the sorting desk, and the block with the same id in a briefing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(
        EventPage, on_delete=models.CASCADE, related_name="points"
    )
    proposition = models.ForeignKey(
        PropositionPage,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="points",
    )
    position = models.PositiveSmallIntegerField()
    working_title = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.position}. {self.working_title}"


class Theme(models.Model):
    """A pile of entries that seem to be about the same thing. Suggested by the machine, decided by people."""

    event = models.ForeignKey(
        EventPage, on_delete=models.CASCADE, related_name="themes"
    )
    proposition = models.ForeignKey(
        PropositionPage,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="themes",
    )
    label = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.label


class Entry(models.Model):
    """One thing said, frozen as it was said, with its source and what became of it."""

    class Channel(models.TextChoices):
        BEFORE = "before", "Before, in comments"
        LIVE = "live", "Live"
        TABLE = "table", "At a table"

    class Disposition(models.TextChoices):
        UNDECIDED = "undecided", "Undecided"
        USED = "used", "Used"
        MERGED = "merged", "Merged"
        SET_ASIDE = "set_aside", "Set aside"

    event = models.ForeignKey(
        EventPage, on_delete=models.CASCADE, related_name="entries"
    )
    proposition = models.ForeignKey(
        PropositionPage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="entries",
    )
    session = models.ForeignKey(
        LiveSession,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="entries",
    )
    prompt = models.ForeignKey(
        Prompt, on_delete=models.SET_NULL, null=True, blank=True, related_name="entries"
    )
    comment = models.OneToOneField(
        Comment, on_delete=models.SET_NULL, null=True, blank=True, related_name="entry"
    )
    contribution = models.OneToOneField(
        Contribution,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="entry",
    )
    channel = models.CharField(max_length=6, choices=Channel.choices)
    text = models.TextField()
    text_hash = models.CharField(max_length=64, db_index=True)
    consent = models.CharField(max_length=10, choices=Consent.choices)
    author_label = models.CharField(max_length=200, blank=True)
    quote_label = models.CharField(max_length=300, blank=True)
    author_key = models.CharField(max_length=64, db_index=True)
    headcount = models.PositiveSmallIntegerField(default=1)
    said_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)

    disposition = models.CharField(
        max_length=9, choices=Disposition.choices, default=Disposition.UNDECIDED
    )
    point = models.ForeignKey(
        Point, on_delete=models.SET_NULL, null=True, blank=True, related_name="entries"
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged"
    )
    set_aside_reason = models.CharField(max_length=200, blank=True)
    theme = models.ForeignKey(
        Theme, on_delete=models.SET_NULL, null=True, blank=True, related_name="entries"
    )
    is_starred = models.BooleanField(default=False)
    version = models.PositiveIntegerField(
        default=0, help_text="Counts decisions, so that two editors notice each other."
    )

    source_edited_at = models.DateTimeField(null=True, blank=True)
    source_withdrawn_at = models.DateTimeField(null=True, blank=True)
    source_hidden_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "entries"
        ordering = ("said_at", "pk")
        indexes = [
            models.Index(
                fields=["event", "proposition", "disposition"], name="entry_on_desk"
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Excerpt(models.Model):
    """Exact words of an entry, picked for a point."""

    class Role(models.TextChoices):
        SUPPORTS = "supports", "Supports"
        QUALIFIES = "qualifies", "Qualifies"
        OPPOSES = "opposes", "Opposes"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="excerpts")
    point = models.ForeignKey(Point, on_delete=models.CASCADE, related_name="excerpts")
    role = models.CharField(max_length=9, choices=Role.choices, default=Role.SUPPORTS)
    spans = models.JSONField(
        help_text="Ordered [start, end] character offsets in the entry's text."
    )
    text = models.TextField(
        help_text="The words as shown, with … and [brackets] where allowed."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return self.text[:80]


class Decision(models.Model):
    """Something an editor decided about an entry. Never changed; undoing is another decision."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="decisions")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    kind = models.CharField(max_length=20)
    before = models.JSONField()
    after = models.JSONField()
    batch = models.UUIDField(
        default=uuid.uuid4, help_text="Shared by decisions made in one go."
    )
    undoes = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="undone_by",
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.kind}: {self.entry}"
