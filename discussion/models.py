"""Comments, in threads, on pages that say whether they may be discussed; and links to those pages from elsewhere."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Value, When
from django.urls import reverse
from django.utils import timezone
from django_comments_xtd.models import XtdComment
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.models import Page, Revision

from content.injected import REASONS, Kind
from discussion.choices import (
    CommentState,
    Frequency,
    MailKind,
    MentionKind,
    MentionState,
    NoticeState,
    Override,
    SentState,
    SuspectPlace,
    SuspectState,
)
from discussion.policies import ModeratorsPolicy
from discussion.querysets import CommentManager, MentionQuerySet
from discussion.text import folded
from events.models import EventPage
from people.consent import Consent, quote_label
from people.models import Person

# The library's own column for the name takes no more.
NAME_LENGTH = 50
ROLE_LENGTH = 160
BODY_LENGTH = 10_000
# A look through all texts that has not gone on for this long was stopped with its worker.
STALLED = datetime.timedelta(minutes=5)


@dataclass(frozen=True)
class Stand:
    """How a page stands to somebody who comments on it."""

    is_open: bool
    version: int | None
    is_facilitator: bool


class DiscussedPageMixin(models.Model):
    """For page types that can be commented on. `discussion` knows its pages only through these questions."""

    class Meta:
        abstract = True

    def discussion_is_open(self, moment: datetime.datetime | None = None) -> bool:
        """Whether comments are taken at a moment (now by default)."""
        return True

    def facilitator_user_ids(self) -> set[int]:
        """Accounts whose comments are marked as the facilitator's."""
        return set()

    def statement_version_number(self) -> int | None:
        """The version of the text that a comment made now would answer; None where versions are not kept."""
        return None

    def statement_changes_url(self, since: int) -> str:
        """Where a reader sees what changed in the text since a version; empty if nowhere."""
        return ""

    def discussion_stand(self, person: Person | None, moment: datetime.datetime) -> Stand:
        """All that a new comment by a person needs to know. A page may find it in fewer queries than one by one."""
        return Stand(
            is_open=self.discussion_is_open(moment),
            version=self.statement_version_number(),
            is_facilitator=person is not None and person.user_id in self.facilitator_user_ids(),
        )


