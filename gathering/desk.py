"""What the sorting desk shows: the filter in use, one entry large, the points and how far the sorting has come."""

import datetime
import math
import re
import threading
import uuid
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.text import Truncator

from events.models import EventPage
from gathering import likeness
from gathering.models import Decision, DeskPlace, Echo, Entry, Excerpt, Point, Theme
from gathering.querysets import EntryQuerySet
from gathering.selectors import (
    PointTally,
    Tally,
    count_people,
    counts,
    head_among,
    point_tallies,
    points_of,
    tally,
)
from gathering.vectors import vectors_of
from live.models import LiveSession, Prompt
from people.models import User
from propositions.models import PropositionPage

Disposition = Entry.Disposition
ORDINALS = ("first", "second", "third")
# Somebody whose desk has asked for news within this time is sorting too.
PRESENT_SECONDS = 45
LIKE_ENOUGH = 0.55

REASONS = (
    "Off the question that was asked",
    "About the venue or the day. Passed to the organiser",
    "Not clear enough to use",
    "A greeting, a test or a joke",
    "Outside what those who read the briefing can change",
)


@dataclass(frozen=True)
class Desk:
    """Which ledger is on the desk: an event's, or one proposition's."""

    event: EventPage
    proposition: PropositionPage | None

    @property
    def scope(self) -> str:
        return str(self.proposition.pk) if self.proposition else "all"

    @property
    def entries(self) -> EntryQuerySet:
        return Entry.objects.on_desk(self.event, self.proposition)

    @property
    def title(self) -> str:
        return f"Sorting desk, proposition {self.proposition.number}" if self.proposition else "Sorting desk"


@dataclass(frozen=True)
class Filters:
    """Which entries the editor goes through. Unknown values in an address are ignored."""

    show: str = Disposition.UNDECIDED
    theme: str = ""
    echo: str = ""
    about: str = ""
    channel: str = ""
    session: str = ""
    prompt: str = ""
    point: str = ""
    table: str = ""
    like: str = ""
    starred: bool = False
    quotable: bool = False
    flagged: bool = False
    q: str = ""

    @classmethod
    def parse(cls, data: Mapping[str, str]) -> "Filters":
        values: dict[str, Any] = {}
        for one in fields(cls):
            raw = str(data.get(one.name, "")).strip()
            if one.type is bool or isinstance(one.default, bool):
                values[one.name] = raw == "1"
            else:
                values[one.name] = raw[:200]
        if values["show"] not in (*Disposition.values, "everything"):
            values["show"] = Disposition.UNDECIDED
        if values["channel"] not in Entry.Channel.values:
            values["channel"] = ""
        for name in ("theme", "session", "prompt", "about", "echo", "like"):
            if values[name] != "none" and not values[name].isdecimal():
                values[name] = ""
        if values["like"] == "none":
            values["like"] = ""
        if not re.fullmatch(r"[0-9a-f-]{36}", values["point"]):
            values["point"] = ""
        return cls(**values)

    @property
    def query(self) -> str:
        """As a query string. Never empty, so that an address with a filter is told from one without."""
        given: dict[str, str] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if value and value != one.default:
                given[one.name] = "1" if value is True else str(value)
        return urlencode({"show": self.show, **given})

    def but(self, **changes: Any) -> "Filters":
        return replace(self, **changes)

    @property
    def is_plain(self) -> bool:
        """Whether nothing narrows the disposition shown."""
        return self == Filters(show=self.show)

    @property
    def narrowing(self) -> list[tuple[str, str]]:
        """What narrows it beside the words searched for, as the fields of a form."""
        given = ((one.name, getattr(self, one.name)) for one in fields(self) if one.name not in ("show", "q"))
        return [(name, "1" if value is True else value) for name, value in given if value]

    def apply(self, desk: Desk) -> EntryQuerySet:
        """The entries of a desk that it holds."""
        entries = desk.entries
        if self.show != "everything":
            entries = entries.filter(disposition=self.show)
        if self.theme:
            entries = entries.filter(theme=None if self.theme == "none" else self.theme)
        if self.echo:
            entries = entries.filter(echo=None if self.echo == "none" else self.echo)
        if self.about:
            entries = entries.filter(proposition=None if self.about == "none" else self.about)
        if self.session:
            entries = entries.filter(session=None if self.session == "none" else self.session)
        if self.prompt:
            entries = entries.filter(prompt=None if self.prompt == "none" else self.prompt)
        if self.channel:
            entries = entries.filter(channel=self.channel)
        if self.point:
            entries = entries.filter(Q(point=self.point) | Q(merged_into__point=self.point))
        if self.table:
            entries = entries.filter(table_name=self.table)
        if self.starred:
            entries = entries.starred()
        if self.quotable:
            entries = entries.quotable()
        if self.flagged:
            entries = entries.exclude(
                source_edited_at=None, source_hidden_at=None, source_withdrawn_at=None, erased_at=None
            )
        if self.q:
            entries = entries.saying(self.q)
        if self.like:
            entries = entries.filter(pk__in=_pile_around(desk, int(self.like)))
        return entries


