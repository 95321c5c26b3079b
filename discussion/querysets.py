"""Questions about comments and mentions."""

from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django_comments_xtd.models import XtdCommentManager
from wagtail.models import Page

from discussion.choices import CommentState, MentionState
from people.keys import author_key_of_user
from people.permissions import is_moderator

if TYPE_CHECKING:
    from people.models import User


class CommentQuerySet(models.QuerySet):
    def published(self) -> Self:
        """In sight of everybody who may see the page."""
        return self.filter(state=CommentState.PUBLISHED)

    def held(self) -> Self:
        return self.filter(state=CommentState.HELD)

    def roots(self) -> Self:
        """Comments on the page itself, not replies."""
        return self.filter(is_root=True)

    def authored_by(self, user: "User | AnonymousUser | None", device_key: str = "") -> Self:
        """What this account, or this device without an account, said."""
        own = Q(pk__in=[])
        if user is not None and user.is_authenticated:
            own |= Q(author_key=author_key_of_user(user))
        if device_key:
            own |= Q(device_key=device_key) | Q(confirming_device_key=device_key)
        return self.filter(own)

    def visible_to(self, user: "User | AnonymousUser | None", device_key: str = "") -> Self:
        """What this reader may see: what is published on live pages, and what they said themselves.

        Moderators see everything. Every page, feed, search, export and e-mail reads comments through this. Pages with
        view restrictions guard themselves; lists that gather from several pages add `on_public_pages()`.
        """
        if is_moderator(user):
            return self
        in_sight = Q(state=CommentState.PUBLISHED, page__live=True)
        own = Q(pk__in=[])
        if user is not None and user.is_authenticated:
            own |= Q(author_key=author_key_of_user(user))
        if device_key:
            own |= Q(device_key=device_key) | Q(confirming_device_key=device_key)
        return self.filter(in_sight | own)

    def on_public_pages(self) -> Self:
        """Only on pages that everybody may open."""
        return self.filter(page__in=Page.objects.live().public())


class CommentManager(XtdCommentManager.from_queryset(CommentQuerySet)):  # type: ignore[misc]
    """Comments without the library's joins and order on every query."""

    def get_queryset(self) -> CommentQuerySet:
        return CommentQuerySet(self.model, using=self._db)


class MentionQuerySet(models.QuerySet):
    def published(self) -> Self:
        return self.filter(state=MentionState.PUBLISHED)
