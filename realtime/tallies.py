"""Counts beside a stream: votes and the like. Not events; always absolute, so a lost one is repaired by the next."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

Tallies = dict[str, dict[str, Any]]
Counter = Callable[[UUID], Tallies]

Heads = dict[str, int]
HeadCounter = Callable[[UUID], Heads]

_counters: list[Counter] = []
_head_counters: list[HeadCounter] = []


def register(counter: Counter) -> None:
    """Have a function count, whenever a hub is told that counts may have changed."""
    if counter not in _counters:
        _counters.append(counter)


def count(stream_id: UUID) -> Tallies:
    counted: Tallies = {}
    for counter in _counters:
        counted.update(counter(stream_id))
    return counted


def register_heads(counter: HeadCounter) -> None:
    """Have a function say for how many people somebody stands who stands for others too, by their reader's `person`."""
    if counter not in _head_counters:
        _head_counters.append(counter)


def heads(stream_id: UUID) -> Heads:
    """Whoever is not named stands for one."""
    found: Heads = {}
    for counter in _head_counters:
        found.update(counter(stream_id))
    return found


def changes(before: Tallies, after: Tallies) -> Tallies:
    """What a reader who knows `before` must be told: new and changed counts, and zero for those that are gone."""
    changed: Tallies = {}
    for name, counts in after.items():
        known = before.get(name, {})
        difference = {key: value for key, value in counts.items() if known.get(key) != value}
        difference.update(
            {key: _zero(value) for key, value in known.items() if key not in counts and value != _zero(value)}
        )
        if difference:
            changed[name] = difference
    return changed


def _zero(value: Any) -> Any:
    return dict.fromkeys(value, 0) if isinstance(value, dict) else 0
