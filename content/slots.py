"""Named places in a page where higher apps may show something of theirs.

A lower app's template says `{% slot "proposition.margin" %}`; a higher app registers what stands there. So a
proposition shows its live sessions and its briefing without knowing that either exists.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class SlotContent:
    """A template and the context to render it with."""

    template_name: str
    context: dict[str, Any]


SlotProvider = Callable[[HttpRequest, Any], SlotContent | None]

_providers: dict[str, list[tuple[int, SlotProvider]]] = defaultdict(list)


def register(slot: str, *, order: int = 100) -> Callable[[SlotProvider], SlotProvider]:
    """Register the decorated function `(request, subject) -> SlotContent | None` for a slot.

    Lower orders stand first. A provider that answers None leaves no trace. Call it from a module that the app's
    `ready()` imports.
    """

    def decorate(provider: SlotProvider) -> SlotProvider:
        if all(existing is not provider for _, existing in _providers[slot]):
            _providers[slot].append((order, provider))
            _providers[slot].sort(key=lambda pair: pair[0])
        return provider

    return decorate


def contents(
    slot: str, request: HttpRequest, subject: Any, *, first: int | None = None, last: int | None = None
) -> list[SlotContent]:
    """What stands in a slot for this reader and subject, in order; only the orders from `first` to `last` if given."""
    answers = (
        provider(request, subject)
        for order, provider in _providers[slot]
        if (first is None or order >= first) and (last is None or order <= last)
    )
    return [answer for answer in answers if answer is not None]
