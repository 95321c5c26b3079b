"""Where entries stand in what is published. Higher apps know; those who said them, and readers of the ledger, are told.

Like a slot of a page, for what travels as data: a higher app registers a provider in a module that its `ready()`
imports. What is published has numbers of its own: the desk's move with every draft.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gathering.models import Entry, Point


@dataclass(frozen=True)
class Place:
    """A point of a published briefing."""

    number: int
    heading: str
    briefing: int
    url: str


@dataclass(frozen=True)
class Standing:
    """Where an entry is used: in points that readers know, or else in one of the draft alone."""

    entry: Entry
    places: Sequence[Place] = ()

    @property
    def point(self) -> Point | None:
        """The desk's, its own or that of the entry it is merged into."""
        into = self.entry.merged_into
        return self.entry.point or (into.point if into else None)

    @property
    def reason(self) -> str:
        """Why it was set aside, itself or the entry it is merged into."""
        into = self.entry.merged_into
        return self.entry.set_aside_reason or (into.set_aside_reason if into else "")

    @property
    def number(self) -> int | None:
        """The first point's number; the draft's if none is published."""
        if self.places:
            return self.places[0].number
        return self.point.position if self.point else None

    def __str__(self) -> str:
        """In a sentence: "point 3", "point 3 of the draft". A briefing is named unless it is the proposition's own."""
        own = self.entry.proposition.number if self.entry.proposition else None
        named = [
            f"point {place.number}" + (f" of briefing {place.briefing}" if place.briefing != own else "")
            for place in self.places
        ]
        if not named and self.point:
            return f"point {self.point.position} of the draft"
        return " and ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))


@dataclass(frozen=True)
class Remainder:
    """Words that may no longer be shown and still stand in a briefing, or in its draft alone."""

    briefing: int
    place: str
    is_published: bool

    def __str__(self) -> str:
        return f"{self.place} of {'' if self.is_published else 'the draft of '}briefing {self.briefing}"


Provider = Callable[[Collection[int]], Mapping[int, Sequence[Place]]]

RemainderProvider = Callable[[Collection[int]], Mapping[int, Sequence[Remainder]]]

_providers: list[Provider] = []
_remainder_providers: list[RemainderProvider] = []


def register(provider: Provider) -> Provider:
    """Register a function from ids of entries to the published points that rest on them."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def places_of(entry_ids: Collection[int]) -> dict[int, list[Place]]:
    """The published points that rest on these entries, by id; those without are left out."""
    found: dict[int, list[Place]] = {}
    if not entry_ids:
        return found
    for provider in _providers:
        for pk, places in provider(entry_ids).items():
            found.setdefault(pk, []).extend(places)
    return found


def register_remainders(provider: RemainderProvider) -> RemainderProvider:
    """Register a function from ids of entries to where words of theirs stand although they may not be shown."""
    if provider not in _remainder_providers:
        _remainder_providers.append(provider)
    return provider


def remainders_of(entry_ids: Collection[int]) -> dict[int, list[Remainder]]:
    """Where words of these entries stand although they may not be shown, by id; those without are left out."""
    found: dict[int, list[Remainder]] = {}
    if not entry_ids:
        return found
    for provider in _remainder_providers:
        for pk, remainders in provider(entry_ids).items():
            found.setdefault(pk, []).extend(remainders)
    return found


def standings_of(entries: Iterable[Entry]) -> list[Standing]:
    """Where each of these entries stands, in their order. Read them with their points and their proposition."""
    listed = list(entries)
    places = places_of([entry.pk for entry in listed])
    return [Standing(entry, places.get(entry.pk, ())) for entry in listed]
