"""Live sessions: what is put to a room, and what the room says."""

import datetime
import secrets
import uuid

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import RichTextField
from wagtail.search import index

from content.models import BasePage
from discussion.models import Comment
from live.admin_forms import LiveSessionPageForm
from live.panels import RoomPanel
from live.querysets import ContributionQuerySet, LiveSessionQuerySet
from people.consent import Consent, quote_label
from people.models import Person
from propositions.models import PropositionPage
from realtime.models import Stream

# No letter or digit that is mistaken for another when read from the back of a room or said aloud.
CODE_ALPHABET = "ACDEFHJKMNPQRTVWXY3479"
CODE_LENGTH = 6

# A table is found by three more: few enough to type, too many to try them all.
TABLE_KEY_LENGTH = 3
LARGEST_TABLE = 30
TABLE_NAME_LENGTH = 60
TABLES_AT_MOST = 60

BODY_LIMIT = 2000
# How long somebody may change what they said.
EDIT_WINDOW = datetime.timedelta(minutes=15)
PROMPT_LENGTH = 300
ROOM_LENGTH = 120
TAG_LENGTH = 30
NO_NAME = "No name given"


def new_code() -> str:
    """A join code: six characters without lookalikes."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def new_table_key() -> str:
    """What is typed behind a session's code to write for one of its tables."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(TABLE_KEY_LENGTH))


class LiveSessionPage(BasePage):
    """A live session as announced: when, where, on which propositions. Its live state is a `LiveSession`."""

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    room = models.CharField(max_length=ROOM_LENGTH, blank=True)
    introduction = RichTextField(blank=True, features=["bold", "italic", "link"])
    propositions = ParentalManyToManyField(PropositionPage, blank=True, related_name="live_session_pages")

    base_form_class = LiveSessionPageForm

    parent_page_types = ["events.EventPage"]
    subpage_types: list[str] = []

    content_panels = [
        *BasePage.content_panels,
        FieldPanel(
            "propositions",
            widget=forms.CheckboxSelectMultiple,
            help_text="What it is about. With several, people may say which of them they speak of.",
        ),
        FieldRowPanel(
            [
                FieldPanel("starts_at"),
                FieldPanel("ends_at", help_text="Empty: calendars are told an hour."),
            ]
        ),
        FieldPanel("room", help_text="For example: Long Gallery"),
        FieldPanel("introduction"),
        RoomPanel(heading="Room"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction")]

    class Meta:
        verbose_name = "live session"

    @property
    def published_propositions(self) -> list[PropositionPage]:
        """What readers are told it is about: a proposition that is still a draft has no page to lead to."""
        return [proposition for proposition in self.propositions.all() if proposition.live]

    def clean(self) -> None:
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "A session cannot end before it starts."})


class SessionState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    OPEN = "open", "Open"
    PAUSED = "paused", "Paused"
    CLOSED = "closed", "Closed"


class Identity(models.TextChoices):
    """How somebody is shown in the room."""

    NAME = "name", "By name"
    ROLE = "role", "By role"
    NOTHING = "nothing", "Without a name"


def every_identity() -> list[str]:
    return list(Identity.values)


class ModerationMode(models.TextChoices):
    SHOW = "show", "Show at once"
    HOLD = "hold", "Hold everything first"


