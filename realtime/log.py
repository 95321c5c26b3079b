"""Writing to and reading from a stream's log.

A sequence number is taken under the lock of the stream's row, in the transaction that writes what the event tells. So
numbers have no gap, and nobody who reads "everything after N" can miss an event that was committed late.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from realtime import doorbell
from realtime.models import Event, Stream

EVERYBODY = "all"


@dataclass(frozen=True)
class NewEvent:
    """Something that happened. `audience` names who may be told, separated by spaces."""

    kind: str
    payload: dict[str, Any] = field(default_factory=dict)
    audience: str = EVERYBODY


class LockedStream:
    """A stream whose row this transaction holds. `seq` is the last number taken."""

    def __init__(self, stream_id: UUID, seq: int) -> None:
        self.stream_id = stream_id
        self.seq = seq

    def append(self, events: Sequence[NewEvent]) -> list[Event]:
        """Write the events in order under the next numbers, and ring once this transaction has committed."""
        if not events:
            return []
        moment = timezone.now()
        written = Event.objects.bulk_create(
            Event(
                stream_id=self.stream_id,
                seq=self.seq + place,
                kind=event.kind,
                audience=event.audience,
                payload=event.payload,
                created_at=moment,
            )
            for place, event in enumerate(events, start=1)
        )
        self.seq += len(written)
        Stream.objects.filter(pk=self.stream_id).update(seq=self.seq)
        transaction.on_commit(partial(doorbell.ring, self.stream_id, self.seq), robust=True)
        return written


def lock(stream_id: UUID) -> LockedStream:
    """Hold a stream until the surrounding transaction ends. Whoever changes what its events tell does this first."""
    if not transaction.get_connection().in_atomic_block:
        # SQLite would not say so by itself.
        raise transaction.TransactionManagementError("A stream is locked inside a transaction.")
    stream = Stream.objects.select_for_update().get(pk=stream_id)
    return LockedStream(stream.pk, stream.seq)


def append(stream_id: UUID, events: Iterable[NewEvent]) -> list[Event]:
    """Lock the stream and write the events. Must run inside a transaction."""
    return lock(stream_id).append(list(events))


def last_seq(stream_id: UUID) -> int:
    return Stream.objects.values_list("seq", flat=True).get(pk=stream_id)


def read(stream_id: UUID, *, after: int, upto: int | None = None, limit: int | None = None) -> list[Event]:
    """Events after a cursor, in order, for every audience: only presenters may hand them on."""
    events = Event.objects.filter(stream_id=stream_id, seq__gt=after).order_by("seq")
    if upto is not None:
        events = events.filter(seq__lte=upto)
    return list(events[:limit])
