"""How far the sorting of a desk has come: by point, proposition, channel, session, table and campaign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from gathering.beside import Target, as_counted
from gathering.desk import Desk
from gathering.filters import Filters
from gathering.models import Entry, Point
from gathering.selectors import CampaignTally, Tally, campaigns_of, counts, point_tallies, tallies, tally
from live.models import LiveSession
from propositions.models import PropositionPage

Disposition = Entry.Disposition
# In the order in which editors ask.
SHOWN = (Disposition.UNDECIDED, Disposition.USED, Disposition.MERGED, Disposition.SET_ASIDE)


@dataclass(frozen=True)
class Line:
    """One part of the ledger: where it leads on the desk, what became of its entries, how many people spoke."""

    label: str
    query: str
    counts: Sequence[int]
    total: Tally


@dataclass(frozen=True)
class Standing:
    """Everything about how far a desk has come."""

    total: Line
    groups: Sequence[tuple[str, Sequence[Line]]]
    # Under the proposition they are about; an event's desk shows those of all.
    points: Sequence[tuple[str, Sequence[Target]]]
    campaigns: Sequence[CampaignTally]


def standing_of(desk: Desk) -> Standing:
    """The same number of queries at any size."""
    fates = counts(desk.entries, "disposition")
    total = Line(
        "Everything",
        Filters(show="everything").query,
        [fates.get(one, 0) for one in SHOWN],
        tally(desk.entries),
    )
    groups = [
        ("Channel", _lines(desk, "channel", "channel", dict(Entry.Channel.choices))),
        ("Live session", _lines(desk, "session_id", "session", _sessions(desk))),
        ("Table", _lines(desk, "table_name", "table", None)),
    ]
    if desk.proposition is None:
        groups.insert(0, ("Proposition", _lines(desk, "proposition_id", "about", _propositions(desk))))
    return Standing(
        total=total,
        groups=[(heading, lines) for heading, lines in groups if lines],
        points=_points(desk),
        campaigns=campaigns_of(desk.event, desk.proposition),
    )


def _points(desk: Desk) -> list[tuple[str, list[Target]]]:
    points = Point.objects.filter(event=desk.event).select_related("proposition")
    if desk.proposition:
        points = points.filter(proposition=desk.proposition)
    ordered = list(points.order_by(F("proposition__number").asc(nulls_first=True), "position"))
    numbers = point_tallies([point.pk for point in ordered])
    found: dict[str, list[Target]] = {}
    for point in ordered:
        about = point.proposition
        heading = f"Points of proposition {about.number}" if about and not desk.proposition else "Points"
        found.setdefault(heading, []).append(Target(point, numbers[point.pk]))
    return list(found.items())


def _lines(desk: Desk, by: str, name: str, labels: Mapping[Any, str] | None) -> list[Line]:
    """One line for each value of a field. With labels in their order; without, the values themselves, as counted."""
    entries = desk.entries.exclude(table_name="") if labels is None else desk.entries
    totals = tallies(entries, by)
    fates = counts(entries, by, "disposition")
    if labels is None:
        labels = {value: value for value in sorted(totals, key=as_counted)}
    return [
        Line(
            label,
            Filters(show="everything", **{name: "none" if value is None else str(value)}).query,
            [fates.get((value, one), 0) for one in SHOWN],
            totals[value],
        )
        for value, label in labels.items()
        if value in totals
    ]


def _propositions(desk: Desk) -> dict[Any, str]:
    pages = PropositionPage.objects.child_of(desk.event).order_by("number")
    return {**{page.pk: f"{page.number} {page.title}" for page in pages}, None: "No proposition yet"}


def _sessions(desk: Desk) -> dict[Any, str]:
    rooms = LiveSession.objects.filter(page__in=desk.event.get_children()).order_by("page__starts_at", "pk")
    return dict(rooms.values_list("pk", "page__title"))
