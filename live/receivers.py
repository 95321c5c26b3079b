"""A session's page brings its room with it, however the page was made."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from wagtail.signals import page_published

from discussion.models import Comment
from discussion.signals import comment_hidden, comment_withdrawn
from live.actions import ensure_live_session, retract_comment
from live.models import LiveSessionPage


@receiver(post_save, sender=LiveSessionPage)
def make_room(instance: LiveSessionPage, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw:
        ensure_live_session(page=instance)


@receiver(page_published, sender=LiveSessionPage)
def name_facilitators(instance: LiveSessionPage, **kwargs: Any) -> None:
    ensure_live_session(page=instance)


@receiver([comment_hidden, comment_withdrawn], dispatch_uid="live.retract_comment")
def take_comment_off_screens(comment: Comment, **kwargs: Any) -> None:
    retract_comment(comment=comment)
