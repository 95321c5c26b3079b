"""What is like what on a desk, and under which point an entry may belong: guesses that learn from what is placed."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
from django.db.models import Count, Exists, Max, OuterRef, Q

from gathering import likeness
from gathering.desk import Desk
from gathering.models import Decision, Entry, Point, Theme
from gathering.querysets import EntryQuerySet
from gathering.vectors import is_read, titles_like, vectors_of

Disposition = Entry.Disposition
ORDINALS = ("first", "second", "third")
LIKE_ENOUGH = 0.55
# The newest examples are enough, and are learnt from in a few hundredths of a second.
MOST_EXAMPLES = 800
# Desks kept in memory, of those sorted last; 5,000 entries take 5 MB,
# or 15 by the encoder.
MOST_DESKS = 6
# How many of a theme's most typical and most unlike entries are shown.
ENDS = 2
# More entries than this are not gathered around one.
MOST_LIKE = 200


class _Sorted:
    """A desk's entries as the suggester sees them, kept between requests: read once, then only what was decided since.

    The decision log is append-only and written under the desk's lock, so that the last number read says what is new.
    """

    def __init__(self, desk: Desk, signature: tuple[Any, ...]) -> None:
        self.signature = signature
        self.decided_up_to = _last_decision(desk)
        rows = list(_placed(desk.entries.filter(erased_at=None)))
        self.hashes = [text_hash for _, text_hash, *_ in rows]
        self.ids = [pk for pk, *_ in rows]
        self.row_of = {pk: number for number, pk in enumerate(self.ids)}
        self.undecided = np.array([disposition == Disposition.UNDECIDED for _, _, disposition, *_ in rows], bool)
        self.under: dict[int, Any] = {
            number: point_id or through for number, (*_, point_id, through) in enumerate(rows) if point_id or through
        }
        self.vectors = vectors_of(self.hashes)
        self.is_read = is_read(self.hashes)
        self.together: dict[int, likeness.Vectors] = {}
        self.learners: dict[Any, likeness.Learner | None] = {}

    def catch_up(self, desk: Desk) -> bool:
        """Read what was decided since. Answers whether that was enough: not if an entry has other words now."""
        last = _last_decision(desk)
        if last == self.decided_up_to:
            return True
        new = Decision.objects.filter(pk__gt=self.decided_up_to, pk__lte=last, entry__event=desk.event)
        decided = list(new.values_list("entry_id", "kind", "undoes__kind"))
        if any(Decision.Kind.ADOPTED in kinds for _, *kinds in decided):
            return False
        ids = {pk for pk, *_ in decided}
        self.decided_up_to = last
        changed = desk.entries.filter(Q(pk__in=ids) | Q(merged_into__in=ids))
        for pk, _, disposition, point_id, through in _placed(changed):
            number = self.row_of.get(pk)
            if number is not None:
                self.undecided[number] = disposition == Disposition.UNDECIDED
                if point_id or through:
                    self.under[number] = point_id or through
                else:
                    self.under.pop(number, None)
        self.learners = {}
        return True

    def rows(self, numbers: Sequence[int]) -> likeness.Vectors:
        """Rows drawn towards those like them; each is worked out once."""
        missing = [number for number in numbers if number not in self.together]
        if missing:
            self.together.update(zip(missing, likeness.drawn_together(self.vectors, missing), strict=True))
        return np.stack([self.together[number] for number in numbers])

    def learner(self, points: Sequence[Point]) -> likeness.Learner | None:
        """What has been learnt from the entries placed so far; nothing until two points have something under them."""
        key = tuple((point.pk, point.working_title) for point in points)
        learners = self.learners
        if key not in learners:
            wanted = {point.pk for point in points}
            # Copied in one go: another request's thread may be reading what has been decided since.
            under = self.under.copy()
            numbers = sorted(number for number, point_id in under.items() if point_id in wanted)[-MOST_EXAMPLES:]
            labels = [under[number] for number in numbers]
            learner = None
            if len(set(labels)) > 1:
                titled = [point for point in points if point.working_title.strip()]
                words = [point.working_title for point in titled]
                titles = titles_like(words, self.vectors) if words else None
                named = {point.pk: row for point, row in zip(titled, titles, strict=True)} if titles is not None else {}
                learner = likeness.Learner(self.rows(numbers), labels, named)
            learners = self.learners = {key: learner}
        return learners[key]


_desks: "OrderedDict[tuple[int, str], _Sorted]" = OrderedDict()
_desks_lock = threading.Lock()


def _placed(entries: EntryQuerySet) -> Any:
    return entries.in_order().values_list("pk", "text_hash", "disposition", "point_id", "merged_into__point_id")


def _last_decision(desk: Desk) -> int:
    # Asked this way, a database looks at the newest decisions and stops, instead of reading all of the event's.
    here = Exists(Entry.objects.filter(pk=OuterRef("entry"), event=desk.event))
    return Decision.objects.filter(here).order_by("-pk").values_list("pk", flat=True).first() or 0


def _sorted(desk: Desk) -> _Sorted:
    counted = desk.entries.order_by().aggregate(
        last=Max("pk"), recorded=Max("recorded_at"), how_many=Count("pk"), erased=Count("erased_at")
    )
    signature = tuple(counted.values())
    key = desk.event.pk, desk.scope
    with _desks_lock:
        kept = _desks.get(key)
        if (
            kept is None
            or kept.signature != signature
            or (not kept.is_read and is_read(kept.hashes))
            or _last_decision(desk) < kept.decided_up_to
            or not kept.catch_up(desk)
        ):
            kept = _desks[key] = _Sorted(desk, signature)
        _desks.move_to_end(key)
        while len(_desks) > MOST_DESKS:
            _desks.popitem(last=False)
    return kept


def forget_desks() -> None:
    """Let go of everything kept about desks in this process."""
    with _desks_lock:
        _desks.clear()


class Suggester:
    """Guesses about a desk's entries from what they say and what has been placed so far."""

    def __init__(self, desk: Desk, points: Sequence[Point]) -> None:
        self._known = _sorted(desk)
        self._points = points

    def suggest(self, entry: Entry) -> dict[str, str]:
        """The likely points of an entry: {point id: "first"}. Empty until two points have something under them."""
        number = self._known.row_of.get(entry.pk)
        if number is None or entry.disposition != Disposition.UNDECIDED:
            return {}
        learner = self._known.learner(self._points)
        if learner is None or not self._known.vectors[number].any():
            return {}
        scores = learner.scores(self._known.rows([number]))[0]
        best = np.argsort(-scores, kind="stable")
        return {str(learner.labels[which]): ordinal for which, ordinal in zip(best, ORDINALS, strict=False)}

    def how_many_like(self, entries: Sequence[Entry]) -> list[int]:
        """For each entry, how many other undecided ones say something much like it."""
        numbers = [self._known.row_of.get(entry.pk, -1) for entry in entries]
        if not len(self._known.vectors):
            return [0] * len(entries)
        vectors = self._known.vectors
        alike = (vectors @ vectors[numbers].T >= LIKE_ENOUGH) & self._known.undecided[:, np.newaxis]
        counts = alike.sum(axis=0)
        return [
            int(count) - int(alike[number, column]) if number >= 0 else 0
            for column, (number, count) in enumerate(zip(numbers, counts, strict=True))
        ]


