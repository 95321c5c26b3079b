"""What stands beside the entry: how far the sorting has come, the points as targets, the filters with their counts."""

import datetime
import math
import re
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.text import Truncator

from gathering.desk import Desk, desk_echoes, desk_themes
from gathering.filters import Filters
from gathering.models import Decision, Echo, Entry, Point, Theme
from gathering.querysets import EntryQuerySet
from gathering.selectors import PointTally, Tally, counts, point_tallies, tally
from live.models import LiveSession, Prompt
from people.models import User
from propositions.models import PropositionPage

Disposition = Entry.Disposition
# A longer gap than this between two decisions was a pause.
PAUSE = datetime.timedelta(minutes=3)
# No person decides faster: what came closer together was decided by a program, or in one go.
HASTE = datetime.timedelta(milliseconds=300)
PACE_FROM = 5
# Beside the desk; a hall may have more, which the address of a filter still finds.
MOST_TABLES = 40
# Beside the desk, only the largest echoes; all of them have a page.
ECHOES_SHOWN = 5
# Beside the desk; the others are folded away below them.
THEMES_SHOWN = 8


@dataclass(frozen=True)
class Choice:
    """A line of the filters: where it leads, how many entries are there, whether it is in use."""

    label: str
    query: str
    count: int
    is_current: bool
    theme: int = 0


class Group(NamedTuple):
    """Lines of the filters under one heading; `more` are folded away."""

    heading: str
    choices: list[Choice]
    more: Sequence[Choice] = ()

    @property
    def themes(self) -> int:
        return sum(1 for choice in (*self.choices, *self.more) if choice.theme)


@dataclass(frozen=True)
class Found:
    """What a filter holds: how many by what became of them, whichever of them it goes through."""

    filters: Filters
    counted: Mapping[str, int]
    # What narrows it, in the words of the filters.
    names: Sequence[str] = ()

    @property
    def is_usual(self) -> bool:
        """Whether these are all the undecided, as on a desk freshly opened."""
        return self.filters == Filters()

    @property
    def total(self) -> int:
        return sum(self.counted.values())

    @property
    def here(self) -> int:
        """How many of them the editor goes through."""
        return self.total if self.filters.show == "everything" else self.counted.get(self.filters.show, 0)

    @property
    def sentence(self) -> str:
        show = Disposition.UNDECIDED if self.filters.show == "everything" else Disposition(self.filters.show)
        some = self.counted.get(show, 0)
        if self.filters.is_plain and self.filters.show != "everything":
            return f"{some} {show.label.lower()}."
        return f"{self.total} found, {some or 'none'} of them {show.label.lower()}." if self.total else "Nothing found."

    @property
    def every_query(self) -> str:
        """All of them, whatever became of them."""
        return self.filters.but(show="everything").query


@dataclass(frozen=True)
class Target:
    """A point as a target on the desk."""

    point: Point
    tally: PointTally
    suggestion: str = ""


@dataclass
class Panels:
    """Everything on the desk except the entry."""

    total: Tally
    counted: Mapping[str, int]
    targets: list[Target]
    groups: list[Group]
    dispositions: list[Choice]
    found: Found
    pace: str = ""

    @property
    def undecided(self) -> int:
        return self.counted[Disposition.UNDECIDED]

    @property
    def segments(self) -> list[tuple[str, str, str]]:
        """The coverage bar: for each disposition in order its name, where it begins and how wide it is, in percent."""
        found, begin = [], 0.0
        for value in ("used", "merged", "set_aside", "undecided"):
            width = 100 * self.counted[value] / max(1, self.total.entries)
            found.append((value, f"{begin:.2f}%", f"{width:.2f}%"))
            begin += width
        return found


def pace_of(desk: Desk, user: User, undecided: int) -> str:
    """How quickly this editor is deciding just now, and how long the rest will take at that pace."""
    moments: dict[uuid.UUID, datetime.datetime] = {}
    recent = (
        Decision.objects.filter(actor=user, made_at__gte=timezone.now() - datetime.timedelta(minutes=30))
        .exclude(kind=Decision.Kind.UNDONE)
        .order_by("-pk")
        .values_list("batch", "made_at")
    )
    for batch, made_at in recent[:60]:
        moments.setdefault(batch, made_at)
    ordered = sorted(moments.values())
    gaps = [later - earlier for earlier, later in pairwise(ordered) if HASTE <= later - earlier <= PAUSE]
    if len(gaps) < PACE_FROM or not undecided:
        return ""
    each = sum(gaps, datetime.timedelta()) / len(gaps)
    a_minute = datetime.timedelta(minutes=1) / each
    left = math.ceil(undecided / a_minute)
    time = f"{left} minute{'s' if left != 1 else ''}" if left < 90 else f"{round(left / 60)} hours"
    return f"{a_minute:.0f} a minute, about {time} left" if a_minute >= 1 else f"about {time} left"