# Text with its marks


@dataclass(frozen=True)
class Run:
    """A stretch of text under the same marks: the roles of the excerpts that hold it."""

    text: str
    role: str


@dataclass(frozen=True)
class Paragraph:
    """A line of the text. `start` is its place in the whole, counted in characters as Python does."""

    start: int
    runs: Sequence[Run]


def paragraphs(text: str, excerpts: Sequence[Excerpt]) -> list[Paragraph]:
    """The text cut into its lines and into what is marked as an excerpt and what is not."""
    marks = sorted(
        ((start, end, excerpt.role) for excerpt in excerpts for start, end in excerpt.spans),
        key=lambda mark: (mark[0], mark[1]),
    )
    found = []
    for line in re.finditer(r"[^\n]+", text):
        start, end = line.span()
        if not line.group().strip():
            continue
        edges = {start, end}
        for mark_start, mark_end, _ in marks:
            edges.update(edge for edge in (mark_start, mark_end) if start < edge < end)
        ordered = sorted(edges)
        runs = []
        for a, b in pairwise(ordered):
            role = next((role for mark_start, mark_end, role in marks if mark_start <= a and b <= mark_end), "")
            runs.append(Run(text[a:b], role))
        found.append(Paragraph(start, runs))
    return found


# One entry, large


@dataclass
class Card:
    """An entry as it stands on the desk."""

    entry: Entry
    excerpts: list[Excerpt]
    suggestions: dict[str, str] = field(default_factory=dict)
    more_like_this: int = 0
    echoes: int = 0
    merged_here: int = 0
    themes: Sequence[Theme] = ()
    propositions: Sequence[PropositionPage] = ()

    @property
    def places(self) -> bool:
        """Whether there is anywhere to move it."""
        return bool(self.themes or self.propositions)

    roles = Excerpt.Role.choices

    @property
    def paragraphs(self) -> list[Paragraph]:
        return paragraphs(self.entry.text, self.excerpts)

    @property
    def versioned(self) -> str:
        """How forms name the entry: its id and the version the editor sees."""
        return f"{self.entry.pk}:{self.entry.version}"

    @property
    def new_words(self) -> str:
        """What the source says now, if it was edited since."""
        entry = self.entry
        if not entry.source_edited_at or entry.source_note:
            return ""
        if entry.comment:
            return str(entry.comment.comment)
        return entry.contribution.body if entry.contribution else ""


def cards(desk: Desk, entries: EntryQuerySet, suggester: "Suggester | None" = None) -> list[Card]:
    """Entries as cards; six queries for any number, and the suggester's own."""
    found = list(
        entries.select_related(
            "point", "prompt", "session__page", "merged_into__point", "comment", "contribution", "proposition", "echo"
        ).prefetch_related("excerpts")
    )
    echoes = {entry.echo_id for entry in found if entry.echo and entry.echo.state != Echo.State.REFUSED}
    sizes = counts(Entry.objects.filter(echo__in=echoes), "echo") if echoes else {}
    merged = counts(Entry.objects.filter(merged_into__in=found), "merged_into")
    themes = list(desk_themes(desk))
    propositions = list(PropositionPage.objects.child_of(desk.event).only("pk", "title", "number").order_by("number"))
    made = [
        Card(
            entry,
            [excerpt for excerpt in entry.excerpts.all() if excerpt.removed_at is None],
            echoes=sizes.get(entry.echo_id, 1) - 1,
            merged_here=merged.get(entry.pk, 0),
            themes=themes,
            propositions=propositions,
        )
        for entry in found
    ]
    if suggester:
        how_many = suggester.how_many_like([card.entry for card in made])
        for card, alike in zip(made, how_many, strict=True):
            card.suggestions = suggester.suggest(card.entry)
            card.more_like_this = alike
    return made


