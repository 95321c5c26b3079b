"""A briefing and the desk: its draft begun from there, its points kept in step, its publication noted."""

import json
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils.html import escape

from briefings import citations
from briefings.exceptions import BriefingError, NotAllowed
from briefings.models import (
    LEAST_POINTS,
    MOST_POINTS,
    BriefingPage,
    Edition,
    PublishedCitation,
    PublishedPoint,
    RetiredAddress,
    Series,
)
from briefings.selectors import (
    briefing_of,
    cited_in,
    gone,
    layout_of,
    people_who_said,
    points_of_older_briefings,
)
from events.models import EventPage
from gathering.actions.desk import lock_desk
from gathering.actions.points import create_points
from gathering.models import Excerpt, Point
from gathering.selectors import points_of
from people.models import User
from people.permissions import is_editor
from propositions.models import PropositionPage
from realtime.log import NewEvent


@dataclass(frozen=True)
class SyncReport:
    """What `sync_points` did. `left_over` stand on the desk only; `foreign` belong to another event; `shared` are kept
    by an older briefing of this event, of which this one is a copy.
    """

    created: list[Point]
    updated: list[Point]
    left_over: list[Point]
    foreign: list[Point]
    shared: list[Point]


def sync_points(*, actor: User | None, briefing: BriefingPage) -> SyncReport:
    """Give every point block of a briefing its target on the sorting desk, with the same id, title and place.

    Saving the page was the decision, so its permission was asked there; `actor` may be None for imports and tasks.
    Never deletes a target: those that the briefing no longer has keep their entries and move behind its own. A target
    follows the oldest briefing of the event that has it, so that saving a copy changes nothing under the first one.
    """
    blocks = [(pk, block) for block in briefing.points if (pk := citations.as_uuid(block.id))]
    event = briefing.event
    created, updated = [], []
    with transaction.atomic():
        stream = lock_desk(event.pk)
        known = Point.objects.select_for_update().in_bulk([pk for pk, _ in blocks])
        elders = points_of_older_briefings(briefing)
        desk = Point.objects.filter(event=event, proposition_id=briefing.proposition_id)
        ahead = desk.filter(pk__in=elders).count()
        foreign = [point for point in known.values() if point.event_id != event.pk]
        shared = [point for pk, point in known.items() if pk in elders and point not in foreign]
        own = [(pk, block) for pk, block in blocks if pk not in elders]
        for position, (pk, block) in enumerate(own, start=ahead + 1):
            title = block.value["heading"][:200]
            point = known.get(pk)
            if point is None:
                created.append(
                    Point(
                        pk=pk,
                        event=event,
                        proposition_id=briefing.proposition_id,
                        position=position,
                        working_title=title,
                    )
                )
            elif point not in foreign and (point.position, point.working_title, point.proposition_id) != (
                position,
                title or point.working_title,
                briefing.proposition_id,
            ):
                point.position = position
                point.working_title = title or point.working_title
                point.proposition_id = briefing.proposition_id
                updated.append(point)
        Point.objects.bulk_create(created)
        left_over = list(
            desk.exclude(pk__in=[pk for pk, _ in blocks]).exclude(pk__in=elders).order_by("position", "pk")
        )
        behind = []
        for position, point in enumerate(left_over, start=ahead + len(own) + 1):
            if point.position != position:
                point.position = position
                behind.append(point)
        Point.objects.bulk_update([*updated, *behind], ["position", "working_title", "proposition"])
        if created or updated or behind:
            payload = {"actor": actor.pk if actor else None, "proposition": briefing.proposition_id}
            stream.append([NewEvent("points.changed", payload, audience="editors")])
    return SyncReport(created, updated, left_over, foreign, shared)


