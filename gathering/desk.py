"""Which ledger is on the desk, what belongs to it, and who is at it."""

import datetime
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone

from events.models import EventPage
from gathering.models import DeskPlace, Echo, Entry, Point, Theme
from gathering.querysets import EntryQuerySet
from gathering.selectors import points_of
from people.models import User
from propositions.models import PropositionPage

# Somebody whose desk has asked for news within this time is sorting too.
PRESENT_SECONDS = 45

REASONS = (
    "Off the question that was asked",
    "About the venue or the day. Passed to the organiser",
    "Not clear enough to use",
    "A greeting, a test or a joke",
    "Outside what those who read the briefing can change",
)


@dataclass(frozen=True)
class Desk:
    """Which ledger is on the desk: an event's, or one proposition's."""

    event: EventPage
    proposition: PropositionPage | None
    # What is like an entry, by its id: worked out once a request, and asked for by all that counts or walks.
    piles: dict[int, list[int]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def scope(self) -> str:
        return str(self.proposition.pk) if self.proposition else "all"

    @property
    def entries(self) -> EntryQuerySet:
        return Entry.objects.on_desk(self.event, self.proposition)

    @property
    def title(self) -> str:
        return f"Sorting desk, proposition {self.proposition.number}" if self.proposition else "Sorting desk"


def desk_points(desk: Desk) -> list[Point]:
    return points_of(desk.event, desk.proposition)


def desk_themes(desk: Desk) -> QuerySet[Theme]:
    return Theme.objects.filter(event=desk.event, proposition=desk.proposition)


def desk_echoes(desk: Desk) -> QuerySet[Echo]:
    return Echo.objects.filter(event=desk.event, proposition=desk.proposition)


def others_at(desk: Desk, user: User) -> list[str]:
    """The names of other editors who are sorting this event now."""
    since = timezone.now() - datetime.timedelta(seconds=PRESENT_SECONDS)
    places = (
        DeskPlace.objects.filter(event=desk.event, seen_at__gte=since)
        .exclude(user=user)
        .select_related("user", "user__person")
        .order_by("user_id")
    )
    return list(dict.fromkeys(place.user.display_name for place in places))


def place_of(desk: Desk, user: User) -> DeskPlace | None:
    """Where this editor stopped."""
    return (
        DeskPlace.objects.filter(event=desk.event, proposition=desk.proposition, user=user)
        .select_related("entry")
        .first()
    )
