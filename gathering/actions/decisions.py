"""What editors decide. Each decision is written once, in the log and on the entry, in one transaction.

Entries are named with the version the editor saw: as `Entry` objects, or as a mapping of id to version. If anybody
has decided about one of them since, nothing is written and `DecidedMeanwhile` says who did what. `batch` is an id
made by whoever calls; the same batch sent again answers what the first one did.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from content.text import clean_line
from events.models import EventPage
from gathering.actions.desk import lock_desk
from gathering.actions.wording import give_back_words
from gathering.exceptions import (
    CannotUndo,
    DecidedMeanwhile,
    FilingRefused,
    MergeRefused,
    NothingChosen,
    PointRefused,
    ReasonMissing,
)
from gathering.models import Decision, Echo, Entry, Excerpt, Point, Theme
from gathering.permissions import require_sorting
from gathering.selectors import last_undoable, sentence_of
from gathering.signals import entries_decided, excerpts_leaving
from people.models import User
from propositions.models import PropositionPage
from realtime.log import LockedStream, NewEvent

Seen = Iterable[Entry] | Mapping[int, int]
Kind = Decision.Kind
# A stream's event names at most this many entries; beyond, readers fetch their page anew.
NAMED_ENTRIES = 200
# What was decided where it stands, and so is not moved to another proposition.
SETTLED = (Entry.Disposition.USED, Entry.Disposition.MERGED)


def place_entries(*, actor: User, entries: Seen, point: Point, batch: uuid.UUID | None = None) -> list[Decision]:
    """Place entries under a point, wherever they were before. Their excerpts at the old point go with them."""
    after = {"disposition": "used", "point": str(point.pk), "merged_into": None, "set_aside_reason": ""}
    return decide(actor=actor, entries=entries, kind=Kind.PLACED, after=after, batch=batch, point=point)


def place_entry(*, actor: User, entry: Entry, point: Point, batch: uuid.UUID | None = None) -> list[Decision]:
    """Place one entry under a point."""
    return place_entries(actor=actor, entries=[entry], point=point, batch=batch)


def unplace_entries(*, actor: User, entries: Seen, batch: uuid.UUID | None = None) -> list[Decision]:
    """Put entries back among the undecided. Their excerpts are taken back."""
    after = {"disposition": "undecided", "point": None, "merged_into": None, "set_aside_reason": ""}
    return decide(actor=actor, entries=entries, kind=Kind.UNPLACED, after=after, batch=batch)


def set_aside_entries(*, actor: User, entries: Seen, reason: str, batch: uuid.UUID | None = None) -> list[Decision]:
    """Set entries aside, with a reason that those who said them can read. Their excerpts are taken back."""
    reason = clean_line(reason)
    if not reason:
        raise ReasonMissing
    if len(reason) > 200:
        raise ReasonMissing(f"A reason has at most 200 characters; this one has {len(reason)}.")
    after = {"disposition": "set_aside", "point": None, "merged_into": None, "set_aside_reason": reason}
    return decide(actor=actor, entries=entries, kind=Kind.SET_ASIDE, after=after, batch=batch)


def set_aside_entry(*, actor: User, entry: Entry, reason: str, batch: uuid.UUID | None = None) -> list[Decision]:
    """Set one entry aside."""
    return set_aside_entries(actor=actor, entries=[entry], reason=reason, batch=batch)


def merge_entries(*, actor: User, entries: Seen, into: Entry, batch: uuid.UUID | None = None) -> list[Decision]:
    """Merge entries that say the same into one that stands for them. What was merged into them goes along.

    Merging into an entry that is itself merged means the entry that one stands with.
    """
    seen = _seen(entries)
    with transaction.atomic():
        lock_desk(into.event_id)
        into = Entry.objects.get(pk=into.pk)
        into = into.merged_into or into
        if into.pk in seen:
            raise MergeRefused("An entry cannot be merged into itself, or into one that is merged with it.")
        followers = dict(Entry.objects.filter(merged_into__in=seen).values_list("pk", "version"))
        after = {"disposition": "merged", "point": None, "merged_into": into.pk, "set_aside_reason": ""}
        return decide(actor=actor, entries={**followers, **seen}, kind=Kind.MERGED, after=after, batch=batch, into=into)


def star_entries(
    *, actor: User, entries: Seen, is_starred: bool = True, batch: uuid.UUID | None = None
) -> list[Decision]:
    """Star entries, or take the star away."""
    kind = Kind.STARRED if is_starred else Kind.UNSTARRED
    return decide(actor=actor, entries=entries, kind=kind, after={"is_starred": is_starred}, batch=batch)


def file_entries(
    *, actor: User, entries: Seen, proposition: PropositionPage, batch: uuid.UUID | None = None
) -> list[Decision]:
    """Move entries to a proposition of their event: those said in an open conversation, or under the wrong one.

    Refused for what stands under a point or is merged: that is decided about where it is now. A theme or echo of the
    old proposition is left behind.
    """
    seen = _seen(entries)
    if _event_of(seen).pk != proposition.event.pk:
        raise FilingRefused("This proposition belongs to another event.")
    with transaction.atomic():
        # Others are merged into an entry without its version telling: looked at only while the desk is held.
        lock_desk(proposition.event.pk)
        decided = Entry.objects.filter(pk__in=seen, disposition__in=SETTLED)
        if decided.exclude(proposition=proposition).exists():
            raise FilingRefused(
                "What stands under a point or is merged stays there. Put it back among the undecided first."
            )
        if Entry.objects.filter(merged_into__in=seen).exclude(proposition=proposition).exists():
            raise FilingRefused("Others are merged into this entry. Put them back among the undecided first.")
        after = {"proposition": proposition.pk, "theme": None, "echo": None}
        return decide(actor=actor, entries=seen, kind=Kind.FILED, after=after, batch=batch)


def undo_decision(
    *,
    actor: User,
    event: EventPage,
    proposition: PropositionPage | None = None,
    decision: Decision | None = None,
    batch: uuid.UUID | None = None,
    passing_over: Iterable[uuid.UUID] = (),
) -> list[Decision]:
    """Undo a decision, and all that was decided in the same go; without one, this editor's newest in the event.

    With a proposition, the newest on its desk. Only the one who made it can undo it, and only while nobody has decided
    otherwise since: what is refused names its batch, so that the next undo may pass over it. An undo is itself written
    to the log.
    """
    require_sorting(actor, event)
    with transaction.atomic():
        stream = lock_desk(event.pk)
        if batch and (done := _already_done(actor, batch)):
            return done
        decision = decision or last_undoable(actor, event, proposition, passing_over=passing_over)
        if decision is None:
            raise CannotUndo("There is nothing of yours left to undo.")
        if decision.actor_id != actor.pk:
            raise CannotUndo("Only the person who made a decision can undo it. Decide anew instead.")
        together = list(Decision.objects.filter(batch=decision.batch, actor=actor).order_by("-pk"))
        if any(one.kind == Kind.UNDONE for one in together):
            raise CannotUndo("An undo cannot be undone. Decide anew instead.")
        if Decision.objects.filter(undoes__in=together).exists():
            raise CannotUndo("This decision is undone already.")
        try:
            undone = _go_back(together, actor, event, batch or uuid.uuid4())
        except (CannotUndo, PointRefused) as refusal:
            raise CannotUndo(str(refusal), decision.batch) from refusal
        return _log(stream, actor, undone)


def _go_back(together: list[Decision], actor: User, event: EventPage, batch: uuid.UUID) -> list[Decision]:
    """Give entries and excerpts back what they were before decisions made in one go, given newest first."""
    entries = _locked({one.entry_id for one in together}, event.pk)
    _refuse_lost_places(together)
    undone = []
    for one in together:
        entry = entries[one.entry_id]
        if _current(entry, one.after) != one.after:
            raise CannotUndo(_who_decided(entry, since=one))
        before = _still_there(one.before)
        if one.kind == Kind.ADOPTED:
            give_back_words(entry, one)
        elif any(before.get("excerpts", {}).values()) and _has_other_words(entry, since=one):
            raise CannotUndo("The entry has other words since; the excerpt may no longer stand in them.")
        _let_excerpts_leave(one.after.get("excerpts", {}), before.get("excerpts", {}))
        _apply(entry, before)
        undone.append(
            Decision(
                entry=entry,
                actor=actor,
                kind=Kind.UNDONE,
                before=one.after,
                after=before,
                undoes=one,
                batch=batch,
            )
        )
    _refuse_tangles(entries, undone)
    _save(undone)
    return undone


def decide(
    *,
    actor: User,
    entries: Seen,
    kind: Decision.Kind,
    after: dict[str, Any],
    batch: uuid.UUID | None = None,
    point: Point | None = None,
    into: Entry | None = None,
) -> list[Decision]:
    """Write one kind of decision about entries of one event; those that stand like this already are left alone.

    `point` and `into` are what `after` names, to be of the same event.
    """
    seen = _seen(entries)
    event = _event_of(seen)
    require_sorting(actor, event)
    if point is not None and point.event_id != event.pk:
        raise PointRefused("This point belongs to another event.")
    if into is not None and into.event_id != event.pk:
        raise MergeRefused("The entry to merge into belongs to another event.")
    with transaction.atomic():
        stream = lock_desk(event.pk)
        if batch and (done := _already_done(actor, batch, kind)):
            return done
        if point is not None and not Point.objects.filter(pk=point.pk).exists():
            raise PointRefused("Somebody has taken this point away.")
        locked = _locked(seen, event.pk)
        _refuse_stale(locked, seen)
        excerpts = _excerpts_moved(locked, after)
        decisions = []
        batch = batch or uuid.uuid4()
        for entry in locked.values():
            before = {key: value for key, value in entry.state().items() if key in after}
            changes = {key: value for key, value in after.items() if before[key] != value}
            if not changes:
                continue
            old = {key: before[key] for key in changes}
            if moved := excerpts.get(entry.pk):
                old["excerpts"] = {key: pair[0] for key, pair in moved.items()}
                changes["excerpts"] = {key: pair[1] for key, pair in moved.items()}
                _let_excerpts_leave(old["excerpts"], changes["excerpts"])
            _apply(entry, changes)
            entry.version += 1
            decisions.append(Decision(entry=entry, actor=actor, kind=kind, before=old, after=changes, batch=batch))
        changed = [decision.entry_id for decision in decisions]
        if changed:
            # Everybody gets the same values: one statement, however many entries.
            Entry.objects.filter(pk__in=changed).update(
                **{_column(key): value for key, value in after.items()}, version=F("version") + 1
            )
        return _log(stream, actor, decisions)


def decide_excerpt(
    *, stream: LockedStream, actor: User, entry: Entry, excerpt: Excerpt, kind: Decision.Kind, batch: uuid.UUID
) -> list[Decision]:
    """Write to the log that an excerpt was picked or taken back. The caller has done it, and holds the desk."""
    standing = {str(excerpt.pk): str(excerpt.point_id)}
    gone = {str(excerpt.pk): None}
    picked = kind == Kind.EXCERPTED
    Entry.objects.filter(pk=entry.pk).update(version=F("version") + 1)
    decision = Decision(
        entry=entry,
        actor=actor,
        kind=kind,
        before={"excerpts": gone if picked else standing},
        after={"excerpts": standing if picked else gone},
        batch=batch,
    )
    return _log(stream, actor, [decision])


def decide_words(*, stream: LockedStream, actor: User, entry: Entry, batch: uuid.UUID) -> Decision:
    """Write to the log that new words were taken over. The caller does it, keeps the old ones, and holds the desk."""
    decision = Decision(entry=entry, actor=actor, kind=Kind.ADOPTED, before={}, after={}, batch=batch)
    return _log(stream, actor, [decision])[0]


def refuse_stale(entry: Entry, seen_version: int) -> None:
    """Raise if somebody has decided about an entry since this version."""
    _refuse_stale({entry.pk: entry}, {entry.pk: seen_version})


def already_done(actor: User, batch: uuid.UUID | None) -> list[Decision]:
    """The decisions of a batch that has arrived before."""
    return _already_done(actor, batch) if batch else []


def _seen(entries: Seen) -> dict[int, int]:
    seen = dict(entries) if isinstance(entries, Mapping) else {entry.pk: entry.version for entry in entries}
    if not seen:
        raise NothingChosen
    return seen


def _event_of(seen: Mapping[int, int]) -> EventPage:
    events = list(EventPage.objects.filter(entries__in=list(seen)).distinct()[:2])
    if not events:
        raise NothingChosen
    if len(events) > 1:
        raise NothingChosen("Decide about the entries of one event at a time.")
    return events[0]


def _locked(ids: Iterable[int], event_id: int) -> dict[int, Entry]:
    wanted = set(ids)
    entries = Entry.objects.select_for_update().filter(pk__in=wanted, event=event_id).order_by("pk")
    locked = {entry.pk: entry for entry in entries}
    if locked.keys() != wanted:
        raise NothingChosen
    return locked


def _refuse_stale(locked: Mapping[int, Entry], seen: Mapping[int, int]) -> None:
    stale = [entry for pk, entry in locked.items() if entry.version != seen[pk]]
    if not stale:
        return
    message = _who_decided(stale[0])
    if len(stale) > 1:
        message = f"{message} {len(stale)} of these entries have been decided about since you last saw them."
    raise DecidedMeanwhile(message, [entry.pk for entry in stale])


def _who_decided(entry: Entry, *, since: Decision | None = None) -> str:
    decisions = entry.decisions.select_related("actor").order_by("-pk")
    if since is not None:
        decisions = decisions.filter(pk__gt=since.pk)
    latest = decisions.first()
    return sentence_of(latest) if latest else "This entry has changed since you last saw it."


def _already_done(actor: User, batch: uuid.UUID, kind: Decision.Kind | None = None) -> list[Decision]:
    done = Decision.objects.filter(batch=batch, actor=actor)
    return list(done.filter(kind=kind) if kind else done)


def _excerpts_moved(locked: Mapping[int, Entry], after: Mapping[str, Any]) -> dict[int, dict[str, tuple[Any, Any]]]:
    """Which excerpts a change of place takes along, or takes back: {entry: {excerpt: (old point, new point)}}."""
    moved: dict[int, dict[str, tuple[Any, Any]]] = {}
    disposition = after.get("disposition")
    if disposition in (None, "merged"):
        return moved
    for excerpt in Excerpt.objects.filter(entry__in=list(locked)):
        if disposition == "used":
            follows = excerpt.point_id == locked[excerpt.entry_id].point_id
            new = after["point"] if follows else str(excerpt.point_id)
        else:
            new = None
        if new != str(excerpt.point_id):
            moved.setdefault(excerpt.entry_id, {})[str(excerpt.pk)] = (str(excerpt.point_id), new)
    return moved


def _let_excerpts_leave(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Ask the apps above, then move or take back the excerpts."""
    leaving = [uuid.UUID(key) for key, point in old.items() if point and new.get(key) != point]
    if leaving:
        for _, answer in excerpts_leaving.send(sender=Excerpt, excerpt_ids=leaving):
            if answer:
                raise PointRefused(str(answer))


