"""The ledger: everything that was said, and what became of it."""

import datetime
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from discussion.models import Comment
from events.models import EventPage
from gathering.querysets import EntryQuerySet, ExcerptQuerySet, StandingExcerptManager
from live.models import Contribution, LiveSession, Prompt
from people.consent import Consent
from propositions.models import PropositionPage
from realtime.models import Stream


class Desk(models.Model):
    """The sorting desk of an event: the stream on which its editors see each other's decisions."""

    event = models.OneToOneField(EventPage, on_delete=models.CASCADE, related_name="desk")
    stream = models.OneToOneField(Stream, on_delete=models.PROTECT, related_name="desk")
    shows_ledger = models.BooleanField(
        "show readers what became of everything",
        default=False,
        help_text="A public page lists every entry with what became of it, without names.",
    )

    def __str__(self) -> str:
        return f"Desk of {self.event}"


class DeskPlace(models.Model):
    """Where an editor stopped, to go on from there; and when they were last seen, for the others."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk_places")
    event = models.ForeignKey(EventPage, on_delete=models.CASCADE, related_name="desk_places")
    proposition = models.ForeignKey(
        PropositionPage, on_delete=models.CASCADE, null=True, blank=True, related_name="desk_places"
    )
    entry = models.ForeignKey("Entry", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    filters = models.CharField(max_length=500, blank=True, help_text="The filter in use, as a query string.")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "event", "proposition"], name="one_desk_place"),
            models.UniqueConstraint(
                fields=["user", "event"], condition=models.Q(proposition=None), name="one_desk_place_for_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.event}"


class Point(models.Model):
    """One of the things to consider. A target on the sorting desk, and the block with the same id in a briefing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(EventPage, on_delete=models.CASCADE, related_name="points")
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

    event = models.ForeignKey(EventPage, on_delete=models.CASCADE, related_name="themes")
    proposition = models.ForeignKey(
        PropositionPage,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="themes",
    )
    label = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    is_accepted = models.BooleanField(default=False, help_text="By an editor. Suggestions are made anew, these stay.")

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.label


class RefusedTheme(models.Model):
    """A theme that an editor took away, with what lay there, to be brought back. It comes back under its number."""

    event = models.ForeignKey(EventPage, on_delete=models.CASCADE, related_name="refused_themes")
    proposition = models.ForeignKey(
        PropositionPage, on_delete=models.CASCADE, null=True, blank=True, related_name="refused_themes"
    )
    number = models.BigIntegerField(unique=True)
    label = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    is_accepted = models.BooleanField(default=False)
    entries = models.JSONField(default=list, help_text="The numbers of the entries that lay there.")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.label