def start_briefing(
    *,
    actor: User,
    event: EventPage,
    proposition: PropositionPage | None,
    series: Series | None = None,
) -> BriefingPage:
    """Create a draft briefing from the sorting desk: its points' working titles and, under each, its excerpts in order
    of weight as quotations with citations. Nothing is invented.

    Gives back the briefing that answers the proposition already if there is one. Refuses people who are not editors
    (`NotAllowed`) and a desk with more points than a briefing has (`BriefingError`).
    """
    if not is_editor(actor):
        raise NotAllowed("Only editors and organisers start briefings.")
    with transaction.atomic():
        # Two editors who press the button at once: the second waits here, and then finds the first one's draft.
        lock_desk(event.pk)
        existing = briefing_of(event, proposition)
        if existing is not None:
            return existing
        points = points_of(event, proposition) or create_points(actor=actor, event=event, proposition=proposition)
        if len(points) > MOST_POINTS:
            raise BriefingError(
                f"A briefing has {LEAST_POINTS} to {MOST_POINTS} points; the desk has {len(points)}. Join some first."
            )
        excerpts = _excerpts_by_weight(points)
        briefing = BriefingPage(
            title=proposition.title if proposition else event.title,
            slug=_free_slug(event, f"briefing-{proposition.number}" if proposition else "briefing"),
            series=series or _series_of(event),
            number=proposition.number if proposition else 1,
            proposition=proposition,
            live=False,
            has_unpublished_changes=True,
            owner=actor,
        )
        briefing.points = json.dumps(
            [
                {
                    "type": "point",
                    "id": str(point.pk),
                    "value": {"heading": point.working_title, "discussion": _quotations(excerpts[point.pk])},
                }
                for point in points
            ]
        )
        event.refresh_from_db(fields=["path", "depth", "numchild"])
        event.add_child(instance=briefing)
        briefing.save_revision(user=actor, log_action=True, clean=False)
    return briefing


def record_publication(*, briefing: BriefingPage) -> None:
    """Note which points and excerpts readers see, with their codes. Called when a briefing is published.

    What carries another number or code than before makes an edition, by which older prints find their way.
    """
    cited = cited_in(briefing)
    layout = layout_of(briefing)
    ids = {pk: block for block in briefing.points if (pk := citations.as_uuid(block.id))}
    known = set(Point.objects.filter(pk__in=ids).values_list("pk", flat=True))
    excerpts = set(
        Excerpt.objects.filter(pk__in=[pk for found in cited.values() for pk in found if pk]).values_list(
            "pk", flat=True
        )
    )
    with transaction.atomic():
        briefing.published_points.all().delete()
        newest = briefing.editions.order_by("-number").first()
        if newest is None or newest.layout != layout:
            Edition.objects.create(briefing=briefing, number=newest.number + 1 if newest else 1, layout=layout)
        for number, block in enumerate(briefing.points, start=1):
            if citations.as_uuid(block.id) not in known:
                continue
            published = PublishedPoint.objects.create(
                briefing=briefing, point_id=block.id, number=number, heading=block.value["heading"]
            )
            PublishedCitation.objects.bulk_create(
                PublishedCitation(published_point=published, excerpt_id=reference, code=citations.code(number, index))
                for index, reference in enumerate(cited[block.id])
                if reference and reference in excerpts
            )


def forget_publication(*, briefing: BriefingPage) -> None:
    """Forget what readers saw. Called when a briefing is unpublished. Its editions stay: their prints are about."""
    briefing.published_points.all().delete()


def retire_address(*, briefing: BriefingPage) -> None:
    """Keep the short address of a briefing that goes from being given to another. One never published has no prints."""
    if briefing.editions.exists():
        RetiredAddress.objects.get_or_create(short_address=briefing.short_address)


def _excerpts_by_weight(points: list[Point]) -> dict[uuid.UUID, list[Excerpt]]:
    """Each point's excerpts that may be quoted: those that most people stand behind first, then the oldest."""
    found = list(Excerpt.objects.filter(point__in=points).select_related("entry__comment", "entry__contribution"))
    people = people_who_said(excerpt.entry_id for excerpt in found)
    result: dict[uuid.UUID, list[Excerpt]] = {point.pk: [] for point in points}

    def weight(excerpt: Excerpt) -> tuple[int, int]:
        contribution = excerpt.entry.contribution
        return people.get(excerpt.entry_id, 1), contribution.support_count if contribution else 0

    for excerpt in sorted(found, key=lambda item: item.created_at):
        if not gone(excerpt.entry):
            result[excerpt.point_id].append(excerpt)
    return {pk: sorted(items, key=weight, reverse=True) for pk, items in result.items()}


def _quotations(excerpts: list[Excerpt]) -> str:
    return "".join(f"<p>“{escape(excerpt.text)}”{citations.markup(excerpt.pk)}</p>" for excerpt in excerpts)


def _series_of(event: EventPage) -> Series:
    """The series of the event's other briefings, else the newest briefing's, else a new one named after the event."""
    sibling = BriefingPage.objects.child_of(event).order_by("-pk").first()
    if sibling is not None:
        return sibling.series
    return Series.objects.filter(strapline=event.strapline).first() or Series.objects.create(
        name=event.title, strapline=event.strapline
    )


def _free_slug(event: EventPage, wanted: str) -> str:
    taken = set(event.get_children().values_list("slug", flat=True))
    return next(
        slug for slug in (wanted, *(f"{wanted}-{count}" for count in range(2, len(taken) + 3))) if slug not in taken
    )