def panels(desk: Desk, filters: Filters, points: Sequence[Point], user: User | None = None) -> Panels:
    """The desk's panels; the same number of queries at any size."""
    by_disposition = counts(desk.entries, "disposition")
    counted = {value: by_disposition.get(value, 0) for value in Disposition.values}
    numbers = point_tallies([point.pk for point in points])
    groups = _groups(desk, filters)
    return Panels(
        total=tally(desk.entries),
        counted=counted,
        targets=[Target(point, numbers[point.pk]) for point in points],
        groups=groups,
        found=_found(desk, filters, counted, _names(filters, groups, points)),
        dispositions=[
            Choice(
                Disposition(value).label.lower(),
                Filters(show=value).query,
                counted[value],
                filters.show == value,
            )
            for value in ("used", "merged", "set_aside", "undecided")
        ],
        pace=pace_of(desk, user, counted[Disposition.UNDECIDED]) if user else "",
    )


def _found(desk: Desk, filters: Filters, counted: Mapping[str, int], names: Sequence[str]) -> Found:
    if filters.is_plain:
        return Found(filters, counted)
    return Found(filters, counts(filters.but(show="everything").apply(desk), "disposition"), names)


def _names(filters: Filters, groups: Sequence[Group], points: Sequence[Point]) -> list[str]:
    named = [f"“{filters.q}”"] if filters.q else []
    named += [f"point {point.position}" for point in points if filters.point == str(point.pk)]
    return named + [choice.label for group in groups for choice in group.choices if choice.is_current]


def _groups(desk: Desk, filters: Filters) -> list[Group]:
    shown = Filters(show=filters.show).apply(desk)
    # One read of the ledger for all of them.
    rows = (
        shown.order_by()
        .values("theme_id", "channel", "session_id", "prompt_id")
        .annotate(
            every=Count("pk"),
            starred=Count("pk", filter=Q(is_starred=True) | Q(is_starred_in_room=True)),
            quotable=Count(
                "pk",
                filter=~Q(consent="none") & Q(source_hidden_at=None, source_withdrawn_at=None, erased_at=None),
            ),
            flagged=Count(
                "pk",
                filter=~Q(source_edited_at=None, source_hidden_at=None, source_withdrawn_at=None, erased_at=None),
            ),
        )
    )
    found: Counter[str] = Counter()
    sizes: Counter[int | None] = Counter()
    sessions: Counter[int | None] = Counter()
    asked: Counter[int | None] = Counter()
    for row in rows:
        sizes[row["theme_id"]] += row["every"]
        sessions[row["session_id"]] += row["every"]
        asked[row["prompt_id"]] += row["every"]
        found[f"in_{row['channel']}"] += row["every"]
        found.update({name: row[name] for name in ("every", "starred", "quotable", "flagged")})
    which = {"undecided": "all undecided", "used": "all used", "merged": "all merged", "set_aside": "all set aside"}
    piles = [
        Choice(
            which.get(filters.show, "everything"), Filters(show=filters.show).query, found["every"], filters.is_plain
        )
    ]
    themes = list(desk_themes(desk).order_by("position", "pk"))
    offered = []
    for theme in themes:
        wanted = filters.but(theme=str(theme.pk))
        if sizes[theme.pk] or wanted == filters:
            offered.append(Choice(theme.label, wanted.query, sizes[theme.pk], wanted == filters, theme.pk))
    # The chosen one stands among those shown, wherever it is in the list.
    away = [one for one in offered[THEMES_SHOWN:] if not one.is_current]
    if len(away) < len(offered[THEMES_SHOWN:]):
        away = [offered[THEMES_SHOWN - 1], *away]
    piles += [one for one in offered if one not in away]
    if themes:
        wanted = filters.but(theme="none")
        piles.append(Choice("not yet grouped", wanted.query, sizes[None], wanted == filters))
    channels = [
        ("before, comments", Entry.Channel.BEFORE),
        ("live", Entry.Channel.LIVE),
        ("tables", Entry.Channel.TABLE),
    ]
    groups = [Group(_themes_heading(themes), piles, away)]
    if filters.like:
        groups.append(Group("More like one", _around(desk, filters)))
    if desk.proposition is None and (about := _about(desk, filters)):
        groups.append(Group("About", about))
    if echoes := _echoes(desk, filters):
        groups.append(Group("In the same words", echoes))
    groups += [
        Group(
            "Where it was said",
            [_toggle(filters, label, "channel", str(value), found[f"in_{value}"]) for label, value in channels],
        ),
    ]
    if filters.table or filters.channel == Entry.Channel.TABLE:
        groups.append(Group("At which table", _tables(filters, shown)))
    groups += _rooms(filters, sessions, asked)
    only = [
        _toggle(filters, "starred", "starred", True, found["starred"]),
        _toggle(filters, "may be quoted", "quotable", True, found["quotable"]),
    ]
    if found["flagged"] or filters.flagged:
        only.append(_toggle(filters, "changed at the source", "flagged", True, found["flagged"]))
    groups.append(Group("Only", only))
    return groups


