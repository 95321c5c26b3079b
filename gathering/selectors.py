"""Reads of the ledger: coverage, what points rest on, what became of somebody's words."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from wagtail.models import Page

from discussion.models import Comment, CommentState
from events.models import EventPage
from gathering.models import Decision, Desk, DeskLook, Echo, Entry, Excerpt, Point
from gathering.querysets import EntryQuerySet
from live.models import Contribution, LiveSession, Vote
from propositions.models import PropositionPage
from realtime.log import read

Disposition = Entry.Disposition
Channel = Entry.Channel


# Where something was said


@dataclass(frozen=True)
class Place:
    """The event, and if there is one the proposition, that something said belongs to."""

    event_id: int
    proposition_id: int | None


def places_of_pages(paths: Iterable[str]) -> dict[str, Place]:
    """The event and proposition each page stands below (or is), by the page's tree path; two queries for any number.

    Pages below no event, such as the news, have no place.
    """
    prefixes = {path: _prefixes(path) for path in paths}
    wanted = {prefix for some in prefixes.values() for prefix in some}
    events = _events_at(wanted)
    propositions = dict(PropositionPage.objects.filter(path__in=wanted).values_list("path", "pk"))
    return {
        path: Place(event_id, _first(propositions, some))
        for path, some in prefixes.items()
        if (event_id := _first(events, some)) is not None
    }


def _prefixes(path: str) -> list[str]:
    """The tree paths of a page and all above it, from the root down."""
    return [path[:length] for length in range(Page.steplen, len(path) + 1, Page.steplen)]


def _events_at(paths: Iterable[str]) -> dict[str, int]:
    return dict(EventPage.objects.filter(path__in=set(paths)).values_list("path", "pk"))


def _first(ids: Mapping[str, int], prefixes: Iterable[str]) -> int | None:
    return next((ids[prefix] for prefix in prefixes if prefix in ids), None)


def place_of_page(page: Page) -> Place | None:
    """The place of one page; a proposition knows its own, and mostly without asking."""
    if isinstance(page, PropositionPage):
        return Place(page.event.pk, page.pk)
    return places_of_pages([page.path]).get(page.path)


def places_of_sessions(session_ids: Iterable[int]) -> dict[int, Place]:
    """The event of each live session, and its proposition if it is about one only; two queries for any number.

    Rehearsals have no place: nothing said in them belongs in a ledger.
    """
    path_of: dict[int, str] = {}
    about: dict[int, set[int]] = defaultdict(set)
    sessions = LiveSession.objects.filter(pk__in=set(session_ids), is_rehearsal=False)
    for session_id, path, proposition_id in sessions.values_list("pk", "page__path", "page__propositions"):
        path_of[session_id] = path
        if proposition_id is not None:
            about[session_id].add(proposition_id)
    events = _events_at(prefix for path in path_of.values() for prefix in _prefixes(path))
    return {
        session_id: Place(event_id, next(iter(about[session_id])) if len(about[session_id]) == 1 else None)
        for session_id, path in path_of.items()
        if (event_id := _first(events, _prefixes(path))) is not None
    }


def comments_missing_from_ledger() -> list[Comment]:
    """Published comments below an event that have no entry."""
    missing = list(
        Comment.objects.filter(state=CommentState.PUBLISHED, entry=None)
        .select_related("page", "person")
        .order_by("pk")
        .iterator(chunk_size=2000)
    )
    places = places_of_pages({comment.page.path for comment in missing})
    return [comment for comment in missing if comment.page.path in places]


def contributions_missing_from_ledger() -> list[Contribution]:
    """Shown contributions, rehearsals aside, that have no entry."""
    return list(
        Contribution.objects.filter(state=Contribution.State.SHOWN, entry=None, session__is_rehearsal=False).order_by(
            "session_id", "seq"
        )
    )


def entries_behind_their_source() -> EntryQuerySet:
    """Entries whose flags do not say that their source is hidden, withdrawn or edited, or still say so of a release."""
    gone = Q(comment__state=CommentState.HIDDEN) | Q(contribution__state=Contribution.State.HIDDEN)
    withdrawn = Q(comment__state=CommentState.WITHDRAWN) | Q(contribution__state=Contribution.State.WITHDRAWN)
    stands = Q(comment__state=CommentState.PUBLISHED) | Q(contribution__state=Contribution.State.SHOWN)
    other_words = (Q(comment__isnull=False) & ~Q(comment__comment=F("text"))) | (
        Q(contribution__isnull=False) & ~Q(contribution__body=F("text"))
    )
    return Entry.objects.filter(
        (gone & Q(source_hidden_at=None))
        | (withdrawn & Q(source_withdrawn_at=None))
        | (stands & (Q(source_hidden_at__isnull=False) | Q(source_withdrawn_at__isnull=False)))
        | (stands & other_words & Q(source_edited_at=None, erased_at=None))
    ).select_related("comment", "contribution")


# Counting people


@dataclass(frozen=True)
class Tally:
    """How many entries, from how many distinct people. A table's entry speaks for everybody at the table."""

    entries: int = 0
    people: int = 0