class Echo(models.Model):
    """Entries in the same words, or nearly. Proposed by the machine; collapsed, kept apart or refused by people."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        KEPT = "kept", "Kept by an editor"
        REFUSED = "refused", "Refused by an editor"

    event = models.ForeignKey(EventPage, on_delete=models.CASCADE, related_name="echoes")
    proposition = models.ForeignKey(
        PropositionPage,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="echoes",
    )
    label = models.CharField(max_length=120, blank=True, help_text="What a campaign is called, if it is one.")
    is_campaign = models.BooleanField(default=False, help_text="The same words from many people.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)

    class Meta:
        verbose_name_plural = "echoes"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.label or f"Echo {self.pk}"


# What looks writes down that it goes on each second or so: after this time, whoever looked has died on the way.
STALLED = datetime.timedelta(minutes=2)
# A worker that runs and has nothing else to do begins within a second.
SLOW_TO_BEGIN = datetime.timedelta(seconds=15)


class DeskLook(models.Model):
    """The last look through a desk's entries, for the same words or for themes: how far it is, what came of it.

    Asked for by an editor and made by the worker, while everybody goes on sorting.
    """

    class Kind(models.TextChoices):
        ECHOES = "echoes", "The same words"
        THEMES = "themes", "Themes"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for the worker"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped by an editor"

    GOING = (State.WAITING, State.RUNNING)

    event = models.ForeignKey(EventPage, on_delete=models.CASCADE, related_name="desk_looks")
    proposition = models.ForeignKey(
        PropositionPage, on_delete=models.CASCADE, null=True, blank=True, related_name="desk_looks"
    )
    kind = models.CharField(max_length=6, choices=Kind.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="desk_looks"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now, help_text="When it last went on, or ended.")
    entries = models.PositiveIntegerField(help_text="How many are looked through.")
    percent = models.PositiveSmallIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True, help_text="Why nothing came of it, if that can be said.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "proposition", "kind"], name="one_desk_look"),
            models.UniqueConstraint(
                fields=["event", "kind"], condition=models.Q(proposition=None), name="one_desk_look_for_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_state_display().lower()}"

    @property
    def is_stalled(self) -> bool:
        """Said to be going on, but nobody is at it: another may be asked for."""
        return self.state in self.GOING and self.moved_at < timezone.now() - STALLED

    @property
    def is_going(self) -> bool:
        return self.state in self.GOING and not self.is_stalled

    @property
    def is_slow_to_begin(self) -> bool:
        return self.state == self.State.WAITING and self.asked_at < timezone.now() - SLOW_TO_BEGIN


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

    event = models.ForeignKey(EventPage, on_delete=models.CASCADE, related_name="entries")
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
    prompt = models.ForeignKey(Prompt, on_delete=models.SET_NULL, null=True, blank=True, related_name="entries")
    comment = models.OneToOneField(Comment, on_delete=models.SET_NULL, null=True, blank=True, related_name="entry")
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

    disposition = models.CharField(max_length=9, choices=Disposition.choices, default=Disposition.UNDECIDED)
    point = models.ForeignKey(Point, on_delete=models.SET_NULL, null=True, blank=True, related_name="entries")
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged")
    set_aside_reason = models.CharField(max_length=200, blank=True)
    theme = models.ForeignKey(Theme, on_delete=models.SET_NULL, null=True, blank=True, related_name="entries")
    echo = models.ForeignKey(Echo, on_delete=models.SET_NULL, null=True, blank=True, related_name="entries")
    is_starred = models.BooleanField("starred by an editor", default=False)
    is_starred_in_room = models.BooleanField("starred in the room", default=False)
    table_name = models.CharField(max_length=60, blank=True)
    version = models.PositiveIntegerField(
        default=0, help_text="Counts decisions, so that two editors notice each other."
    )

    source_edited_at = models.DateTimeField(null=True, blank=True)
    source_withdrawn_at = models.DateTimeField(null=True, blank=True)
    source_hidden_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    # Set by `under_points()`: the point it stands under, by itself or through the entry it is merged into.
    rests_on: uuid.UUID

    objects: ClassVar[EntryQuerySet] = EntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "entries"
        ordering = ("said_at", "pk")
        indexes = [
            models.Index(fields=["event", "proposition", "disposition", "said_at"], name="entry_on_desk"),
            models.Index(fields=["event", "disposition", "said_at"], name="entry_on_all_desk"),
            # What is counted anew at each decision is read from these alone; the rows, with their words, are left be.
            models.Index(
                fields=[
                    *("event", "proposition", "disposition", "theme", "channel", "session", "prompt", "consent"),
                    *("is_starred", "is_starred_in_room", "source_edited_at", "source_hidden_at"),
                    *("source_withdrawn_at", "erased_at"),
                ],
                name="entry_for_filters",
            ),
            models.Index(
                fields=["event", "proposition", "author_key", "headcount", "recorded_at", "erased_at"],
                name="entry_for_people",
            ),
            models.Index(fields=["point", "merged_into", "author_key", "headcount"], name="entry_for_points"),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def is_quotable(self) -> bool:
        """Whether the author allows quoting and the source still stands."""
        return self.consent != Consent.NONE and not self.source_note

    @property
    def source_note(self) -> str:
        """What became of the source since, if it no longer stands; empty otherwise. An edit leaves it standing."""
        if self.erased_at:
            return "Erased"
        if self.source_withdrawn_at:
            return "Withdrawn by its author"
        if self.source_hidden_at:
            return "Hidden by a moderator"
        return ""

    def state(self) -> dict[str, Any]:
        """What editors have decided about it, as kept in the decision log."""
        return {
            "disposition": str(self.disposition),
            "point": str(self.point_id) if self.point_id else None,
            "merged_into": self.merged_into_id,
            "set_aside_reason": self.set_aside_reason,
            "is_starred": self.is_starred,
            "theme": self.theme_id,
            "echo": self.echo_id,
            "proposition": self.proposition_id,
        }


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
    spans = models.JSONField(help_text="Ordered [start, end] character offsets in the entry's text.")
    text = models.TextField(help_text="The words as shown, with … and [brackets] where allowed.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True, help_text="When it was taken back. Undo brings it back.")

    objects: ClassVar[StandingExcerptManager] = StandingExcerptManager()
    with_removed: ClassVar[models.Manager] = ExcerptQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "pk")

    def __str__(self) -> str:
        return self.text[:80]


class Decision(models.Model):
    """Something an editor decided about an entry. Never changed; undoing is another decision.

    The database refuses changes. Two it must let pass: an actor becomes empty when their account goes, and decisions
    are deleted with their entries, when an event is deleted or an import taken back. Django takes those out one table
    after the other, decisions before entries, so that no trigger can tell this from any other deletion. No code of the
    project deletes a decision by itself.
    """

    class Kind(models.TextChoices):
        PLACED = "placed", "placed it under a point"
        UNPLACED = "unplaced", "put it back among the undecided"
        SET_ASIDE = "set_aside", "set it aside"
        MERGED = "merged", "merged it into another"
        STARRED = "starred", "starred it"
        UNSTARRED = "unstarred", "took its star away"
        THEMED = "themed", "moved it to a theme"
        FILED = "filed", "moved it to another proposition"
        EXCERPTED = "excerpted", "picked an excerpt"
        EXCERPT_REMOVED = "excerpt_removed", "took an excerpt back"
        ADOPTED = "adopted", "took over the new words of its source"
        UNDONE = "undone", "undid a decision"

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="decisions")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    # What changed, before and after: parts of `Entry.state()`, or the id of an excerpt. Never words of the source,
    # so that erasing an entry leaves none behind here.
    before = models.JSONField()
    after = models.JSONField()
    batch = models.UUIDField(default=uuid.uuid4, help_text="Shared by decisions made in one go.")
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
        indexes = [
            models.Index(fields=["batch"], name="decision_batch"),
            models.Index(fields=["actor", "-id"], name="decision_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.entry_id}"


class FormerWords(models.Model):
    """What an entry said before an editor took over new words of its source: kept so that this can be undone.

    Goes when it is undone, and when the entry is erased. Never in the log itself, which nothing is taken out of.
    """

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="former_words")
    text = models.TextField()
    text_hash = models.CharField(max_length=64)
    taken_hash = models.CharField(max_length=64, help_text="Of the words that were taken over.")
    source_edited_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "former words"

    def __str__(self) -> str:
        return self.text[:80]


class TextVector(models.Model):
    """What the optional encoder made of a text, kept because it takes a while. Found by the text's hash alone."""

    text_hash = models.CharField(primary_key=True, max_length=64)
    encoder = models.CharField(max_length=20)
    numbers = models.BinaryField(help_text="Half-precision numbers, one after the other.")

    def __str__(self) -> str:
        return self.text_hash[:8]


class WordsLink(models.Model):
    """A link that shows where somebody's words went to whoever holds it. Only the token's hash is stored."""

    token_hash = models.CharField(max_length=64, unique=True)
    author_keys = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Link {self.pk}"


class Wish(models.Model):
    """Somebody who wants to be told once what became of their words. The address stands apart, in `WishContact`."""

    event = models.ForeignKey(EventPage, on_delete=models.CASCADE, related_name="wishes")
    author_key = models.CharField(max_length=64, help_text="The first of their keys: one wish a person and event.")
    author_keys = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "wishes"
        constraints = [models.UniqueConstraint(fields=["event", "author_key"], name="one_wish_per_person")]

    def __str__(self) -> str:
        return f"Wish {self.pk}"


class WishContact(models.Model):
    """Where to send one message. Deleted once it is sent."""

    wish = models.OneToOneField(Wish, on_delete=models.CASCADE, related_name="contact")
    email = models.EmailField()

    def __str__(self) -> str:
        return f"Address of wish {self.wish_id}"
