"""Questions about entries and excerpts."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from people.consent import Consent

if TYPE_CHECKING:
    from gathering.models import Entry


class EntryQuerySet(models.QuerySet["Entry"]):
    def on_desk(self, event: Any, proposition: Any | None = None) -> Self:
        """The entries of an event, or of one of its propositions. Takes objects or ids."""
        entries = self.filter(event=event)
        return entries if proposition is None else entries.filter(proposition=proposition)

    def undecided(self) -> Self:
        return self.filter(disposition="undecided")

    def in_order(self) -> Self:
        """As they were said."""
        return self.order_by("said_at", "pk")

    def after(self, entry: "Entry") -> Self:
        """Said later than an entry, in order."""
        return self.filter(
            Q(said_at__gt=entry.said_at) | Q(pk__gt=entry.pk),
            # Apart, so that the index is read from here on instead of from its beginning.
            said_at__gte=entry.said_at,
        ).in_order()

    def before(self, entry: "Entry") -> Self:
        """Said earlier than an entry, nearest first."""
        return self.filter(Q(said_at__lt=entry.said_at) | Q(pk__lt=entry.pk), said_at__lte=entry.said_at).order_by(
            "-said_at", "-pk"
        )

    def quotable(self) -> Self:
        """Whose authors allow quoting, and whose source still stands."""
        return self.exclude(consent=Consent.NONE).standing()

    def standing(self) -> Self:
        """Whose source is neither hidden, withdrawn nor erased."""
        return self.filter(source_hidden_at=None, source_withdrawn_at=None, erased_at=None)

    def starred(self) -> Self:
        """Starred by an editor, or in the room."""
        return self.filter(Q(is_starred=True) | Q(is_starred_in_room=True))

    def saying(self, words: str) -> Self:
        """Which hold all of the words, in whatever order."""
        entries = self
        for word in words.split()[:12]:
            entries = entries.filter(text__icontains=word)
        return entries

    def under_points(self, point_ids: Iterable[UUID]) -> Self:
        """Which stand under one of the points, by themselves or through the entry they are merged into: `rests_on`."""
        return self.annotate(
            rests_on=models.functions.Coalesce(F("point_id"), F("merged_into__point_id")),
        ).filter(rests_on__in=list(point_ids))


class ExcerptQuerySet(models.QuerySet["Excerpt"]):
    def standing(self) -> Self:
        """Which have not been taken back."""
        return self.filter(removed_at=None)


class StandingExcerptManager(models.Manager.from_queryset(ExcerptQuerySet)):  # type: ignore[misc]
    """Excerpts, without those taken back."""

    def get_queryset(self) -> ExcerptQuerySet:
        return super().get_queryset().standing()
