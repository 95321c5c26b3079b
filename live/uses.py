"""What became of contributions later: "Used in point 3 of briefing 4". Higher apps know; phones are told.

Like a slot of a page, for what travels as data: a higher app registers a provider in a module that its `ready()`
imports.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Use:
    """Where something said was used: as a sentence, and where that can be read."""

    words: str
    url: str


Provider = Callable[[Collection[int]], Mapping[int, Use]]

_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Register a function from ids of contributions to the uses of those that were used."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def uses_of(contribution_ids: Collection[int]) -> dict[str, dict[str, str]]:
    """The uses of these contributions, by id, as the protocol writes them."""
    found: dict[str, dict[str, str]] = {}
    if not contribution_ids:
        return found
    for provider in _providers:
        for pk, use in provider(contribution_ids).items():
            found.setdefault(str(pk), asdict(use))
    return found
