"""What readers are shown of events.

The log holds identifiers and public facts. The app that wrote a kind of event registers a presenter, which joins the
rest at the moment of reading, under what may be seen then: somebody who catches up never reads what was hidden since.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from realtime.models import Event

# Of one reader only, as in "participant:17": frames that hold such an event are made for that reader alone.
PERSONAL = ":"


@dataclass(frozen=True)
class Variant:
    """What one event is to some audiences. The first variant that fits a reader is the one they get."""

    audiences: frozenset[str]
    body: dict[str, Any]


Presenter = Callable[[UUID, Sequence[Event]], Sequence[Sequence[Variant]]]

_presenters: dict[str, Presenter] = {}
_revoking: set[str] = set()


@dataclass(frozen=True, slots=True)
class Entry:
    """An event, encoded once for each audience that sees it differently."""

    seq: int
    variants: tuple[tuple[frozenset[str], str], ...]
    personal: frozenset[str]
    revokes: bool

    def text_for(self, audiences: frozenset[str]) -> str | None:
        for wanted, text in self.variants:
            if not wanted.isdisjoint(audiences):
                return text
        return None


def register(noun: str, presenter: Presenter, *, revoking: Iterable[str] = ()) -> None:
    """Present events named `noun.…`. `revoking` kinds change what earlier events may show, so these are read anew."""
    _presenters[noun] = presenter
    _revoking.update(revoking)


def encode(message: Any) -> str:
    """JSON as sent: compact, moments in ISO 8601 and UTC."""
    return json.dumps(message, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Any:
    """The opposite of `encode`, for answers that put several messages together."""
    return json.loads(text)


def now() -> str:
    """The server's time as frames carry it."""
    return DjangoJSONEncoder().default(timezone.now())


def present(stream_id: UUID, events: Sequence[Event]) -> list[Entry]:
    """Entries for the events, in order. Every event gets one, if only to move the cursor past it."""
    by_noun: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_noun[event.kind.partition(".")[0]].append(event)
    variants: dict[int, Sequence[Variant]] = {}
    for noun, group in by_noun.items():
        presenter = _presenters.get(noun, _present_as_is)
        for event, shown in zip(group, presenter(stream_id, group), strict=True):
            variants[event.seq] = shown
    return [_entry(event, variants[event.seq]) for event in events]


def _present_as_is(stream_id: UUID, events: Sequence[Event]) -> list[list[Variant]]:
    return [[Variant(frozenset(event.audience.split()), event.payload)] for event in events]


def _entry(event: Event, variants: Sequence[Variant]) -> Entry:
    head = {"seq": event.seq, "kind": event.kind, "at": event.created_at}
    return Entry(
        seq=event.seq,
        variants=tuple((variant.audiences, encode({**head, **variant.body})) for variant in variants),
        personal=frozenset(name for variant in variants for name in variant.audiences if PERSONAL in name),
        revokes=event.kind in _revoking,
    )