class Comment(XtdComment):
    """A comment on a page. Written only by `discussion.actions`.

    Three tables hold it: the library's two, kept so that its tools read our threads, and ours. Who wrote it stands
    in `author_key`; the address behind the key stands in `Contact`, never here: the library's `user_email`,
    `user_url` and `ip_address` stay empty.
    """

    # The default reverse name would hide the library's own field `comment`, which holds the text.
    xtdcomment_ptr = models.OneToOneField(
        XtdComment,
        on_delete=models.CASCADE,
        parent_link=True,
        primary_key=True,
        related_name="summit_comment",
    )
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="comments")
    # The library's tables know the thread too, but an index across tables cannot be had.
    root = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="thread")
    is_root = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=CommentState.choices, default=CommentState.HELD)
    is_listed = models.BooleanField(
        default=False,
        help_text="Stands in its thread: as a comment, or as the place of one that was there.",
    )
    hold_reason = models.CharField(max_length=200, blank=True)
    hide_reason = models.CharField(max_length=200, blank=True)
    consent = models.CharField(max_length=10, choices=Consent.choices, default=Consent.ROLE)
    author_role = models.CharField("role and organisation", max_length=ROLE_LENGTH, blank=True)
    is_name_shown = models.BooleanField(default=True)
    is_facilitator = models.BooleanField(default=False, help_text="Said by a facilitator of the page.")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="comments")
    author_key = models.CharField(max_length=64, db_index=True)
    device_key = models.CharField(max_length=64, blank=True)
    confirming_device_key = models.CharField(max_length=64, blank=True)
    # One text by one person in one place and day is one comment, however often it is sent.
    fingerprint = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 empty is not unique
    statement_version = models.PositiveSmallIntegerField(null=True, blank=True)
    support_count = models.PositiveIntegerField(default=0)
    flag_count = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    is_imported = models.BooleanField(default=False, help_text="Said on another site, and never news here.")

    objects: ClassVar[CommentManager] = CommentManager()

    class Meta:
        ordering = ("pk",)
        indexes = [
            models.Index(fields=["page", "is_root", "is_listed", "xtdcomment_ptr"], name="comment_page_root"),
            models.Index(
                fields=["page", "is_root", "is_listed", "support_count", "xtdcomment_ptr"],
                name="comment_page_supported",
            ),
            models.Index(fields=["root", "is_listed", "xtdcomment_ptr"], name="comment_thread"),
            models.Index(fields=["page", "state"], name="comment_page_state"),
            models.Index(fields=["state", "flag_count"], name="comment_queue"),
            models.Index(fields=["device_key"], name="comment_device", condition=~models.Q(device_key="")),
            models.Index(
                fields=["confirming_device_key"],
                name="comment_confirming_device",
                condition=~models.Q(confirming_device_key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author_label}: {self.comment[:60]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save without the library's rewriting of the whole thread.

        Numbers only grow, so a comment's own number is its place in the order; a reply's is above its parent's. Four
        statements for a root or a reply, however long the thread.
        """
        if not self._state.adding:
            models.Model.save(self, *args, **kwargs)
            return
        with transaction.atomic(savepoint=False):
            models.Model.save(self, force_insert=True)
            self._take_place()

    def _take_place(self) -> None:
        self.order = self.pk
        if self.is_root:
            self.thread_id = self.parent_id = self.pk
            XtdComment.norel_objects.filter(pk=self.pk).update(order=self.pk, thread_id=self.pk, parent_id=self.pk)
            return
        XtdComment.norel_objects.filter(pk__in=[self.pk, self.root_id]).update(
            order=Case(When(pk=self.pk, then=Value(self.pk)), default=F("order")),
            nested_count=Case(
                When(pk=self.root_id, then=F("nested_count") + Value(int(self.is_listed))), default=F("nested_count")
            ),
        )

    def get_absolute_url(self, anchor_pattern: str = "") -> str:
        """An address that stays, and opens the right page of the thread."""
        return reverse("comments-permalink", args=[self.pk])

    @property
    def anchor(self) -> str:
        return f"comment-{self.pk}"

    @property
    def body(self) -> str:
        """The text as typed. (The library calls it `comment`.)"""
        return self.comment

    @property
    def author_name(self) -> str:
        """The name given, whether it is shown or not."""
        return self.person.name if self.person else self.user_name

    @property
    def author_label(self) -> str:
        """The name shown beside the comment on the site: the role alone if the author wished so."""
        return self.author_name if self.is_name_shown else (self.author_role or "Name withheld")

    @property
    def quote_label(self) -> str:
        """How the author appears beside a quotation; empty if they are not to be quoted."""
        return quote_label(self.consent, name=self.author_label, role=self.author_role)


class CommentVersion(models.Model):
    """A text that a comment had before its author changed it."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    body = models.TextField()
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["comment", "number"], name="one_comment_version_per_number")]

    def __str__(self) -> str:
        return f"Version {self.number}"


class Contact(models.Model):
    """The address behind an author key, apart from everything its owner said. Deleting the row forgets the person."""

    author_key = models.CharField(max_length=64, primary_key=True)
    email = models.EmailField("e-mail address")
    confirmed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.author_key[:12]


class PendingComment(models.Model):
    """A comment whose author has yet to follow the link in an e-mail.

    The link's token is stored hashed, and made only when the mail is written. Once confirmed the row keeps nothing
    but the way to the comment, so that following the link again leads there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 empty until the mail is written
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    parent = models.ForeignKey(Comment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH, blank=True)
    email = models.EmailField(blank=True)
    email_key = models.CharField(max_length=64)
    role = models.CharField(max_length=ROLE_LENGTH, blank=True)
    is_name_shown = models.BooleanField(default=True)
    consent = models.CharField(max_length=10, choices=Consent.choices)
    body = models.TextField(blank=True)
    statement_version = models.PositiveSmallIntegerField(null=True, blank=True)
    hold_reason = models.CharField(max_length=200, blank=True)
    wants_answers = models.BooleanField(default=False)
    device_key = models.CharField(max_length=64, blank=True)
    network_key = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    comment = models.ForeignKey(Comment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["network_key", "created_at"], name="pending_network"),
            models.Index(fields=["created_at"], name="pending_age"),
        ]

    def __str__(self) -> str:
        return f"Unconfirmed comment {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether its link can still be followed."""
        return self.confirmed_at is None and self.expires_at > timezone.now()

    @property
    def author_label(self) -> str:
        """The name that would be shown beside the comment."""
        return self.name if self.is_name_shown else self.role


class ConfirmationMail(models.Model):
    """One e-mail sent to an address, so that nobody can make us send many. Says nothing of who it was."""

    email_key = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=MailKind.choices, default=MailKind.CONFIRMATION)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["email_key", "sent_at"], name="mail_allowance")]

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H.%M}"