class LiveSession(models.Model):
    """The live state of a session. Facilitators' commands carry the `version` they saw."""

    page = models.OneToOneField(LiveSessionPage, on_delete=models.CASCADE, related_name="live_session")
    stream = models.OneToOneField(Stream, on_delete=models.PROTECT, related_name="live_session")
    code = models.CharField(max_length=6, unique=True, default=new_code)
    state = models.CharField(max_length=8, choices=SessionState.choices, default=SessionState.WAITING)
    version = models.PositiveIntegerField(default=0)
    moderation = models.CharField(max_length=6, choices=ModerationMode.choices, default=ModerationMode.SHOW)
    current_prompt = models.ForeignKey("Prompt", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    spotlight = models.ForeignKey(
        "Contribution",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    wall_message = models.CharField(max_length=200, blank=True)
    timer_ends_at = models.DateTimeField(null=True, blank=True)
    is_blank = models.BooleanField(default=False, help_text="The wall shows its code and nothing else.")
    wall_tags = models.JSONField(default=list, blank=True, help_text="Tags that the wall shows as themes.")
    is_rehearsal = models.BooleanField(default=False)
    identities = models.JSONField(
        default=every_identity, help_text="How people may appear: any of name, role, nothing."
    )
    facilitators = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="facilitated_sessions")
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = LiveSessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.page.title} ({self.code})"

    def get_absolute_url(self) -> str:
        return reverse("live:phone", args=[self.code])

    @property
    def is_waiting(self) -> bool:
        return self.state == SessionState.WAITING

    @property
    def is_running(self) -> bool:
        """Open, or paused for a moment."""
        return self.state in (SessionState.OPEN, SessionState.PAUSED)

    @property
    def spoken_code(self) -> str:
        """The code as written for people: two groups of three."""
        return f"{self.code[:3]} {self.code[3:]}"


class Prompt(models.Model):
    class Kind(models.TextChoices):
        IDEAS = "ideas", "Ideas"
        QUESTIONS = "questions", "Questions"
        STATEMENTS = "statements", "Statements to weigh"
        POLL = "poll", "Poll"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        CURRENT = "current", "Now"
        CLOSED = "closed", "Closed"

    session = models.ForeignKey(LiveSession, on_delete=models.CASCADE, related_name="prompts")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.IDEAS)
    text = models.CharField(max_length=300)
    comment = models.ForeignKey(
        Comment,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="prompts",
        help_text="The comment made beforehand whose words these are.",
    )
    source_label = models.CharField(max_length=300, blank=True, help_text="Who wrote that, as they consented.")
    shown_at = models.DateTimeField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=7, choices=State.choices, default=State.QUEUED)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.text


class PromptOption(models.Model):
    """A statement to weigh, or a choice of a poll."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="options")
    text = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField(default=0)
    support_count = models.PositiveIntegerField(default=0)
    concern_count = models.PositiveIntegerField(default=0)
    pass_count = models.PositiveIntegerField(default=0)
    seen_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.text


class Table(models.Model):
    """A breakout table. One device writes for it, and what it writes counts as many people as sit there."""

    session = models.ForeignKey(LiveSession, on_delete=models.CASCADE, related_name="tables")
    name = models.CharField(max_length=60)
    key = models.CharField(max_length=TABLE_KEY_LENGTH, default=new_table_key)
    position = models.PositiveSmallIntegerField(default=0)
    headcount = models.PositiveSmallIntegerField(default=1)
    may_quote = models.BooleanField(default=True, help_text="A briefing may quote it, as “Table 4, seven people”.")

    class Meta:
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["session", "name"], name="one_table_per_name"),
            models.UniqueConstraint(fields=["session", "key"], name="one_table_per_key"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("live:seat", args=[self.session.code, self.key])

    @property
    def spoken_code(self) -> str:
        """What to type at `/join` to write for this table: the session's code and the table's key."""
        return f"{self.session.spoken_code} {self.key}"


class Participant(models.Model):
    """A device in a session. Known by the hash of a token it keeps; no account is needed."""

    session = models.ForeignKey(LiveSession, on_delete=models.CASCADE, related_name="participants")
    token_hash = models.CharField(max_length=64)
    identity = models.CharField(max_length=8, choices=Identity.choices, default=Identity.NOTHING)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=160, blank=True)
    consent = models.CharField(max_length=10, choices=Consent.choices, default=Consent.ROLE)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="participations",
    )
    person = models.ForeignKey(
        Person,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="participations",
    )
    author_key = models.CharField(max_length=64, db_index=True)
    table = models.ForeignKey(
        Table,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="participants",
    )
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "token_hash"], name="one_participant_per_device"),
            models.UniqueConstraint(fields=["table"], name="one_device_per_table"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """How this person is shown in the room."""
        shown = {Identity.NAME: self.name, Identity.ROLE: self.role}.get(Identity(self.identity), "")
        return shown or NO_NAME

    @property
    def quote_label(self) -> str:
        """How this person appears beside a quotation; empty if they are not to be quoted."""
        return quote_label(self.consent, name=self.name, role=self.role)


class Seat(models.Model):
    """A device that writes, or once wrote, for a table. What it wrote there still arrives as the table's."""

    table = models.ForeignKey(Table, on_delete=models.CASCADE, related_name="seats")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="seats")
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "participant"], name="one_seat_per_table")]

    def __str__(self) -> str:
        return f"{self.participant} at {self.table}"