def tallies(entries: EntryQuerySet, *by: str) -> dict[Any, Tally]:
    """Tallies of entries grouped by fields; two queries. Keys are values, or tuples of them if there are several."""

    def key(row: Mapping[str, Any]) -> Any:
        return row[by[0]] if len(by) == 1 else tuple(row[name] for name in by)

    counted = entries.order_by().values(*by).annotate(how_many=Count("pk"), voices=Count("author_key", distinct=True))
    # Few entries speak for more than one person: count those people on top, each table once.
    tables: dict[Any, int] = defaultdict(int)
    heads: dict[Any, int] = {}
    # Without grouping, which SQLite would do by reading every row in the order of its author.
    for row in entries.filter(headcount__gt=1).order_by().values(*by, "author_key", "headcount").distinct():
        person = key(row), row["author_key"]
        heads[person] = max(heads.get(person, 1), row["headcount"])
    for (group, _), count in heads.items():
        tables[group] += count - 1
    return {key(row): Tally(row["how_many"], row["voices"] + tables[key(row)]) for row in counted}


def counts(entries: EntryQuerySet, *by: str) -> dict[Any, int]:
    """How many entries, grouped by fields, without asking how many people; one query, read from an index."""
    rows = entries.order_by().values_list(*by).annotate(how_many=Count("pk"))
    return {row[0] if len(by) == 1 else row[:-1]: row[-1] for row in rows}


def tally(entries: EntryQuerySet) -> Tally:
    """The tally of entries as a whole; two queries."""
    counted = entries.order_by().aggregate(how_many=Count("pk"), voices=Count("author_key", distinct=True))
    tables = entries.filter(headcount__gt=1).order_by().values("author_key").annotate(heads=Max("headcount"))
    return Tally(counted["how_many"], counted["voices"] + sum(row["heads"] - 1 for row in tables))


@dataclass(frozen=True)
class Coverage:
    """What has become of an event's or a proposition's entries so far."""

    total: Tally
    dispositions: dict[str, Tally]
    channels: dict[str, Tally]
    tables: dict[str, Tally] = field(default_factory=dict)
    campaigns: list["CampaignTally"] = field(default_factory=list)

    @property
    def undecided(self) -> int:
        return self.dispositions[Disposition.UNDECIDED].entries

    @property
    def decided(self) -> int:
        return self.total.entries - self.undecided


def coverage(event: Any, proposition: Any | None = None) -> Coverage:
    """Coverage by entries and people: by disposition, channel, table and campaign; at most eleven queries."""
    entries = Entry.objects.on_desk(event, proposition)
    dispositions = tallies(entries, "disposition")
    channels = tallies(entries, "channel")
    return Coverage(
        total=tally(entries),
        dispositions={value: dispositions.get(value, Tally()) for value in Disposition.values},
        channels={value: channels.get(value, Tally()) for value in Channel.values},
        tables=dict(sorted(tallies(entries.exclude(table_name=""), "table_name").items())),
        campaigns=campaigns_of(event, proposition),
    )