class Follower(models.Model):
    """An address that somebody wants news sent to. Deleting the row ends all mail to it, and forgets it.

    Apart from what was said: `author_key` only tells whose own words are no news to them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address")
    email_key = models.CharField(max_length=64, unique=True)
    author_key = models.CharField(max_length=64, db_index=True)
    last_digest_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Follower {self.pk}"


class Follow(models.Model):
    """A follower's wish to be told what is said on a page, or in one thread of it. Of use once it is confirmed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    follower = models.ForeignKey(Follower, on_delete=models.CASCADE, related_name="follows")
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    thread = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="follows")
    frequency = models.CharField(max_length=10, choices=Frequency.choices, default=Frequency.WEEKLY)
    token_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 empty until the mail is written
    network_key = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["follower", "page"], condition=models.Q(thread=None), name="one_follow_per_page"
            ),
            models.UniqueConstraint(fields=["follower", "thread"], name="one_follow_per_thread"),
        ]

    def __str__(self) -> str:
        return f"Follow {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether its link can still be followed."""
        return self.confirmed_at is None and self.expires_at is not None and self.expires_at > timezone.now()


class News(models.Model):
    """A comment that a follower is to be told of, once. Kept a while after, so that nobody is told twice."""

    follow = models.ForeignKey(Follow, on_delete=models.CASCADE, related_name="news")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    told_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "news"
        constraints = [models.UniqueConstraint(fields=["follow", "comment"], name="one_news_per_comment")]
        indexes = [models.Index(fields=["follow"], name="news_untold", condition=models.Q(told_at=None))]

    def __str__(self) -> str:
        return f"News of {self.comment_id}"


class Support(models.Model):
    """One person's, or one device's, support for a comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="supports")
    voter_key = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "voter_key"], name="one_support_per_voter")]

    def __str__(self) -> str:
        return f"Support for {self.comment_id}"


class Flag(models.Model):
    """Somebody's wish that a moderator look at a comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reader_flags")
    voter_key = models.CharField(max_length=64)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("created_at",)
        constraints = [models.UniqueConstraint(fields=["comment", "voter_key"], name="one_flag_per_voter")]

    def __str__(self) -> str:
        return self.reason or "Flagged"


class Mention(models.Model):
    """A link to a page of ours, from another site or from another page of ours."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="mentions")
    source_page = models.ForeignKey(Page, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    source_url = models.URLField(max_length=500)
    title = models.CharField(max_length=255, blank=True)
    site_name = models.CharField(max_length=160, blank=True)
    excerpt = models.TextField(blank=True, help_text="The words around the link.")
    kind = models.CharField(max_length=10, choices=MentionKind.choices)
    state = models.CharField(max_length=10, choices=MentionState.choices, default=MentionState.HELD)
    hold_reason = models.CharField(max_length=200, blank=True)
    hide_reason = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When the link was last seen to stand there.")
    failed_checks = models.PositiveSmallIntegerField(default=0)

    objects = MentionQuerySet.as_manager()

    class Meta:
        ordering = ("received_at", "pk")
        constraints = [models.UniqueConstraint(fields=["page", "source_url"], name="one_mention_per_source")]
        indexes = [
            models.Index(fields=["page", "state", "received_at"], name="mention_on_page"),
            models.Index(fields=["state", "checked_at"], name="mention_to_check"),
        ]

    def __str__(self) -> str:
        return self.title or self.source_url

    @property
    def is_internal(self) -> bool:
        return self.kind == MentionKind.INTERNAL

    @property
    def address(self) -> str:
        """Where the link stands: the page's address now if it is ours, since addresses of pages change."""
        return (self.source_page.url or self.source_url) if self.source_page else self.source_url


