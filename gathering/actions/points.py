"""The points: the desk's targets, and the blocks of the briefing to come."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from wagtail.log_actions import log

from content.text import clean_line
from events.models import EventPage
from gathering.actions.desk import lock_desk
from gathering.exceptions import PointRefused
from gathering.models import Excerpt, Point
from gathering.permissions import require_sorting
from gathering.querysets import EntryQuerySet
from gathering.signals import point_leaving
from people.models import User
from propositions.models import PropositionPage
from realtime.log import LockedStream, NewEvent

USUAL_POINTS = 7
MOST_POINTS = 12


def create_points(
    *, actor: User, event: EventPage, proposition: PropositionPage | None = None, count: int = USUAL_POINTS
) -> list[Point]:
    """Make the points of a briefing to come, without titles. Answers those that exist if there are any."""
    require_sorting(actor, event)
    if not 1 <= count <= MOST_POINTS:
        raise PointRefused(f"A briefing has up to {MOST_POINTS} points.")
    with transaction.atomic():
        stream = lock_desk(event.pk)
        existing = _points(event, proposition)
        if existing:
            return existing
        points = Point.objects.bulk_create(
            Point(event=event, proposition=proposition, position=position) for position in range(1, count + 1)
        )
        for point in points:
            log(instance=point, action="wagtail.create", user=actor)
        _publish(stream, actor, event, proposition)
    return points


def add_point(
    *,
    actor: User,
    event: EventPage,
    proposition: PropositionPage | None = None,
    working_title: str = "",
    point_id: uuid.UUID | None = None,
) -> Point:
    """Add a point after the last. A briefing that grows a block gives the block's id."""
    require_sorting(actor, event)
    with transaction.atomic():
        stream = lock_desk(event.pk)
        points = Point.objects.filter(event=event, proposition=proposition)
        if len(points) >= MOST_POINTS:
            raise PointRefused(f"A briefing has up to {MOST_POINTS} points.")
        last = points.aggregate(last=Max("position"))["last"] or 0
        point = Point.objects.create(
            id=point_id or uuid.uuid4(),
            event=event,
            proposition=proposition,
            position=last + 1,
            working_title=_title(working_title),
        )
        log(instance=point, action="wagtail.create", user=actor)
        _publish(stream, actor, event, proposition)
    return point


def rename_point(*, actor: User, point: Point, working_title: str) -> Point:
    """Give a point its working title."""
    require_sorting(actor, point.event)
    title = _title(working_title)
    with transaction.atomic():
        stream = lock_desk(point.event_id)
        point = _existing(point)
        if point.working_title != title:
            point.working_title = title
            point.save(update_fields=["working_title"])
            log(instance=point, action="wagtail.edit", user=actor)
            _publish(stream, actor, point.event, point.proposition)
    return point


def move_point(*, actor: User, point: Point, position: int) -> list[Point]:
    """Give a point another place among its briefing's; the others move up. What stands under it stays."""
    require_sorting(actor, point.event)
    with transaction.atomic():
        stream = lock_desk(point.event_id)
        point = _existing(point)
        points = _points(point.event, point.proposition)
        others = [other for other in points if other.pk != point.pk]
        others.insert(max(0, min(position - 1, len(others))), point)
        _number(others)
        log(instance=point, action="wagtail.reorder", user=actor)
        _publish(stream, actor, point.event, point.proposition)
    return others


def remove_point(*, actor: User, point: Point) -> None:
    """Take away a point under which nothing stands."""
    require_sorting(actor, point.event)
    with transaction.atomic():
        stream = lock_desk(point.event_id)
        point = _existing(point)
        entries: EntryQuerySet = point.entries.all()
        if standing := entries.count():
            plural = "entry stands" if standing == 1 else "entries stand"
            raise PointRefused(f"{standing} {plural} under point {point.position}. Place them elsewhere first.")
        if Excerpt.objects.filter(point=point).exists():
            raise PointRefused(f"Excerpts stand under point {point.position}. Take them back first.")
        for _, answer in point_leaving.send(sender=Point, point=point):
            if answer:
                raise PointRefused(answer)
        event, proposition = point.event, point.proposition
        log(instance=point, action="wagtail.delete", user=actor)
        point.delete()
        _number(_points(event, proposition))
        _publish(stream, actor, event, proposition)


def _title(text: str) -> str:
    title = clean_line(text)
    if len(title) > 200:
        raise PointRefused(f"A title has at most 200 characters; this one has {len(title)}.")
    return title


def _points(event: EventPage, proposition: PropositionPage | None) -> list[Point]:
    return list(Point.objects.filter(event=event, proposition=proposition).order_by("position", "pk"))


def _existing(point: Point) -> Point:
    found = Point.objects.select_related("event", "proposition").filter(pk=point.pk).first()
    if found is None:
        raise PointRefused("Somebody has taken this point away.")
    return found


def _number(points: Sequence[Point]) -> None:
    for position, point in enumerate(points, start=1):
        point.position = position
    Point.objects.bulk_update(points, ["position"])


def _publish(stream: LockedStream, actor: User, event: EventPage, proposition: PropositionPage | None) -> None:
    payload = {"actor": actor.pk, "proposition": proposition.pk if proposition else None}
    stream.append([NewEvent("points.changed", payload, audience="editors")])
