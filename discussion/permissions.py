"""Who may do what in a discussion. The same answers serve forms, templates and actions."""

import datetime

from django.utils import timezone
from wagtail.models import Page

from discussion.choices import CommentState
from discussion.models import Comment, DiscussedPageMixin
from people.keys import author_key_of_user
from people.permissions import AnyUser, is_editor, is_moderator

EDITING_TIME = datetime.timedelta(minutes=15)


def can_comment(actor: AnyUser | None, page: Page, moment: datetime.datetime | None = None) -> bool:
    """Anybody may, with or without an account, while the page is published and its discussion is open."""
    return page.live and isinstance(page, DiscussedPageMixin) and page.discussion_is_open(moment)


def is_author(actor: AnyUser | None, comment: Comment, device_key: str = "") -> bool:
    """Whether the account, or the device without an account, is the one the comment came from."""
    if actor is not None and actor.is_authenticated and comment.author_key == author_key_of_user(actor):
        return True
    return bool(device_key) and device_key in (comment.device_key, comment.confirming_device_key)


def is_editing_time(comment: Comment, moment: datetime.datetime | None = None) -> bool:
    return (moment or timezone.now()) < comment.created_at + EDITING_TIME


def can_edit(
    actor: AnyUser | None, comment: Comment, device_key: str = "", moment: datetime.datetime | None = None
) -> bool:
    """The author, for a quarter of an hour, unless it was hidden or withdrawn."""
    return (
        comment.state in (CommentState.HELD, CommentState.PUBLISHED)
        and is_author(actor, comment, device_key)
        and is_editing_time(comment, moment)
    )


def can_withdraw(actor: AnyUser | None, comment: Comment, device_key: str = "") -> bool:
    """The author, at any time, also after the discussion has closed."""
    return comment.state != CommentState.WITHDRAWN and is_author(actor, comment, device_key)


def can_support(actor: AnyUser | None, comment: Comment, device_key: str = "") -> bool:
    """Anybody but the author, for what everybody can see."""
    return comment.state == CommentState.PUBLISHED and not is_author(actor, comment, device_key)


def can_flag(actor: AnyUser | None, comment: Comment, device_key: str = "") -> bool:
    return can_support(actor, comment, device_key)


def can_moderate(actor: AnyUser | None) -> bool:
    return is_moderator(actor)


def can_look_for_injected(actor: AnyUser | None) -> bool:
    """May see the report of injected texts and decide about it; changing a page needs the right to publish it too."""
    return is_moderator(actor) or is_editor(actor)