class _Sorted:
    """A desk's entries as the suggester sees them, kept between requests: read once, then only what was decided since.

    The decision log is append-only and written under the desk's lock, so that the last number read says what is new.
    """

    def __init__(self, desk: Desk, signature: tuple[Any, ...]) -> None:
        self.signature = signature
        self.decided_up_to = _last_decision(desk)
        rows = list(_placed(desk.entries.filter(erased_at=None)))
        self.hashes = [text_hash for _, text_hash, *_ in rows]
        self.row_of = {pk: number for number, (pk, *_) in enumerate(rows)}
        self.undecided = np.array([disposition == Disposition.UNDECIDED for _, _, disposition, *_ in rows], bool)
        self.under: dict[int, Any] = {
            number: point_id or through for number, (*_, point_id, through) in enumerate(rows) if point_id or through
        }
        self.vectors = vectors_of(self.hashes)
        self.together: dict[int, likeness.Vectors] = {}
        self.learners: dict[Any, likeness.Learner | None] = {}

    def catch_up(self, desk: Desk) -> bool:
        """Read what was decided since. Answers whether that was enough: not if an entry has other words now."""
        last = _last_decision(desk)
        if last == self.decided_up_to:
            return True
        new = Decision.objects.filter(pk__gt=self.decided_up_to, pk__lte=last, entry__event=desk.event)
        decided = list(new.values_list("entry_id", "kind"))
        if any(kind == Decision.Kind.ADOPTED for _, kind in decided):
            return False
        ids = {pk for pk, _ in decided}
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
        self.learners.clear()
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
        if key not in self.learners:
            wanted = {point.pk for point in points}
            numbers = sorted(number for number, point_id in self.under.items() if point_id in wanted)[-MOST_EXAMPLES:]
            labels = [self.under[number] for number in numbers]
            learner = None
            if len(set(labels)) > 1:
                titled = [point for point in points if point.working_title.strip()]
                words = [point.working_title for point in titled]
                titles = vectors_of(self.hashes[:1], words=words)[1:] if words else []
                if len(words) and titles[0].shape[0] != self.vectors.shape[1]:
                    titles = []
                named = {point.pk: row for point, row in zip(titled, titles, strict=False)}
                learner = likeness.Learner(self.rows(numbers), labels, named)
            self.learners = {key: learner}
        return self.learners[key]


# The newest examples are enough, and are learnt from in a few hundredths of a second.
MOST_EXAMPLES = 800
# Desks kept in memory, of those sorted last; 5,000 entries take some 5 MB.
MOST_DESKS = 6
_desks: "OrderedDict[tuple[int, str], _Sorted]" = OrderedDict()
_desks_lock = threading.Lock()


def _placed(entries: EntryQuerySet) -> Any:
    return entries.in_order().values_list("pk", "text_hash", "disposition", "point_id", "merged_into__point_id")


def _last_decision(desk: Desk) -> int:
    return Decision.objects.filter(entry__event=desk.event).order_by("-pk").values_list("pk", flat=True).first() or 0


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
        if learner is None:
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


# More entries than this are not gathered around one.
MOST_LIKE = 200


def _pile_around(desk: Desk, entry_id: int) -> list[int]:
    """An entry and those that say something much like it, most like it first."""
    known = _sorted(desk)
    number = known.row_of.get(entry_id)
    if number is None:
        return []
    ids = list(known.row_of)
    near = known.vectors @ known.vectors[number]
    # Whatever rounding says, an entry is like itself.
    near[number] = np.inf
    alike = np.flatnonzero(near >= LIKE_ENOUGH)
    return [ids[other] for other in alike[np.argsort(-near[alike], kind="stable")][:MOST_LIKE]]


def like(desk: Desk, entry: Entry, *, words: str = "", limit: int = 12) -> list[tuple[Entry, float]]:
    """Entries most like one, with how like they are; only those that hold given words, if any are given.

    Merged entries are left to the one they stand with.
    """
    others = desk.entries.exclude(pk=entry.pk).exclude(disposition=Disposition.MERGED).filter(erased_at=None)
    if words:
        others = others.saying(words)
    rows = list(others.in_order().values_list("pk", "text_hash"))
    vectors = vectors_of([*(text_hash for _, text_hash in rows), entry.text_hash])
    best = {rows[number][0]: how for number, how in likeness.ranked(vectors[-1], vectors[:-1])[:limit]}
    found = {one.pk: one for one in others.filter(pk__in=best).select_related("point")}
    return [(found[pk], how) for pk, how in best.items() if pk in found]


# Beside it


@dataclass(frozen=True)
class Choice:
    """A line of the filters: where it leads, how many entries are there, whether it is in use."""

    label: str
    query: str
    count: int
    is_current: bool
    theme: int = 0


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
    groups: list[tuple[str, list[Choice]]]
    dispositions: list[Choice]
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


