"""Questions about live sessions and contributions."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from people.permissions import AnyUser, is_moderator

if TYPE_CHECKING:
    from live.models import Participant


class LiveSessionQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def with_code(self, code: str) -> Self:
        """By a code as typed: any case, spaces and hyphens anywhere."""
        return self.filter(code="".join(character for character in code.upper() if character.isalnum()))

    def running(self) -> Self:
        """Those people can be in now."""
        return self.filter(state__in=("open", "paused"), page__live=True)


class ContributionQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def shown(self) -> Self:
        """What anybody may see."""
        return self.filter(state="shown")

    def visible_to(self, user: AnyUser | None = None, *, participant: "Participant | None" = None) -> Self:
        """What is shown; one's own whatever became of it; all of it for moderators and the session's facilitators."""
        if is_moderator(user):
            return self
        visible = Q(state="shown")
        if participant is not None:
            visible |= Q(participant=participant.pk)
        if user is not None and user.is_authenticated and user.is_active:
            # A subquery, not a join: a session has several facilitators, and rows must not repeat.
            visible |= Q(session__in=user.facilitated_sessions.values("pk")) | Q(participant__user=user.pk)
        return self.filter(visible)
