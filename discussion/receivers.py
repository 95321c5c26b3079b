"""What a discussion does when something happens elsewhere."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver
from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished

from discussion import follows, spam, tasks
from discussion.mentions.actions import (
    forget_internal_mentions,
    note_links_elsewhere,
    note_page_gone,
    record_internal_mentions,
)
from discussion.mentions.tasks import hand_over_sent
from discussion.models import Comment
from discussion.signals import comment_hidden, comment_published, comment_waits_for_check


@receiver(page_published, dispatch_uid="discussion.page_published")
def on_page_published(instance: Page, **kwargs: Any) -> None:
    record_internal_mentions(page=instance)
    hand_over_sent(note_links_elsewhere(page=instance))


@receiver(page_unpublished, dispatch_uid="discussion.page_unpublished")
def on_page_unpublished(instance: Page, **kwargs: Any) -> None:
    forget_internal_mentions(page=instance)
    hand_over_sent(note_page_gone(page=instance))


@receiver(comment_published, dispatch_uid="discussion.note_news")
def on_comment_published(comment: Comment, **kwargs: Any) -> None:
    """Who follows is looked up by a task: whoever posts does not wait for it, however many there are."""
    if follows.is_news(comment):
        thread_id = comment.root_id or comment.pk
        transaction.on_commit(lambda: follows.note_news.enqueue(comment.pk, comment.page_id, thread_id))


@receiver(comment_hidden, dispatch_uid="discussion.learn")
def on_comment_hidden(comment: Comment, **kwargs: Any) -> None:
    """A decision that teaches: the filter need not wait for the night."""
    if comment.hide_reason.startswith(spam.ADVERTISING):
        transaction.on_commit(lambda: tasks.learn.enqueue())


@receiver(comment_waits_for_check, dispatch_uid="discussion.check")
def on_comment_waits_for_check(comment: Comment, **kwargs: Any) -> None:
    tasks.check.enqueue(comment.pk)