def _around(desk: Desk, filters: Filters) -> list[Choice]:
    words = desk.entries.filter(pk=filters.like).values_list("text", flat=True).first() or ""
    size = Filters(show=filters.show, like=filters.like).apply(desk).count()
    return [_toggle(filters, f"“{Truncator(words).words(8)}”", "like", filters.like, size)]


def _tables(filters: Filters, shown: EntryQuerySet) -> list[Choice]:
    sizes = counts(shown.exclude(table_name=""), "table_name")
    if filters.table:
        sizes.setdefault(filters.table, 0)
    names = sorted(sizes, key=as_counted)
    return [_toggle(filters, name, "table", name, sizes[name]) for name in names[:MOST_TABLES]]


def as_counted(name: str) -> tuple[str, int]:
    """Table 10 comes after table 9."""
    return re.sub(r"\d+", "", name), int("0" + "".join(re.findall(r"\d", name))[:9])


def _rooms(filters: Filters, sessions: Mapping[int | None, int], asked: Mapping[int | None, int]) -> list[Group]:
    """The live sessions, and what was asked in them: where there was more than one."""
    groups = []
    held = [pk for pk in sessions if pk]
    if len(held) > 1 or filters.session:
        rooms = (
            LiveSession.objects.filter(pk__in=held).order_by("page__starts_at", "pk").values_list("pk", "page__title")
        )
        groups.append(
            Group("Session", [_toggle(filters, title, "session", str(pk), sessions[pk]) for pk, title in rooms]),
        )
    prompts = list(Prompt.objects.filter(pk__in=[pk for pk in asked if pk]).order_by("session_id", "position"))
    if filters.session:
        prompts = [prompt for prompt in prompts if str(prompt.session_id) == filters.session]
    if len(prompts) > 1:
        groups.append(
            Group(
                "Asked in the room",
                [_toggle(filters, prompt.text, "prompt", str(prompt.pk), asked[prompt.pk]) for prompt in prompts[:12]],
            )
        )
    return groups


def _about(desk: Desk, filters: Filters) -> list[Choice]:
    """On an event's desk: the propositions that entries are about, and those about none in particular."""
    rows = counts(Filters(show=filters.show).apply(desk), "proposition")
    if len(rows) < 2 and None not in rows:
        return []
    numbers = dict(PropositionPage.objects.filter(pk__in=[pk for pk in rows if pk]).values_list("pk", "number"))
    found = [
        _toggle(filters, f"proposition {number}", "about", str(pk), rows[pk])
        for pk, number in sorted(numbers.items(), key=lambda pair: pair[1])
    ]
    if None in rows or filters.about == "none":
        found.append(_toggle(filters, "no proposition yet", "about", "none", rows.get(None, 0)))
    return found


def _echoes(desk: Desk, filters: Filters) -> list[Choice]:
    echoes = (
        desk_echoes(desk)
        .exclude(state=Echo.State.REFUSED)
        .annotate(size=Count("entries", filter=_disposition_of("entries", filters.show)))
        .order_by("-size", "pk")
    )
    return [
        _toggle(filters, echo.label, "echo", str(echo.pk), echo.size)
        for echo in echoes[:ECHOES_SHOWN]
        if echo.size > 1 or filters.echo == str(echo.pk)
    ]


def _themes_heading(themes: Sequence[Theme]) -> str:
    if not themes:
        return "Entries"
    return "Themes" if all(theme.is_accepted for theme in themes) else "Themes, suggested"


def _disposition_of(path: str, show: str) -> Q:
    return Q() if show == "everything" else Q(**{f"{path}__disposition": show})


def _toggle(filters: Filters, label: str, name: str, value: Any, count: int) -> Choice:
    """A filter that is switched off by choosing it again."""
    is_current = getattr(filters, name) == value
    off = False if value is True else ""
    return Choice(label, filters.but(**{name: off if is_current else value}).query, count, is_current)