def coverage_of_propositions(events: Sequence[Any]) -> dict[tuple[int, int | None], dict[str, Tally]]:
    """Tallies by disposition for each (event, proposition) that has entries; two queries for any number of events."""
    rows = tallies(Entry.objects.filter(event__in=events), "event_id", "proposition_id", "disposition")
    found: dict[tuple[int, int | None], dict[str, Tally]] = defaultdict(dict)
    for (event_id, proposition_id, disposition), value in rows.items():
        found[event_id, proposition_id][disposition] = value
    return dict(found)


# What points rest on


@dataclass(frozen=True)
class PointTally:
    """What stands under a point, in numbers."""

    entries: int = 0
    people: int = 0
    opposing: int = 0
    # People who said it in the words of a campaign, and people whose dissent is not quoted.
    campaigning: int = 0
    hidden_dissent: int = 0

    @property
    def is_one_voice(self) -> bool:
        return self.people == 1


def point_tallies(point_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, PointTally]:
    """The numbers of each point; at most ten queries for any number of points and entries."""
    ids = list(point_ids)
    standing = Entry.objects.under_points(ids)
    under = tallies(standing, "rests_on")
    against = tallies(
        Entry.objects.filter(
            excerpts__point__in=ids, excerpts__removed_at=None, excerpts__role=Excerpt.Role.OPPOSES
        ).distinct(),
        "excerpts__point_id",
    )
    # Entries quoted in a point that stand under another, or under none, count as well; they are few.
    guests: dict[uuid.UUID, dict[int, tuple[str, int]]] = defaultdict(dict)
    for excerpt in (
        Excerpt.objects.filter(point__in=ids)
        .annotate(rests_on=Coalesce(F("entry__point_id"), F("entry__merged_into__point_id")))
        .filter(Q(rests_on=None) | ~Q(rests_on=F("point_id")))
        .select_related("entry")
        .only("point_id", "entry__author_key", "entry__headcount")
    ):
        guests[excerpt.point_id][excerpt.entry_id] = (excerpt.entry.author_key, excerpt.entry.headcount)
    keys = {key for some in guests.values() for key, _ in some.values()}
    heads: dict[tuple[uuid.UUID, str], int] = {}
    if keys:
        for entry in standing.filter(author_key__in=keys).only("author_key", "headcount"):
            person = entry.rests_on, entry.author_key
            heads[person] = max(heads.get(person, 0), entry.headcount)
    campaigns = Echo.objects.filter(is_campaign=True, state=Echo.State.KEPT, event__points__in=ids)
    # Most ledgers have none, and then the entries need not be read again.
    campaigning = tallies(standing.filter(echo__in=list(campaigns.distinct())), "rests_on") if ids else {}
    unheard = hidden_dissent(ids)
    found = {}
    for point_id in ids:
        more: dict[str, int] = {}
        for key, headcount in guests[point_id].values():
            more[key] = max(more.get(key, 0), headcount - heads.get((point_id, key), 0))
        own = under.get(point_id, Tally())
        found[point_id] = PointTally(
            entries=own.entries + len(guests[point_id]),
            people=own.people + sum(more.values()),
            opposing=against.get(point_id, Tally()).people,
            campaigning=campaigning.get(point_id, Tally()).people,
            hidden_dissent=0 if point_id in against else unheard.get(point_id, 0),
        )
    return found


# How many people must have voted "concern" about what stands under a point, and what share of those who took a side,
# for their dissent to be missed when nobody is quoted against it.
HIDDEN_PEOPLE = 2
HIDDEN_SHARE = 0.25


