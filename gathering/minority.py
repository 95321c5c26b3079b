"""What a majority would not see: what many opposed, dissent nobody quotes, what few said and nobody answered."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Q

from discussion.models import Comment, CommentState
from gathering.beside import Target
from gathering.desk import Desk, desk_points
from gathering.models import Entry, Excerpt
from gathering.selectors import point_tallies
from gathering.suggestions import LIKE_ENOUGH
from gathering.vectors import is_read, vectors_of
from live.models import Vote

# How many people must have voted "concern", and what share of those who took a side.
MANY = 3
SHARE = 0.3
# As many people as this, saying much the same, are few.
FEW = 2
SHOWN = 30
LEAST_WORDS = 6


@dataclass(frozen=True)
class Opposed:
    """An entry that people took sides about."""

    entry: Entry
    support: int
    concern: int


@dataclass(frozen=True)
class MinorityView:
    opposed: Sequence[Opposed]
    dissent: Sequence[Target]
    against: Sequence[Excerpt]
    unanswered: Sequence[Entry]


def minority_view(desk: Desk) -> MinorityView:
    """The same number of queries at any size."""
    points = desk_points(desk)
    numbers = point_tallies([point.pk for point in points])
    targets = [Target(point, numbers[point.pk]) for point in points]
    return MinorityView(
        opposed=_opposed(desk),
        dissent=[one for one in targets if one.tally.opposing or one.tally.hidden_dissent or one.tally.is_one_voice],
        against=list(
            Excerpt.objects.filter(point__in=points, role=Excerpt.Role.OPPOSES, entry__in=desk.entries.quotable())
            .select_related("entry", "point")
            .order_by("point__position", "created_at")[:SHOWN]
        ),
        unanswered=_unanswered(desk),
    )


def _opposed(desk: Desk) -> list[Opposed]:
    voted = (
        desk.entries.standing()
        .exclude(contribution=None)
        .annotate(
            support=Count("contribution__votes", filter=Q(contribution__votes__choice=Vote.Choice.SUPPORT)),
            concern=Count("contribution__votes", filter=Q(contribution__votes__choice=Vote.Choice.CONCERN)),
        )
        .filter(concern__gte=MANY)
        .select_related("point", "merged_into__point")
        .order_by("-concern", "said_at", "pk")
    )
    found = []
    for entry in voted[: 4 * SHOWN]:
        if entry.concern >= SHARE * (entry.support + entry.concern):
            found.append(Opposed(entry, entry.support, entry.concern))
    return found[:SHOWN]


# Half a second for 5,000 entries, and the same until something is said: kept for the desks asked about last.
@functools.lru_cache(maxsize=6)
def _said_by_few(said: tuple[tuple[str, str], ...], _is_read: bool) -> tuple[bool, ...]:
    """For each text, given by its hash and author: whether hardly anybody says anything like it.

    Worked out anew once the encoder has read them; of what it has not read yet, nobody knows.
    """
    vectors = vectors_of([text_hash for text_hash, _ in said])
    keys = np.unique([key for _, key in said], return_inverse=True)[1]
    found: list[bool] = []
    for start in range(0, len(said), 500):
        near = vectors[start : start + 500] @ vectors.T >= LIKE_ENOUGH
        found += [0 < len(set(keys[line])) <= FEW for line in near]
    return tuple(found)


def _unanswered(desk: Desk) -> list[Entry]:
    """Said by one or two people, in no point, supported by nobody, replied to by nobody; starred ones first."""
    rows = list(desk.entries.standing().in_order().values_list("pk", "text_hash", "author_key", "disposition"))
    if not rows:
        return []
    said = tuple((text_hash, key) for _, text_hash, key, _ in rows)
    by_few = _said_by_few(said, is_read([text_hash for text_hash, _ in said]))
    alone = [
        pk
        for (pk, *_, disposition), is_by_few in zip(rows, by_few, strict=True)
        if is_by_few and disposition in (Entry.Disposition.UNDECIDED, Entry.Disposition.SET_ASIDE)
    ]
    replied = Comment.objects.filter(state=CommentState.PUBLISHED, level__gt=0).values("parent_id")
    found = (
        Entry.objects.filter(pk__in=alone[:5000])
        .exclude(comment__in=replied)
        .exclude(contribution__votes__choice=Vote.Choice.SUPPORT)
        .order_by("-is_starred", "-is_starred_in_room", "said_at", "pk")
    )
    return [entry for entry in found[: 4 * SHOWN] if len(entry.text.split()) >= LEAST_WORDS][:SHOWN]