def _current(entry: Entry, keys: Mapping[str, Any]) -> dict[str, Any]:
    """The entry's state, only what a decision changed."""
    state = entry.state()
    current = {key: state[key] for key in keys if key != "excerpts"}
    if "excerpts" in keys:
        points = {
            str(excerpt.pk): None if excerpt.removed_at else str(excerpt.point_id)
            for excerpt in Excerpt.with_removed.filter(pk__in=list(keys["excerpts"]))
        }
        current["excerpts"] = {key: points.get(key) for key in keys["excerpts"]}
    return current


def _has_other_words(entry: Entry, *, since: Decision) -> bool:
    """Whether words have been taken over, or given back, since a decision, and that still stands."""
    later = Decision.objects.filter(entry=entry, pk__gt=since.pk)
    taken = Q(kind=Kind.ADOPTED, undone_by=None)
    given_back = Q(undoes__kind=Kind.ADOPTED, undoes__lt=since.pk)
    return later.filter(taken | given_back).exists()


def _still_there(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values to go back to, without the themes and echoes that have been suggested anew since."""
    models: dict[str, type[Theme | Echo]] = {"theme": Theme, "echo": Echo}
    return {
        key: None if key in models and not models[key].objects.filter(pk=value).exists() else value
        for key, value in values.items()
    }


def _refuse_lost_places(together: Iterable[Decision]) -> None:
    """Raise if a point to go back to is gone, with the excerpts that stood there."""
    points: set[str] = set()
    excerpts: set[str] = set()
    for one in together:
        old = one.before.get("excerpts", {})
        points.update(point for point in (one.before.get("point"), *old.values()) if point)
        excerpts.update(old)
    if Point.objects.filter(pk__in=points).count() < len(points) or Excerpt.with_removed.filter(
        pk__in=excerpts
    ).count() < len(excerpts):
        raise CannotUndo("The point that it stood under has been taken away since. Decide anew instead.")


def _refuse_tangles(entries: Mapping[int, Entry], undone: Sequence[Decision]) -> None:
    """Raise if what was does not go together with what has been decided about other entries since.

    What others are merged into is never itself merged, and what is settled stays with its proposition. `entries` are
    those undone, as they are to be.
    """
    merged = {pk: one.merged_into_id for pk, one in entries.items() if one.merged_into_id}
    elsewhere = Entry.objects.exclude(pk__in=entries)
    if (
        elsewhere.filter(pk__in=merged.values()).exclude(merged_into=None).exists()
        or not merged.keys().isdisjoint(merged.values())
        or elsewhere.filter(merged_into__in=merged).exists()
    ):
        raise CannotUndo("What it was merged with has been merged otherwise since. Decide anew instead.")
    settled: dict[int, Decision] = {}
    for one in undone:
        entry, origin = entries[one.entry_id], one.undoes
        if origin and one.after.get("disposition") in SETTLED:
            settled[entry.pk] = origin
        if "proposition" in one.after and (
            entry.disposition in SETTLED or Entry.objects.filter(merged_into=entry).exists()
        ):
            raise CannotUndo(_who_decided(entry, since=origin))
    for later in Decision.objects.filter(entry__in=settled, kind=Kind.FILED, undone_by=None):
        if later.pk > settled[later.entry_id].pk:
            raise CannotUndo(_who_decided(entries[later.entry_id], since=settled[later.entry_id]))


def _column(key: str) -> str:
    return f"{key}_id" if key in ("point", "merged_into", "theme", "echo", "proposition") else key


def _apply(entry: Entry, changes: Mapping[str, Any]) -> None:
    """Set the changed values on the entry (not saved) and on its excerpts (saved)."""
    for key, value in changes.items():
        if key == "excerpts":
            for excerpt_id, point_id in value.items():
                excerpt = Excerpt.with_removed.get(pk=excerpt_id)
                excerpt.removed_at = None if point_id else timezone.now()
                excerpt.point_id = uuid.UUID(point_id) if point_id else excerpt.point_id
                excerpt.save(update_fields=["removed_at", "point"])
        elif key == "point":
            entry.point_id = uuid.UUID(value) if value else None
        else:
            setattr(entry, _column(key), value)


def _save(undone: Iterable[Decision]) -> None:
    """Write what decisions have made of their entries: one statement for all that end alike, however many they are."""
    ends: dict[int, dict[str, Any]] = defaultdict(dict)
    for one in undone:
        ends[one.entry_id].update({_column(key): value for key, value in one.after.items() if key != "excerpts"})
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for pk, values in ends.items():
        alike[tuple(sorted(values.items()))].append(pk)
    for end, ids in alike.items():
        Entry.objects.filter(pk__in=ids).update(**dict(end), version=F("version") + 1)


def _log(stream: LockedStream, actor: User, decisions: list[Decision]) -> list[Decision]:
    if not decisions:
        return []
    written = Decision.objects.bulk_create(decisions, batch_size=1000)
    entries_decided.send(sender=Decision, decisions=written, actor=actor)
    stream.append(
        [
            NewEvent(
                "decision.made",
                {
                    "batch": str(written[0].batch),
                    "kind": str(written[0].kind),
                    "actor": actor.pk,
                    "count": len(written),
                    "entries": [decision.entry_id for decision in written[:NAMED_ENTRIES]],
                },
                audience="editors",
            )
        ]
    )
    return written