class Contribution(models.Model):
    """Something said in a session. Written only by `live.actions`."""

    class State(models.TextChoices):
        SHOWN = "shown", "Shown"
        HELD = "held", "Held"
        HIDDEN = "hidden", "Hidden"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Channel(models.TextChoices):
        LIVE = "live", "Live"
        TABLE = "table", "Table"
        IMPORT = "import", "Import"

    session = models.ForeignKey(LiveSession, on_delete=models.CASCADE, related_name="contributions")
    prompt = models.ForeignKey(
        Prompt,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="contributions",
    )
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="contributions")
    proposition = models.ForeignKey(
        PropositionPage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="contributions",
    )
    client_id = models.UUIDField(default=uuid.uuid4)
    seq = models.PositiveBigIntegerField(help_text="Its place in the session's log.")
    body = models.TextField()
    body_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=State.choices, default=State.SHOWN)
    hold_reason = models.CharField(max_length=200, blank=True)
    hide_reason = models.CharField(max_length=200, blank=True)
    consent = models.CharField(max_length=10, choices=Consent.choices, default=Consent.ROLE)
    author_label = models.CharField(max_length=200, blank=True)
    quote_label = models.CharField(max_length=300, blank=True)
    author_key = models.CharField(max_length=64, db_index=True)
    table = models.ForeignKey(
        Table,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="contributions",
    )
    table_name = models.CharField(max_length=60, blank=True, help_text="The table as it was called then.")
    headcount = models.PositiveSmallIntegerField(default=1)
    channel = models.CharField(max_length=6, choices=Channel.choices, default=Channel.LIVE)
    is_starred = models.BooleanField(default=False)
    tags = models.JSONField(default=list, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged")
    support_count = models.PositiveIntegerField(default=0)
    seen_count = models.PositiveIntegerField(default=0)
    said_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "client_id"], name="one_contribution_per_client_id"),
            models.UniqueConstraint(fields=["session", "seq"], name="one_contribution_per_seq"),
        ]
        indexes = [models.Index(fields=["session", "state", "seq"], name="contribution_in_session")]

    def __str__(self) -> str:
        return self.body[:80]


class ContributionVersion(models.Model):
    """Words that a contribution had before its author changed them."""

    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    body = models.TextField()
    body_hash = models.CharField(max_length=64)
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["contribution", "number"], name="one_contribution_version_per_number")
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"


class Vote(models.Model):
    """One person's stance on one contribution or option."""

    class Choice(models.TextChoices):
        SUPPORT = "support", "Support"
        CONCERN = "concern", "Concern"
        PASS = "pass", "Pass"

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="votes")
    author_key = models.CharField(max_length=64, help_text="The person, whichever device they used.")
    contribution = models.ForeignKey(
        Contribution,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="votes",
    )
    option = models.ForeignKey(
        PromptOption,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="votes",
    )
    choice = models.CharField(max_length=7, choices=Choice.choices, default=Choice.SUPPORT)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author_key", "contribution"], name="one_vote_per_contribution"),
            models.UniqueConstraint(fields=["author_key", "option"], name="one_vote_per_option"),
            models.CheckConstraint(
                condition=models.Q(contribution__isnull=False, option__isnull=True)
                | models.Q(contribution__isnull=True, option__isnull=False),
                name="vote_on_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.get_choice_display()