# A longer gap than this between two decisions was a pause.
PAUSE = datetime.timedelta(minutes=3)
# No person decides faster: what came closer together was decided by a program, or in one go.
HASTE = datetime.timedelta(milliseconds=300)
PACE_FROM = 5


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
    return Panels(
        total=tally(desk.entries),
        counted=counted,
        targets=[Target(point, numbers[point.pk]) for point in points],
        groups=_groups(desk, filters),
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


def _groups(desk: Desk, filters: Filters) -> list[tuple[str, list[Choice]]]:
    shown = Filters(show=filters.show).apply(desk)
    # One read of the ledger for all of them.
    rows = (
        shown.order_by()
        .values("theme_id", "channel", "session_id")
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
    for row in rows:
        sizes[row["theme_id"]] += row["every"]
        sessions[row["session_id"]] += row["every"]
        found[f"in_{row['channel']}"] += row["every"]
        found.update({name: row[name] for name in ("every", "starred", "quotable", "flagged")})
    which = {"undecided": "all undecided", "used": "all used", "merged": "all merged", "set_aside": "all set aside"}
    piles = [
        Choice(
            which.get(filters.show, "everything"), Filters(show=filters.show).query, found["every"], filters.is_plain
        )
    ]
    themes = list(desk_themes(desk).order_by("position", "pk"))
    for theme in themes:
        wanted = filters.but(theme=str(theme.pk))
        if sizes[theme.pk] or wanted == filters:
            piles.append(Choice(theme.label, wanted.query, sizes[theme.pk], wanted == filters, theme.pk))
    if themes:
        wanted = filters.but(theme="none")
        piles.append(Choice("not yet grouped", wanted.query, sizes[None], wanted == filters))
    channels = [
        ("before, comments", Entry.Channel.BEFORE),
        ("live", Entry.Channel.LIVE),
        ("tables", Entry.Channel.TABLE),
    ]
    groups = [(_themes_heading(themes), piles)]
    if filters.like:
        groups.append(("More like one", _around(desk, filters)))
    if desk.proposition is None and (about := _about(desk, filters)):
        groups.append(("About", about))
    if echoes := _echoes(desk, filters):
        groups.append(("In the same words", echoes))
    groups += [
        (
            "Where it was said",
            [_toggle(filters, label, "channel", str(value), found[f"in_{value}"]) for label, value in channels],
        ),
    ]
    if filters.table or filters.channel == Entry.Channel.TABLE:
        groups.append(("At which table", _tables(filters, shown)))
    groups += _rooms(filters, shown, sessions)
    only = [
        _toggle(filters, "starred", "starred", True, found["starred"]),
        _toggle(filters, "may be quoted", "quotable", True, found["quotable"]),
    ]
    if found["flagged"] or filters.flagged:
        only.append(_toggle(filters, "changed at the source", "flagged", True, found["flagged"]))
    groups.append(("Only", only))
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


# Beside the desk; a hall may have more, which the address of a filter still finds.
MOST_TABLES = 40


def _rooms(
    filters: Filters, shown: EntryQuerySet, sessions: Mapping[int | None, int]
) -> list[tuple[str, list[Choice]]]:
    """The live sessions, and what was asked in them: where there was more than one."""
    groups = []
    held = [pk for pk in sessions if pk]
    if len(held) > 1 or filters.session:
        rooms = (
            LiveSession.objects.filter(pk__in=held).order_by("page__starts_at", "pk").values_list("pk", "page__title")
        )
        groups.append(
            ("Session", [_toggle(filters, title, "session", str(pk), sessions[pk]) for pk, title in rooms]),
        )
    prompts = list(
        Prompt.objects.filter(entries__in=shown).annotate(size=Count("entries")).order_by("session_id", "position")
    )
    if filters.session:
        prompts = [prompt for prompt in prompts if str(prompt.session_id) == filters.session]
    if len(prompts) > 1:
        groups.append(
            (
                "Asked in the room",
                [_toggle(filters, prompt.text, "prompt", str(prompt.pk), prompt.size) for prompt in prompts[:12]],
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


# Beside the desk, only the largest echoes; all of them have a page.
ECHOES_SHOWN = 5


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


def others_at(desk: Desk, user: User) -> list[str]:
    """The names of other editors who are sorting this event now."""
    since = timezone.now() - datetime.timedelta(seconds=PRESENT_SECONDS)
    places = (
        DeskPlace.objects.filter(event=desk.event, seen_at__gte=since)
        .exclude(user=user)
        .select_related("user", "user__person")
        .order_by("user_id")
    )
    return list(dict.fromkeys(place.user.display_name for place in places))


def place_of(desk: Desk, user: User) -> DeskPlace | None:
    """Where this editor stopped."""
    return (
        DeskPlace.objects.filter(event=desk.event, proposition=desk.proposition, user=user)
        .select_related("entry")
        .first()
    )


@dataclass(frozen=True)
class Walk:
    """What a filter holds, in order: one query for the entry shown, its neighbours and how many there are."""

    ids: Sequence[int]
    desk: Desk
    filters: Filters

    def begin(self, near: Entry | None) -> int | None:
        """The entry to begin with: where one stopped if the filter holds it, else the next after, else the first."""
        if near is not None and near.pk in self.ids:
            return near.pk
        return self.after(near) or (self.ids[0] if self.ids else None)

    def after(self, near: Entry | None) -> int | None:
        """The entry that follows, whether or not the filter still holds this one."""
        if near is None:
            return None
        if near.pk in self.ids:
            return next(iter(self.ids[self.ids.index(near.pk) + 1 :][:1]), None)
        return self._outside().after(near).values_list("pk", flat=True).first()

    def before(self, near: Entry | None) -> int | None:
        """The entry that comes before."""
        if near is None:
            return None
        if near.pk in self.ids:
            return next(iter(self.ids[: self.ids.index(near.pk)][-1:]), None)
        return self._outside().before(near).values_list("pk", flat=True).first()

    def _outside(self) -> EntryQuerySet:
        return self.filters.apply(self.desk)


def walk(desk: Desk, filters: Filters) -> Walk:
    return Walk(list(filters.apply(desk).in_order().values_list("pk", flat=True)), desk, filters)


def desk_points(desk: Desk) -> list[Point]:
    return points_of(desk.event, desk.proposition)


def desk_themes(desk: Desk) -> QuerySet[Theme]:
    return Theme.objects.filter(event=desk.event, proposition=desk.proposition)


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


# How many of a theme's most typical and most unlike entries are shown.
ENDS = 2


def desk_echoes(desk: Desk) -> QuerySet[Echo]:
    return Echo.objects.filter(event=desk.event, proposition=desk.proposition)


@dataclass
class EchoPile:
    """What was said in the same words, as editors judge it."""

    echo: Echo
    head: Entry
    others: list[Entry]

    @property
    def people(self) -> int:
        return count_people([self.head, *self.others])

    @property
    def collapsed(self) -> int:
        """How many of the others are merged within it."""
        return sum(1 for entry in self.others if entry.merged_into_id and entry.merged_into.echo_id == self.echo.pk)

    @property
    def left(self) -> int:
        """How many of the others can still be collapsed into its head."""
        return sum(1 for entry in self.others if entry.disposition == Disposition.UNDECIDED)

    @property
    def wordings(self) -> list[tuple[Entry, int]]:
        """The different wordings among the others, each with how many used it."""
        said: dict[str, list[Entry]] = {}
        for entry in self.others:
            if entry.text_hash != self.head.text_hash:
                said.setdefault(entry.text_hash, []).append(entry)
        return [(some[0], len(some)) for some in sorted(said.values(), key=len, reverse=True)]


def echo_piles(desk: Desk) -> list[EchoPile]:
    """Every echo of a desk that nobody refused, most entries first."""
    echoes = list(desk_echoes(desk).exclude(state=Echo.State.REFUSED).order_by("pk"))
    members: dict[int, list[Entry]] = {}
    for entry in (
        Entry.objects.filter(echo__in=echoes, erased_at=None).select_related("point", "merged_into").in_order()
    ):
        members.setdefault(entry.echo_id, []).append(entry)
    found = []
    for echo in echoes:
        some = members.get(echo.pk, [])
        if len(some) > 1:
            head = head_among(some)
            found.append(EchoPile(echo, head, [entry for entry in some if entry.pk != head.pk]))
    return sorted(found, key=lambda pile: (-len(pile.others), pile.echo.pk))


@dataclass
class Context:
    """What was said around an entry."""

    entry: Entry
    before: list[Any]
    after: list[Any]
    answered: Any = None


def context_of(entry: Entry) -> Context:
    """The thread or the room around an entry: what it answers, what came just before and after."""
    around = Entry.objects.filter(event=entry.event_id).standing()
    if entry.comment:
        around = around.filter(comment__thread_id=entry.comment.thread_id)
        answered = None
        if entry.comment.parent_id != entry.comment.pk:
            answered = Entry.objects.filter(comment=entry.comment.parent_id).standing().first()
        return Context(entry, list(reversed(around.before(entry)[:3])), list(around.after(entry)[:3]), answered)
    if entry.session_id:
        around = around.filter(session=entry.session_id, prompt=entry.prompt_id)
    return Context(entry, list(reversed(around.before(entry)[:3])), list(around.after(entry)[:3]))