class MentionNotice(models.Model):
    """Another site's word that a page of theirs links to one of ours. Looked at by a task, answered at its address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=MentionKind.choices)
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    source_url = models.URLField(max_length=500)
    target_url = models.URLField(max_length=500)
    source_host = models.CharField(max_length=255)
    network_key = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=NoticeState.choices, default=NoticeState.WAITING)
    answer = models.CharField(max_length=300, blank=True)
    mention = models.ForeignKey(Mention, on_delete=models.SET_NULL, null=True, blank=True, related_name="notices")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    received_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["source_host", "received_at"], name="notice_host"),
            models.Index(fields=["network_key", "received_at"], name="notice_network"),
            models.Index(fields=["state", "due_at"], name="notice_due"),
        ]

    def __str__(self) -> str:
        return f"{self.source_url} → {self.target_url}"


class SentMention(models.Model):
    """One link from a page of ours to another site, and whether that site was told of it."""

    page = models.ForeignKey(Page, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    source_url = models.URLField(max_length=500)
    target_url = models.URLField(max_length=500)
    is_linked = models.BooleanField(default=True, help_text="The link still stands in the page.")
    state = models.CharField(max_length=10, choices=SentState.choices, default=SentState.WAITING)
    kind = models.CharField(max_length=10, choices=MentionKind.choices, blank=True)
    endpoint = models.CharField(max_length=2000, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [models.UniqueConstraint(fields=["source_url", "target_url"], name="one_sent_mention_per_link")]
        indexes = [models.Index(fields=["state", "due_at"], name="sent_mention_due")]

    def __str__(self) -> str:
        return f"{self.source_url} → {self.target_url}"


class GoneAddress(models.Model):
    """Where a page of ours stood that was taken down: whoever asks is told that it is gone, not that it never was."""

    path = models.CharField(max_length=500, unique=True)
    gone_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.path


class SuspectText(models.Model):
    """Words or a link in a text of ours that may have been injected, and what a person decided about them.

    Found by `discussion.injected`; the same words in one text are one row, however often they stand there.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="suspect_texts")
    kind = models.CharField(max_length=20, choices=[(kind.value, reason) for kind, reason in REASONS.items()])
    quote = models.CharField(max_length=200)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    part = models.CharField("part of the text", max_length=200, blank=True)
    times = models.PositiveSmallIntegerField(default=1)
    place = models.CharField(max_length=10, choices=SuspectPlace.choices, default=SuspectPlace.PUBLISHED)
    revision = models.ForeignKey(
        Revision,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="In which it came; empty if it stands in none, and so was not written by an editor.",
    )
    came_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=SuspectState.choices, default=SuspectState.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    undo = models.JSONField(default=dict, blank=True, help_text="The revisions before and after it was taken out.")
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-found_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "kind", "quote"], condition=models.Q(page__isnull=False), name="suspect_once_per_page"
            ),
            models.UniqueConstraint(
                fields=["comment", "kind", "quote"],
                condition=models.Q(comment__isnull=False),
                name="suspect_once_per_comment",
            ),
            models.CheckConstraint(
                condition=models.Q(page__isnull=False) ^ models.Q(comment__isnull=False), name="suspect_in_one_text"
            ),
        ]
        indexes = [models.Index(fields=["state", "place"], name="suspect_to_look_at")]

    def __str__(self) -> str:
        return self.quote

    @property
    def subject(self) -> str:
        """The text it stands in, by name."""
        return str(self.page) if self.page else f"Comment by {self.comment.author_label}" if self.comment else ""

    @property
    def reason(self) -> str:
        return REASONS[Kind(self.kind)]

    @property
    def came_by(self) -> str:
        """Who made the revision or wrote the comment, as they are called now; empty if nobody is known to have."""
        if self.comment:
            return self.comment.author_label
        if self.revision is None:
            return ""
        return self.revision.user.display_name if self.revision.user else "nobody signed in"


class TextScan(models.Model):
    """One look through all texts for what may have been injected."""

    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now, help_text="When it last went on.")
    finished_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0, help_text="How many were new.")

    class Meta:
        ordering = ("-started_at", "-pk")

    def __str__(self) -> str:
        return f"Scan of {self.started_at:%Y-%m-%d %H.%M}"

    @property
    def is_running(self) -> bool:
        """Not finished, and going on: one whose worker was stopped is not."""
        return self.finished_at is None and self.moved_at > timezone.now() - STALLED


