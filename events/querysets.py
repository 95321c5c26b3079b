"""Questions about events."""

from typing import Self

from wagtail.models import PageManager, PageQuerySet


class EventPageQuerySet(PageQuerySet):
    def current(self) -> Self:
        """Live events, the one marked current first, then the latest."""
        return self.live().public().order_by("-is_current", "-starts_on")


class EventPageManager(PageManager.from_queryset(EventPageQuerySet)):  # type: ignore[misc]
    """Events, with `EventPageQuerySet`'s questions."""
