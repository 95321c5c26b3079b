"""What an import has done, record by record, so that it can be repeated, told and undone."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from wagtail.documents import get_document_model_string
from wagtail.images import get_image_model_string
from wagtail.models import Page

from discussion.models import Comment, Mention
from events.models import EventPage
from people.models import Person
from wordpress.choices import BatchState, Outcome, SuspicionState


class Batch(models.Model):
    """One run of an import. Its records say what became of everything in the file."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(max_length=255, help_text="The blog's address: what comes from it is known again.")
    title = models.CharField(max_length=255, blank=True)
    file_name = models.CharField(max_length=255)
    event = models.ForeignKey(EventPage, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=BatchState.choices, default=BatchState.READY)
    options = models.JSONField(default=dict, help_text="What was chosen: event, categories, authors, consent.")
    summary = models.JSONField(default=dict, help_text="What the file holds, for whoever chooses.")
    trial = models.JSONField(default=dict, help_text="What the last dry run said, before anything was made.")
    notes = models.JSONField(default=list, help_text="What is to be said of the file as a whole.")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "WordPress import"
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.title or self.source

    @property
    def is_standing(self) -> bool:
        """Whether what it brought is on the site."""
        return self.state in (BatchState.DONE, BatchState.RUNNING)

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.done / self.total)) if self.total else 0


class Record(models.Model):
    """One thing in an export, and what became of it in one run."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="records")
    kind = models.CharField(max_length=40, help_text="post, page, comment, category and so on, as the export says.")
    source_id = models.CharField(max_length=255)
    label = models.CharField(max_length=255, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was skipped.")
    notes = models.JSONField(default=list, help_text="What was changed or left out on the way.")
    digest = models.CharField(max_length=64, blank=True)
    is_found = models.BooleanField(default=True, help_text="Stands in the file; else made on the way, as an event is.")
    # Made by this run, so that undoing it takes it away again; else found there.
    is_made = models.BooleanField(default=False)
    page = models.ForeignKey(Page, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # The page's revision after this run, and before it if there was one.
    revision_id = models.PositiveBigIntegerField(null=True, blank=True)
    previous_revision_id = models.PositiveBigIntegerField(null=True, blank=True)
    comment = models.ForeignKey(Comment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    previous_text = models.TextField(blank=True)
    # What it was before this run released it.
    previous_state = models.CharField(max_length=10, blank=True)
    # What moderators or its author had decided about it when the run was undone: it holds when it comes in again.
    kept_state = models.CharField(max_length=10, blank=True)
    kept_reason = models.CharField(max_length=200, blank=True)
    # Whose response it was, also of one that was skipped: so that an erasure finds what its label tells.
    author_key = models.CharField(max_length=64, blank=True)
    mention = models.ForeignKey(Mention, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    image = models.ForeignKey(
        get_image_model_string(), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    document = models.ForeignKey(
        get_document_model_string(), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    redirect_from = models.CharField(max_length=255, blank=True)
    is_redirect_made = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["batch", "kind", "source_id"], name="one_record_per_thing"),
            models.CheckConstraint(
                condition=~models.Q(outcome=Outcome.SKIPPED) | ~models.Q(reason=""), name="skipped_for_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["kind", "source_id"], name="record_of_source")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id}: {self.outcome}"

    @property
    def target(self) -> models.Model | None:
        """What it became."""
        return self.page or self.comment or self.mention or self.person or self.image or self.document


class Suspicion(models.Model):
    """A phrase or link that looks as if somebody had put it into a text that was not theirs."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="suspicions")
    phrase = models.CharField(max_length=300)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=200)
    state = models.CharField(max_length=4, choices=SuspicionState.choices, default=SuspicionState.OPEN)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"“{self.phrase}”: {self.why}"


class OldAddress(models.Model):
    """An address that an imported blog had, and what answers for it here: one of these, or else the stream of posts.

    Addresses of texts themselves are Wagtail's redirects, which editors can see and change. These are the others:
    short ones ("/?p=11"), those of categories, tags, authors, months, and files.
    """

    path = models.CharField(max_length=255, unique=True, help_text="With its query, as “/?p=11”; no slash at its end.")
    event = models.ForeignKey(
        EventPage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="It goes where it goes.",
    )
    page = models.ForeignKey(Page, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    image = models.ForeignKey(
        get_image_model_string(), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    document = models.ForeignKey(
        get_document_model_string(), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    category = models.CharField(max_length=80, blank=True, help_text="Of the stream of posts, only these.")
    batch = models.ForeignKey(Batch, on_delete=models.SET_NULL, null=True, blank=True, related_name="old_addresses")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.path


class Companion(models.Model):
    """A page outside an event that came in with it, a post of news or a page of text: it goes where the event goes."""

    event = models.ForeignKey(EventPage, on_delete=models.CASCADE, related_name="companions")
    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.page} with {self.event}"