def pile_around(desk: Desk, entry_id: int) -> list[int]:
    """An entry and those that say something much like it, most like it first."""
    known = _sorted(desk)
    number = known.row_of.get(entry_id)
    if number is None:
        return []
    near = known.vectors @ known.vectors[number]
    # Whatever rounding says, an entry is like itself.
    near[number] = np.inf
    alike = np.flatnonzero(near >= LIKE_ENOUGH)
    return [known.ids[other] for other in alike[np.argsort(-near[alike], kind="stable")][:MOST_LIKE]]


def like(desk: Desk, entry: Entry, *, words: str = "", limit: int = 12) -> list[tuple[Entry, float]]:
    """Entries most like one, with how like they are; only those that hold given words, if any are given.

    Merged entries are left to the one they stand with.
    """
    known = _sorted(desk)
    left_out = {entry.pk, *desk.entries.filter(disposition=Disposition.MERGED).values_list("pk", flat=True)}
    holding = set(desk.entries.saying(words).values_list("pk", flat=True)) if words else known.row_of.keys()
    number = known.row_of.get(entry.pk)
    near = known.vectors @ known.vectors[number] if number is not None else np.zeros(len(known.ids), np.float32)
    ordered = ((known.ids[other], float(near[other])) for other in np.argsort(-near, kind="stable").tolist())
    best = dict(islice(((pk, how) for pk, how in ordered if pk in holding and pk not in left_out), limit))
    found = desk.entries.filter(erased_at=None).select_related("point").in_bulk(best)
    return [(found[pk], how) for pk, how in best.items() if pk in found]


def ends_of(theme: Theme) -> tuple[list[Entry], list[Entry]]:
    """The entries of a theme most like its middle, and those least like it: what it is about, and whether it holds."""
    rows = list(theme.entries.filter(erased_at=None).in_order().values_list("pk", "text_hash"))
    if len(rows) < 2 * ENDS:
        return [], []
    vectors = vectors_of([text_hash for _, text_hash in rows])
    order = np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")
    typical, unlike = ([rows[number][0] for number in some] for some in (order[:ENDS], order[::-1][:ENDS]))
    found = Entry.objects.in_bulk([*typical, *unlike])
    return [found[pk] for pk in typical], [found[pk] for pk in unlike]