RULES_HELP = """
<p>A comment that a rule holds is seen by its author, who reads why, and by moderators, until one of them releases or
hides it. Rules only ever hold; nothing is hidden or deleted by a rule. What facilitators, editors and moderators say
never waits. An event may say otherwise for the pages below it (Settings, “Rules of events”).</p>
"""


def phrases_in(text: str) -> list[str]:
    """Words and phrases, one a line, as they are looked for."""
    return [phrase for line in text.splitlines() if (phrase := folded(line))]


@register_setting(icon="comment")
class DiscussionSettings(BaseGenericSetting):
    """Which comments wait for a moderator before others see them. What staff and facilitators say never waits."""

    holds_everything = models.BooleanField("hold every comment", default=False)
    holds_first_posts = models.BooleanField(
        "hold first comments",
        default=True,
        help_text="Of people without an account, until one of theirs has been released.",
    )
    holds_links = models.BooleanField("hold comments with links", default=True)
    holds_spam = models.BooleanField(
        "hold what reads like advertising",
        default=True,
        help_text="As the filter has learned from comments that moderators hid as advertising or released.",
    )
    held_words = models.TextField(
        "hold comments with these words",
        blank=True,
        help_text="One word or phrase a line. Capitals make no difference.",
    )

    panels = [
        HelpPanel(RULES_HELP),
        MultiFieldPanel(
            [
                FieldPanel("holds_everything"),
                FieldPanel("holds_first_posts"),
                FieldPanel("holds_links"),
                FieldPanel("holds_spam"),
                FieldPanel("held_words"),
            ],
            heading="What waits for a moderator",
        ),
    ]

    class Meta:
        verbose_name = "discussion"

    @classmethod
    def get_permission_policy(cls) -> ModeratorsPolicy:
        """Wagtail asks this; moderators set their own rules."""
        return ModeratorsPolicy(cls, {"change"})

    def phrases(self) -> list[str]:
        return phrases_in(self.held_words)


class EventRules(models.Model):
    """What one event does otherwise: for every page below it."""

    event = models.OneToOneField(EventPage, on_delete=models.CASCADE, related_name="discussion_rules")
    holds_everything = models.CharField("hold every comment", max_length=3, choices=Override.choices, blank=True)
    holds_first_posts = models.CharField(
        "hold first comments",
        max_length=3,
        choices=Override.choices,
        blank=True,
        help_text="Of people without an account, until one of theirs has been released.",
    )
    holds_links = models.CharField("hold comments with links", max_length=3, choices=Override.choices, blank=True)
    holds_spam = models.CharField(
        "hold what reads like advertising", max_length=3, choices=Override.choices, blank=True
    )
    held_words = models.TextField(
        "hold comments with these words too",
        blank=True,
        help_text="One word or phrase a line, besides those held everywhere. Capitals make no difference.",
    )

    panels = [
        HelpPanel(RULES_HELP),
        FieldPanel("event"),
        MultiFieldPanel(
            [
                FieldPanel("holds_everything"),
                FieldPanel("holds_first_posts"),
                FieldPanel("holds_links"),
                FieldPanel("holds_spam"),
                FieldPanel("held_words"),
            ],
            heading="What waits for a moderator at this event",
        ),
    ]

    class Meta:
        verbose_name = "rules of an event"
        verbose_name_plural = "rules of events"

    def __str__(self) -> str:
        return self.event.title

    def phrases(self) -> list[str]:
        return phrases_in(self.held_words)


class SpamFilter(models.Model):
    """What moderators' decisions have taught about advertising, at one time. The newest that is in force is asked."""

    number = models.PositiveIntegerField(unique=True)
    learned_at = models.DateTimeField(default=timezone.now)
    is_in_force = models.BooleanField(default=True)
    spam_count = models.PositiveIntegerField()
    good_count = models.PositiveIntegerField()
    decided_count = models.PositiveIntegerField(help_text="How many of them are comments of this site.")
    # Of texts left out while learning, ten times over: of what it would hold, how much is advertising; and how much
    # of the advertising it would hold.
    precision = models.FloatField()
    recall = models.FloatField()
    weights = models.JSONField(help_text="For each sign, how much it speaks for advertising.")
    bias = models.FloatField()

    class Meta:
        ordering = ("-number",)
        verbose_name = "version of the advertising filter"
        verbose_name_plural = "versions of the advertising filter"

    def __str__(self) -> str:
        return f"Version {self.number}"