def hidden_dissent(point_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """People who voted "concern" about what stands under each point, where they are too many to pass over."""
    sides: dict[uuid.UUID, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    votes = (
        Vote.objects.filter(choice__in=[Vote.Choice.SUPPORT, Vote.Choice.CONCERN])
        .annotate(
            rests_on=Coalesce(F("contribution__entry__point_id"), F("contribution__entry__merged_into__point_id"))
        )
        .filter(rests_on__in=list(point_ids))
        .values_list("rests_on", "choice", "author_key")
        .distinct()
    )
    for point_id, choice, key in votes:
        sides[point_id][choice].add(key)
    found = {}
    for point_id, some in sides.items():
        against, both = some[Vote.Choice.CONCERN], some[Vote.Choice.CONCERN] | some[Vote.Choice.SUPPORT]
        if len(against) >= HIDDEN_PEOPLE and len(against) >= HIDDEN_SHARE * len(both):
            found[point_id] = len(against)
    return found


@dataclass(frozen=True)
class CampaignTally:
    """How much of something was said in the words of one campaign, and by how many people."""

    echo: Echo
    entries: int
    people: int


def campaigns_of(event: Any, proposition: Any | None = None) -> list[CampaignTally]:
    """The campaigns that editors agreed on, most people first; at most three queries."""
    echoes = {echo.pk: echo for echo in Echo.objects.filter(event=event, is_campaign=True, state=Echo.State.KEPT)}
    if not echoes:
        return []
    numbers = tallies(Entry.objects.on_desk(event, proposition).filter(echo__in=echoes), "echo_id")
    found = [CampaignTally(echoes[pk], tally.entries, tally.people) for pk, tally in numbers.items()]
    return sorted(found, key=lambda one: (-one.people, one.echo.pk))


def head_of_echo(echo: Echo) -> Entry | None:
    """The entry of an echo that stands for the others."""
    entries = list(Entry.objects.filter(echo=echo, erased_at=None).select_related("echo", "point", "merged_into"))
    return head_among(entries) if entries else None


def head_among(entries: Sequence[Entry]) -> Entry:
    """Which of some entries stands for the others: one that is used, else one that others are merged into, else the
    first in the words that most of them have.
    """
    said = Counter(entry.text_hash for entry in entries)
    followers = Counter(entry.merged_into_id for entry in entries if entry.merged_into_id)
    standing = [entry for entry in entries if entry.disposition != Disposition.MERGED] or list(entries)
    return min(
        standing,
        key=lambda one: (
            one.disposition != Disposition.USED,
            -followers[one.pk],
            -said[one.text_hash],
            one.said_at,
            one.pk,
        ),
    )


@dataclass
class PointEvidence:
    """Everything a point rests on: entries placed under it, merged into those, or quoted in it."""

    point_id: uuid.UUID
    entries: list[Entry] = field(default_factory=list)
    excerpts: list[Excerpt] = field(default_factory=list)

    @property
    def people(self) -> int:
        return count_people(self.entries)

    @property
    def is_one_voice(self) -> bool:
        return self.people == 1

    @property
    def opposing_people(self) -> int:
        """How many people are quoted against the point."""
        return count_people([excerpt.entry for excerpt in self.excerpts if excerpt.role == Excerpt.Role.OPPOSES])

    @property
    def campaigns(self) -> list["CampaignTally"]:
        """The campaigns among what it rests on, largest first: the same words from many people."""
        by_campaign: dict[Echo, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.echo and entry.echo.is_campaign and entry.echo.state == Echo.State.KEPT:
                by_campaign[entry.echo].append(entry)
        found = [CampaignTally(echo, len(some), count_people(some)) for echo, some in by_campaign.items()]
        return sorted(found, key=lambda one: (-one.people, one.echo.pk))

    @property
    def channels(self) -> dict[str, Tally]:
        """Tallies by where it was said, in the order before, live, table, leaving out where nothing was."""
        by_channel = {
            channel: [entry for entry in self.entries if entry.channel == channel] for channel in Channel.values
        }
        return {
            channel: Tally(len(entries), count_people(entries)) for channel, entries in by_channel.items() if entries
        }

    @property
    def other_entries(self) -> list[Entry]:
        """What may be shown beside the excerpts: entries without an excerpt here, allowed to be quoted and standing."""
        quoted = {excerpt.entry_id for excerpt in self.excerpts}
        return [entry for entry in self.entries if entry.pk not in quoted and entry.is_quotable]

    @property
    def unshown(self) -> int:
        """How many more entries stand here whose words are not shown."""
        quoted = {excerpt.entry_id for excerpt in self.excerpts}
        return sum(1 for entry in self.entries if entry.pk not in quoted and not entry.is_quotable)


def entries_to_look_through(kind: str, event: EventPage, proposition: PropositionPage | None) -> EntryQuerySet:
    """What is compared when a desk is looked through: for themes, what is undecided and in none that was accepted."""
    entries = Entry.objects.on_desk(event, proposition).filter(erased_at=None)
    if kind == DeskLook.Kind.THEMES:
        return entries.undecided().exclude(theme__is_accepted=True)
    return entries.filter(disposition__in=[Disposition.UNDECIDED, Disposition.USED])


def looks_at(event: EventPage, proposition: PropositionPage | None) -> dict[str, DeskLook]:
    """The last look of each kind through a desk, under way or over."""
    looks = DeskLook.objects.filter(event=event, proposition=proposition)
    return {look.kind: look for look in looks.select_related("asked_by", "asked_by__person")}


def count_people(entries: Iterable[Entry]) -> int:
    """Distinct people behind entries; a table counts with everybody at it, once."""
    heads: dict[str, int] = {}
    for entry in entries:
        heads[entry.author_key] = max(heads.get(entry.author_key, 0), entry.headcount)
    return sum(heads.values())


def what_points_rest_on(point_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, PointEvidence]:
    """The evidence of each point, in the order in which things were said; two queries for any number of points.

    Points that do not exist or have nothing under them get empty evidence.
    """
    ids = list(point_ids)
    evidence = {point_id: PointEvidence(point_id) for point_id in ids}
    excerpts = (
        Excerpt.objects.filter(point__in=ids)
        .select_related("entry", "entry__prompt", "entry__session__page", "entry__comment", "entry__echo")
        .order_by("created_at", "pk")
    )
    seen: dict[uuid.UUID, set[int]] = defaultdict(set)
    entries = Entry.objects.under_points(ids).select_related("prompt", "session__page", "comment", "echo").in_order()
    for entry in entries:
        evidence[entry.rests_on].entries.append(entry)
        seen[entry.rests_on].add(entry.pk)
    for excerpt in excerpts:
        evidence[excerpt.point_id].excerpts.append(excerpt)
        if excerpt.entry_id not in seen[excerpt.point_id]:
            seen[excerpt.point_id].add(excerpt.entry_id)
            evidence[excerpt.point_id].entries.append(excerpt.entry)
    return evidence


def points_of(event: Any, proposition: Any | None = None) -> list[Point]:
    """The points of a proposition's briefing, or those of the event as a whole."""
    return list(Point.objects.filter(event=event, proposition=proposition).order_by("position", "pk"))


# What became of somebody's words


def counts_of_points(event: Any) -> dict[int, int]:
    """How many points each proposition of an event has, of those that have any."""
    points = Point.objects.filter(event=event).exclude(proposition=None).order_by()
    return dict(points.values_list("proposition").annotate(Count("pk")))


@dataclass(frozen=True)
class Fate:
    """What became of something said. `point` is also that of the entry it is merged into."""

    entry: Entry
    disposition: str
    point: Point | None
    reason: str = ""
    is_quoted: bool = False


def _with_fates(entries: EntryQuerySet) -> EntryQuerySet:
    return entries.select_related("point", "merged_into", "merged_into__point").prefetch_related("excerpts")


def fate_of(entry: Entry) -> Fate:
    """The fate of an entry read by one of the selectors below."""
    into = entry.merged_into
    return Fate(
        entry=entry,
        disposition=entry.disposition,
        point=entry.point or (into.point if into else None),
        reason=entry.set_aside_reason or (into.set_aside_reason if into else ""),
        is_quoted=any(excerpt.removed_at is None for excerpt in entry.excerpts.all()),
    )


def fates_of(*, comments: Iterable[int] = (), contributions: Iterable[int] = ()) -> dict[tuple[str, int], Fate]:
    """What became of comments and contributions, keyed ("comment", id) and ("contribution", id); two queries.

    What has no entry is left out.
    """
    entries = _with_fates(Entry.objects.filter(Q(comment__in=list(comments)) | Q(contribution__in=list(contributions))))
    fates: dict[tuple[str, int], Fate] = {}
    for entry in entries:
        if entry.comment_id is not None:
            fates["comment", entry.comment_id] = fate_of(entry)
        if entry.contribution_id is not None:
            fates["contribution", entry.contribution_id] = fate_of(entry)
    return fates


def entries_of(author_keys: Iterable[str]) -> list[Entry]:
    """Everything said under these keys, newest event first, in the order in which it was said."""
    return list(
        _with_fates(
            Entry.objects.filter(author_key__in=list(author_keys), erased_at=None)
            .select_related("event", "proposition", "prompt", "session__page")
            .order_by("-event__starts_on", "event_id", "said_at", "pk")
        )
    )


def public_ledger(event: Any, *, disposition: str = "", proposition_number: int | None = None) -> EntryQuerySet:
    """The entries of an event as readers may see them, by proposition and in the order in which they were said.

    Their words are for showing only where `is_quotable`; names are never for showing.
    """
    entries = Entry.objects.filter(event=event)
    if disposition:
        entries = entries.filter(disposition=disposition)
    if proposition_number is not None:
        entries = entries.filter(proposition__number=proposition_number)
    return entries.select_related("point", "merged_into__point", "proposition").order_by(
        "proposition__number", "said_at", "pk"
    )


# The decision log


def sentence_of(decision: Decision, *, points: Mapping[str, Point] | None = None) -> str:
    """What somebody did, as one sentence: "Lena Marchbank placed it under point 3 at 18.22."."""
    actor = decision.actor.display_name if decision.actor else "Somebody"
    what = Decision.Kind(decision.kind).label
    point_id = decision.after.get("point")
    if decision.kind == Decision.Kind.PLACED and point_id:
        point = points.get(point_id) if points else Point.objects.filter(pk=point_id).first()
        if point:
            what = f"placed it under point {point.position}"
    return f"{actor} {what} at {timezone.localtime(decision.made_at):%H.%M}."


def decided_by_others(desk: Desk, user: Any, *, after: int) -> list[Decision]:
    """What other editors have decided after a number of the desk's news."""
    made = read(desk.stream_id, after=after)
    batches = {one.payload["batch"] for one in made if one.payload.get("actor") != user.pk and "batch" in one.payload}
    return list(Decision.objects.filter(batch__in=batches).select_related("actor", "actor__person").order_by("pk"))


def last_undoable(
    actor: Any, event: Any, proposition: Any | None = None, *, passing_over: Iterable[uuid.UUID] = ()
) -> Decision | None:
    """The newest decision of this editor in this event that stands; with a proposition, of those made on its desk."""
    made = Decision.objects.filter(actor=actor, entry__event=event, undone_by=None).exclude(kind=Decision.Kind.UNDONE)
    if proposition is not None:
        filed_away = Q(kind=Decision.Kind.FILED, before__proposition=proposition.pk)
        made = made.filter(Q(entry__proposition=proposition) | filed_away)
    return made.exclude(batch__in=list(passing_over)).order_by("-pk").first()
