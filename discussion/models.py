"""Comments, in threads, on pages that say whether they may be discussed."""

import datetime

from django.db import models
from django.utils import timezone
from django_comments_xtd.models import XtdComment
from wagtail.models import Page

from people.consent import Consent, quote_label
from people.models import Person


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


class CommentState(models.TextChoices):
    HELD = "held", "Awaiting moderation"
    PUBLISHED = "published", "Published"
    HIDDEN = "hidden", "Hidden"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Comment(XtdComment):
    """A comment on a page. Written only by `discussion.actions`."""

    # The default reverse name would hide the library's own field `comment`, which holds the text.
    xtdcomment_ptr = models.OneToOneField(
        XtdComment,
        on_delete=models.CASCADE,
        parent_link=True,
        primary_key=True,
        related_name="summit_comment",
    )
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="comments")
    is_root = models.BooleanField(default=True)
    state = models.CharField(
        max_length=10, choices=CommentState.choices, default=CommentState.HELD
    )
    hold_reason = models.CharField(max_length=200, blank=True)
    hide_reason = models.CharField(max_length=200, blank=True)
    consent = models.CharField(
        max_length=10, choices=Consent.choices, default=Consent.ROLE
    )
    author_role = models.CharField(max_length=160, blank=True)
    person = models.ForeignKey(
        Person,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="comments",
    )
    author_key = models.CharField(max_length=64, db_index=True)
    statement_version = models.PositiveSmallIntegerField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(
                fields=["page", "is_root", "-xtdcomment_ptr"], name="comment_page_root"
            )
        ]

    @property
    def author_label(self) -> str:
        """The name shown beside the comment on the site."""
        return self.person.name if self.person else self.user_name

    @property
    def quote_label(self) -> str:
        """How the author appears beside a quotation; empty if they are not to be quoted."""
        return quote_label(self.consent, name=self.author_label, role=self.author_role)
