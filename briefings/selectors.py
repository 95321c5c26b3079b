"""What a briefing rests on, shaped for its page, its print and its editor."""

import datetime
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import expand_db_html

from briefings import citations
from briefings.models import BriefingPage, Edition, FollowUp, Objection, ObjectionWindow, PublishedPoint
from discussion.models import CommentState
from events.models import EventPage, EventPartner
from gathering.models import Entry, Excerpt
from gathering.selectors import Coverage, count_people, coverage, point_tallies
from live.models import Contribution
from people.consent import Consent
from propositions.models import PropositionPage

# How much of a long contribution is shown around the words that are quoted from it.
CONTEXT_CHARACTERS = 420

_WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def in_words(number: int) -> str:
    """Numbers up to twelve as words, as in running text."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else str(number)


def absolute(address: str | None) -> str:
    """An address with the site in front; empty if there is none."""
    if not address or "://" in address:
        return address or ""
    return settings.BASE_URL.rstrip("/") + address


@dataclass(frozen=True)
class Segment:
    """A piece of a source: quoted words, or what stands around them."""

    text: str
    is_quoted: bool


@dataclass(frozen=True)
class Citation:
    """A citation of a point, as readers see it. Without `segments` its words are no longer shown; `gone` says why."""

    code: str
    excerpt_id: uuid.UUID | None
    role: str
    anchor: str
    segments: tuple[Segment, ...] = ()
    text: str = ""
    attribution: str = ""
    place: str = ""
    place_in_brief: str = ""
    address: str = ""
    people: int = 1
    gone: str = ""

    @property
    def url(self) -> str:
        """The address of the source with the site in front, for paper and data."""
        return absolute(self.address)

    @property
    def same(self) -> str:
        """How many people said the same, if more than one entry did."""
        return f"{in_words(self.people)} people said the same" if self.people > 1 else ""


@dataclass(frozen=True)
class Rest:
    """What one point rests on. People are distinct; a table's entry counts as the people who sat there."""

    people: int = 0
    entries: int = 0
    opposing: int = 0
    before: int = 0
    live: int = 0
    tables: int = 0
    campaigning: int = 0
    hidden_dissent: int = 0

    @property
    def is_one_voice(self) -> bool:
        return self.people == 1

    @property
    def sources(self) -> str:
        """Where it was said: From 4 comments before, 18 contributions live and 4 tables."""
        parts = [
            _count(self.before, "comment before", "comments before"),
            _count(self.live, "contribution live", "contributions live"),
            _count(self.tables, "table", "tables"),
        ]
        return _listed([part for part in parts if part])


@dataclass(frozen=True)
class PointEvidence:
    """A point as readers see it: its text with codes, and what it rests on."""

    id: uuid.UUID | None
    number: int
    heading: str
    discussion: SafeString
    citations: tuple[Citation, ...]
    rest: Rest
    quoted_entries: int
    follow_ups: tuple[FollowUp, ...] = ()

    @property
    def anchor(self) -> str:
        """Where it stands in the page. A block that has no proper id has only its number."""
        return citations.point_anchor(self.id) if self.id else f"point-{self.number}"

    @property
    def short_id(self) -> str:
        """What its own address holds."""
        return citations.short_id(self.id) if self.id else str(self.number)

    @property
    def other_entries(self) -> int:
        """How many entries were read for this point and not quoted in it."""
        return max(self.rest.entries - self.quoted_entries, 0)


@dataclass(frozen=True)
class Bar:
    """One line of the signature, in hundredths of the longest."""

    number: int
    anchor: str
    people: int
    opposing: int
    length: float
    open_length: float

    @property
    def solid_length(self) -> float:
        return round(self.length - self.open_length, 2)


@dataclass(frozen=True)
class Evidence:
    """Everything a briefing's page shows beside what its editor wrote."""

    points: tuple[PointEvidence, ...]
    coverage: Coverage
    event: EventPage
    bars: tuple[Bar, ...] = ()
    partners: tuple[EventPartner, ...] = ()
    other_follow_ups: tuple[FollowUp, ...] = ()

    @property
    def count_in_words(self) -> str:
        return in_words(len(self.points))

    @property
    def citations(self) -> list[Citation]:
        return [citation for point in self.points for citation in point.citations]

    @property
    def has_follow_ups(self) -> bool:
        return bool(self.other_follow_ups) or any(point.follow_ups for point in self.points)

    @property
    def has_dissent(self) -> bool:
        return any(bar.opposing for bar in self.bars)


# A briefing's text and its citations


def cited_in(briefing: BriefingPage) -> dict[str, list[uuid.UUID | None]]:
    """For each point block, in order, the excerpts it cites. Keyed by block id."""
    return {block.id: citations.cited(block.value["discussion"].source) for block in briefing.points}


def excerpts_by_id(ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, Excerpt]:
    """Excerpts with everything that showing them needs, in one query."""
    found = Excerpt.objects.filter(pk__in=[pk for pk in ids if pk]).select_related(
        "entry__comment__page",
        "entry__contribution",
        "entry__session__page",
        "entry__proposition",
        "point",
    )
    return {excerpt.pk: excerpt for excerpt in found}


def gone(entry: Entry) -> str:
    """Why an entry's words may not be shown now; empty if they may. Asks the source itself, not only the ledger."""
    if entry.erased_at or not entry.text:
        return "Erased at the author’s wish."
    comment, contribution = entry.comment, entry.contribution
    if (
        entry.source_withdrawn_at
        or (comment and comment.state == CommentState.WITHDRAWN)
        or (contribution and contribution.state == Contribution.State.WITHDRAWN)
    ):
        return "Withdrawn by its author."
    if (
        entry.source_hidden_at
        or (comment and comment.state != CommentState.PUBLISHED)
        or (contribution and contribution.state != Contribution.State.SHOWN)
    ):
        return "No longer shown by the moderators."
    if entry.consent == Consent.NONE or not entry.quote_label:
        return "Its author does not wish to be quoted."
    return ""


def segments(text: str, spans: Sequence[Sequence[int]], *, around: int = CONTEXT_CHARACTERS) -> tuple[Segment, ...]:
    """A source cut into quoted words and their context. A long source is cut at words, with "…"."""
    places = [(start, end) for start, end in spans if 0 <= start < end <= len(text)]
    if not places:
        return ()
    pieces: list[Segment] = []
    position = 0
    for index, (start, end) in enumerate(places):
        before = text[position:start]
        if index == 0:
            before = _shortened_before(before, around)
        elif len(before) > around:
            half = around // 2
            before = _shortened_after(before[: len(before) // 2], half) + _shortened_before(
                before[len(before) // 2 :], half
            ).removeprefix("…")
        if before:
            pieces.append(Segment(before, is_quoted=False))
        pieces.append(Segment(text[start:end], is_quoted=True))
        position = end
    if after := _shortened_after(text[position:], around):
        pieces.append(Segment(after, is_quoted=False))
    return tuple(pieces)


def source_address(entry: Entry) -> str:
    """Where readers find the source itself; empty if it stands on no page that is published."""
    if entry.comment is not None and entry.comment.page.live:
        return entry.comment.get_absolute_url()
    if entry.contribution_id and entry.session is not None and entry.session.page.live:
        return f"{entry.session.page.url}#said-{entry.contribution_id}"
    return ""


def said_where(entry: Entry, *, year: int, is_brief: bool = False) -> str:
    """How and when it was said, shortly: "live, 14 October, 10.19". Brief: "live, 14 Oct, 10.19"."""
    moment = timezone.localtime(entry.said_at)
    month = "M" if is_brief else "F"
    day = date_format(moment, f"j {month}" if moment.year == year else f"j {month} Y")
    if entry.channel == Entry.Channel.BEFORE:
        return f"comment, {day}"
    return f"live, {day}, {date_format(moment, 'H.i')}"


def rests_of(point_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Rest]:
    """What each point rests on, in the ledger's own numbers; at most seven queries for any number of points."""
    ids = list(point_ids)
    if not ids:
        return {}
    counts: dict[uuid.UUID, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in (
        Entry.objects.under_points(ids)
        .order_by()
        .values("rests_on", "channel")  # type: ignore[misc]  # annotated by under_points
        .annotate(how_many=Count("pk"), voices=Count("author_key", distinct=True))
    ):
        counts[row["rests_on"]][row["channel"]] = (row["how_many"], row["voices"])
    return {
        point_id: Rest(
            people=tally.people,
            entries=tally.entries,
            opposing=tally.opposing,
            before=counts[point_id].get(Entry.Channel.BEFORE, (0, 0))[0],
            live=counts[point_id].get(Entry.Channel.LIVE, (0, 0))[0],
            tables=counts[point_id].get(Entry.Channel.TABLE, (0, 0))[1],
            campaigning=tally.campaigning,
            hidden_dissent=tally.hidden_dissent,
        )
        for point_id, tally in point_tallies(ids).items()
    }


def people_who_said(entry_ids: Iterable[int]) -> dict[int, int]:
    """For each entry, how many people said it: its own and those of the entries merged into it."""
    ids = set(entry_ids)
    said: dict[int, list[Entry]] = defaultdict(list)
    for entry in Entry.objects.filter(Q(pk__in=ids) | Q(merged_into_id__in=ids)).only(
        "merged_into_id", "author_key", "headcount"
    ):
        into = entry.merged_into_id
        said[into if into is not None and into in ids else entry.pk].append(entry)
    return {pk: count_people(entries) for pk, entries in said.items()}


def ledger_of(briefing: BriefingPage, event: EventPage) -> QuerySet[Entry]:
    """The entries a briefing answers for: its proposition's, or the whole event's if it answers none."""
    return Entry.objects.on_desk(event.pk, briefing.proposition_id)


def coverage_of(briefing: BriefingPage, event: EventPage) -> Coverage:
    """How much was said on the briefing's matter, by how many people, and what became of it."""
    return coverage(event.pk, briefing.proposition_id)


# The whole


def evidence_of(briefing: BriefingPage) -> Evidence:
    """Everything a briefing's page and print show beside what its editor wrote. A fixed number of queries."""
    event = briefing.event
    cited = cited_in(briefing)
    excerpts = excerpts_by_id(pk for references in cited.values() for pk in references)
    rests = rests_of(pk for pk in map(citations.as_uuid, cited) if pk)
    said_by = people_who_said(excerpt.entry_id for excerpt in excerpts.values())
    done = follow_ups_of(briefing)
    points = []
    for number, block in enumerate(briefing.points, start=1):
        references = cited[block.id]
        point_id = citations.as_uuid(block.id)
        codes = {reference: citations.code(number, index) for index, reference in enumerate(references)}
        anchors = {
            reference: citations.anchor(point_id, reference) if point_id and reference else code
            for reference, code in codes.items()
        }
        shown = tuple(
            _citation(
                codes[reference],
                anchors[reference],
                excerpts.get(reference) if reference else None,
                said_by,
                event,
            )
            for reference in references
        )
        rest = rests.get(point_id, Rest()) if point_id else Rest()
        quoted = {excerpts[reference].entry_id for reference in references if reference and reference in excerpts}
        points.append(
            PointEvidence(
                id=point_id,
                number=number,
                heading=block.value["heading"],
                discussion=discussion_html(block.value["discussion"].source, codes, anchors),
                citations=shown,
                rest=rest,
                quoted_entries=len(quoted),
                follow_ups=tuple(done[point_id]) if point_id in done else (),
            )
        )
    return Evidence(
        points=tuple(points),
        coverage=coverage_of(briefing, event),
        event=event,
        bars=bars(points),
        partners=tuple(event.event_partners.select_related("partner__logo").order_by("sort_order")),
        other_follow_ups=tuple(
            follow_up for pk, some in done.items() if pk not in {point.id for point in points} for follow_up in some
        ),
    )


def bars(points: Sequence[PointEvidence]) -> tuple[Bar, ...]:
    """The signature: a line for each point, as long as the people behind it; the open end is those who oppose."""
    longest = max((point.rest.people for point in points), default=0) or 1
    return tuple(
        Bar(
            number=point.number,
            anchor=point.anchor,
            people=point.rest.people,
            opposing=point.rest.opposing,
            length=round(100 * point.rest.people / longest, 2),
            open_length=round(100 * min(point.rest.opposing, point.rest.people) / longest, 2),
        )
        for point in points
    )


def discussion_html(
    source: str, codes: dict[uuid.UUID | None, str], anchors: dict[uuid.UUID | None, str]
) -> SafeString:
    """A point's text with the codes of its citations. A code leads to the words; the words lead back to the first."""
    seen: set[uuid.UUID | None] = set()

    def link(reference: uuid.UUID | None) -> str:
        first = reference not in seen
        seen.add(reference)
        back = format_html(' id="cite-{}"', anchors[reference]) if first else ""
        return format_html(
            '<a class="citation" href="#{}"{}><span class="visually-hidden">source </span>{}</a>',
            anchors[reference],
            back,
            codes[reference],
        )

    return mark_safe(expand_db_html(citations.replace(source, link)))  # noqa: S308 rich text cleaned on its way in


# Editions


def layout_of(briefing: BriefingPage) -> list[dict[str, Any]]:
    """Which points and excerpts stand under which numbers and codes, as an edition keeps it."""
    return [
        {"point": block_id, "cited": [str(pk) if pk else "" for pk in references]}
        for block_id, references in cited_in(briefing).items()
    ]


def edition_of(briefing: BriefingPage) -> Edition | None:
    """The edition whose numbers and codes a briefing has as it stands; none for a draft that has moved on."""
    newest = briefing.editions.order_by("-number").first()
    return newest if newest is not None and newest.layout == layout_of(briefing) else None


def leads_on(edition: Edition, layout: list[dict[str, Any]]) -> bool:
    """Whether every number and code of an edition stands for the same in a layout, which may have more."""
    return len(edition.layout) <= len(layout) and all(
        then["point"] == now["point"] and then["cited"] == now["cited"][: len(then["cited"])]
        for then, now in zip(edition.layout, layout, strict=False)
    )


@dataclass(frozen=True)
class FormerPoint:
    """A point as numbered in an edition, and where it stands now, if it does. `citations` carry the edition's codes."""

    number: int
    now: PointEvidence | None
    citations: tuple[tuple[Citation, Citation | None], ...]


def former_points(edition: Edition, evidence: Evidence) -> list[FormerPoint]:
    """What stood under each number and code of an edition, with its place in the page as it is now."""
    excerpts = excerpts_by_id(citations.as_uuid(pk) for row in edition.layout for pk in row["cited"])
    said_by = people_who_said(excerpt.entry_id for excerpt in excerpts.values())
    points = {str(point.id): point for point in evidence.points}
    found = []
    for number, row in enumerate(edition.layout, start=1):
        now = points.get(row["point"])
        # Preferably in the same point; else wherever its words are cited now.
        cited: dict[uuid.UUID | None, Citation] = {}
        for one in (*(now.citations if now else ()), *evidence.citations):
            cited.setdefault(one.excerpt_id, one)
        pairs = []
        for index, reference in enumerate(row["cited"]):
            pk, code = citations.as_uuid(reference), citations.code(number, index)
            former = _citation(code, code, excerpts.get(pk) if pk else None, said_by, evidence.event)
            pairs.append((former, cited.get(pk) if pk else None))
        found.append(FormerPoint(number, now, tuple(pairs)))
    return found


def points_once_numbered(briefing: BriefingPage, number: int) -> list[tuple[Edition, uuid.UUID | None]]:
    """The points that have had a number, each with the edition in which it first did."""
    found: dict[str, Edition] = {}
    for edition in briefing.editions.order_by("number"):
        if 0 < number <= len(edition.layout):
            found.setdefault(edition.layout[number - 1]["point"], edition)
    return [(edition, citations.as_uuid(point)) for point, edition in found.items()]


def last_edition_with(briefing: BriefingPage, short: str) -> tuple[Edition, int] | None:
    """The newest edition that has a point whose id begins so, and the number it had there."""
    for edition in briefing.editions.order_by("-number"):
        for number, row in enumerate(edition.layout, start=1):
            pk = citations.as_uuid(row["point"])
            if pk and citations.short_id(pk) == short:
                return edition, number
    return None


# What others ask


def where_cited(excerpt_ids: Iterable[uuid.UUID]) -> str | None:
    """Which briefing cites one of these excerpts, as a sentence; None if none does. Drafts count as well."""
    wanted = set(excerpt_ids)
    events = EventPage.objects.filter(entries__excerpts__in=wanted).distinct()
    for event in events:
        for page in BriefingPage.objects.child_of(event).order_by("number"):
            for briefing in (page, page.get_latest_revision_as_object()):
                for number, references in enumerate(cited_in(briefing).values(), start=1):
                    if wanted & set(references):
                        return f"Briefing {page.number} cites it in point {number}."
    return None


def published_points_of_entries(entries: Q) -> dict[int, list[PublishedPoint]]:
    """For the entries that answer a question, the points of published briefings that rest on them.

    An entry counts if it was placed under the point or is quoted in it, or merged into one that was.
    """
    pairs: dict[int, dict[int, PublishedPoint]] = defaultdict(dict)
    placed = list(
        Entry.objects.filter(entries)
        .filter(disposition__in=[Entry.Disposition.USED, Entry.Disposition.MERGED])
        .values_list("pk", "point_id", "merged_into_id", "merged_into__point_id")
    )
    if not placed:
        return {}
    points = {own or into_point for _, own, _, into_point in placed if own or into_point}
    sources = {into or pk for pk, _, into, _ in placed}
    # Words picked for one point may be cited in another, and stay cited when their entry moves on.
    found = (
        PublishedPoint.objects.filter(briefing__live=True)
        .filter(Q(point_id__in=points) | Q(citations__excerpt__entry_id__in=sources))
        .annotate(quoted=F("citations__excerpt__entry_id"))
        .select_related("briefing")
    )
    by_point: dict[uuid.UUID, list[PublishedPoint]] = defaultdict(list)
    by_source: dict[int, list[PublishedPoint]] = defaultdict(list)
    for published in found:
        by_point[published.point_id].append(published)
        by_source[published.quoted].append(published)  # type: ignore[attr-defined]  # annotated above
    for pk, own, into, into_point in placed:
        for published in (*by_point.get(own or into_point, ()), *by_source.get(into or pk, ())):
            pairs[pk][published.pk] = published
    return {pk: sorted(found.values(), key=lambda item: item.number) for pk, found in pairs.items()}


def published_points_of_comments(comment_ids: Iterable[int]) -> dict[int, list[PublishedPoint]]:
    """For those of the comments that were used, the points of published briefings that rest on them."""
    used = Entry.objects.filter(
        comment_id__in=list(comment_ids), disposition__in=[Entry.Disposition.USED, Entry.Disposition.MERGED]
    )
    comment_of = dict(used.values_list("pk", "comment_id"))
    if not comment_of:
        return {}
    return {comment_of[pk]: found for pk, found in published_points_of_entries(Q(pk__in=comment_of)).items()}


def published_points_of_contributions(contribution_ids: Iterable[int]) -> dict[int, list[PublishedPoint]]:
    """The same for what was said live."""
    used = Entry.objects.filter(
        contribution_id__in=list(contribution_ids), disposition__in=[Entry.Disposition.USED, Entry.Disposition.MERGED]
    )
    contribution_of = dict(used.values_list("pk", "contribution_id"))
    if not contribution_of:
        return {}
    return {contribution_of[pk]: found for pk, found in published_points_of_entries(Q(pk__in=contribution_of)).items()}


def briefing_of(event: EventPage, proposition: PropositionPage | None) -> BriefingPage | None:
    """The briefing that answers a proposition, or the event as a whole; a draft too."""
    return BriefingPage.objects.child_of(event).filter(proposition=proposition).order_by("pk").first()


def points_of_older_briefings(briefing: BriefingPage) -> set[uuid.UUID]:
    """The points that briefings of the same event made before this one have, as published or in their newest draft."""
    older = BriefingPage.objects.sibling_of(briefing, inclusive=False).filter(pk__lt=briefing.pk)
    found: set[uuid.UUID] = set()
    for page in older.select_related("latest_revision"):
        raw = [*page.points.raw_data]
        if page.latest_revision is not None:
            raw += json.loads(page.latest_revision.content["points"])
        found |= {pk for block in raw if (pk := citations.as_uuid(block.get("id")))}
    return found


@dataclass(frozen=True)
class Cover:
    """A briefing as it looks in a list: numeral, title and the lines of its points."""

    briefing: BriefingPage
    lines: tuple[float, ...]


def covers_of(briefings: QuerySet[BriefingPage]) -> list[Cover]:
    """The covers of published briefings, whose lines are as long as the people behind each point."""
    pages = list(briefings.select_related("series").prefetch_related("published_points"))
    rests = rests_of(point.point_id for page in pages for point in page.published_points.all())
    covers = []
    for page in pages:
        people = [rests[point.point_id].people for point in page.published_points.all()]
        longest = max(people, default=0) or 1
        covers.append(Cover(page, tuple(round(100 * count / longest, 2) for count in people)))
    return covers


def former_briefings(event: EventPage) -> QuerySet[BriefingPage]:
    """The briefings of the last event before this one that has any."""
    for former in EventPage.objects.live().public().filter(starts_on__lt=event.starts_on).order_by("-starts_on")[:3]:
        found = BriefingPage.objects.child_of(former).live().public().order_by("-number")
        if found.exists():
            return found[:4]
    return BriefingPage.objects.none()


def _citation(code: str, anchor: str, excerpt: Excerpt | None, said_by: dict[int, int], event: EventPage) -> Citation:
    if excerpt is None:
        return Citation(code, None, role="", anchor=anchor, gone="This citation leads to nothing.")
    entry = excerpt.entry
    if reason := gone(entry):
        return Citation(code, excerpt.pk, role=excerpt.role, anchor=anchor, gone=reason)
    return Citation(
        code,
        excerpt.pk,
        role=excerpt.role,
        anchor=anchor,
        segments=segments(entry.text, excerpt.spans),
        text=excerpt.text,
        attribution=attribution(entry),
        place=said_where(entry, year=event.starts_on.year),
        place_in_brief=said_where(entry, year=event.starts_on.year, is_brief=True),
        address=source_address(entry),
        people=said_by.get(entry.pk, 1) if entry.channel != Entry.Channel.TABLE else 1,
    )


def attribution(entry: Entry) -> str:
    """The author as they allowed to be quoted; a table with its number of people."""
    if entry.channel == Entry.Channel.TABLE and entry.headcount > 1:
        return f"{entry.quote_label}, {in_words(entry.headcount)} people"
    return entry.quote_label


def _count(number: int, one: str, many: str) -> str:
    return "" if not number else f"{number} {one if number == 1 else many}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _shortened_before(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return "… " + text[-length:].partition(" ")[2]


def _shortened_after(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return text[:length].rpartition(" ")[0] + " …"


# The ledger behind a briefing


@dataclass(frozen=True)
class Fate:
    """An entry and what became of it. Without `text` its words are not shown; `gone` says why."""

    entry: Entry
    text: str
    attribution: str
    place: str
    address: str
    status: str
    outcome: str
    point: PublishedPoint | None
    gone: str = ""


def entries_behind(briefing: BriefingPage, point: PublishedPoint | None = None) -> QuerySet[Entry]:
    """The entries a briefing answers for, or those that one of its points rests on, oldest first."""
    if point is not None:
        under = Entry.objects.under_points([point.point_id]).values("pk")
        quoted = Excerpt.objects.filter(point_id=point.point_id).values("entry_id")
        found: QuerySet[Entry] = Entry.objects.filter(Q(pk__in=under) | Q(pk__in=quoted))
    else:
        found = ledger_of(briefing, briefing.event)
    return found.select_related(
        "comment__page", "contribution", "session__page", "merged_into", "merged_into__point"
    ).order_by("said_at", "pk")


def fates_of(entries: Iterable[Entry], briefing: BriefingPage) -> list[Fate]:
    """What became of each entry, as readers may know it."""
    points = {point.point_id: point for point in briefing.published_points.all()}
    year = briefing.event.starts_on.year
    fates = []
    for entry in entries:
        reason = gone(entry)
        placed = entry.point_id or (entry.merged_into.point_id if entry.merged_into else None)
        published = points.get(placed) if placed else None
        match entry.disposition:
            case Entry.Disposition.USED:
                outcome = f"Used in point {published.number}" if published else "Used elsewhere"
            case Entry.Disposition.MERGED:
                outcome = "Counted with others who said the same"
                outcome += f", in point {published.number}" if published else ""
            case Entry.Disposition.SET_ASIDE:
                outcome = f"Set aside: {entry.set_aside_reason}" if entry.set_aside_reason else "Set aside"
            case _:
                outcome = "Read, not yet decided"
        fates.append(
            Fate(
                entry=entry,
                text="" if reason else entry.text,
                attribution="" if reason else attribution(entry),
                place=said_where(entry, year=year),
                address=source_address(entry) if not reason or entry.consent == Consent.NONE else "",
                status=entry.disposition,
                outcome=outcome,
                point=published,
                gone=reason,
            )
        )
    return fates


# Objections


@dataclass(frozen=True)
class Objectable:
    """Where a draft quotes an entry whose author may object to that, or has."""

    briefing: BriefingPage
    number: int
    heading: str
    text: str
    closes_on: datetime.date | None
    objected_at: datetime.datetime | None

    @property
    def is_open(self) -> bool:
        return self.closes_on is not None


def entries_objected_to(entry_ids: Iterable[int]) -> set[int]:
    """Those of the entries whose authors object to being quoted."""
    standing = Objection.objects.filter(entry__in=set(entry_ids), taken_back_at=None)
    return set(standing.values_list("entry", flat=True))


def is_quoted_in_draft(briefing: BriefingPage, entry: Entry) -> bool:
    """Whether the newest draft of a briefing cites words of an entry."""
    cited = cited_in(briefing.get_latest_revision_as_object()).values()
    wanted = {pk for references in cited for pk in references if pk}
    return Excerpt.objects.filter(pk__in=wanted, entry=entry).exists()


def objectables_of(entry_ids: Iterable[int]) -> dict[int, list[Objectable]]:
    """For each of these entries, the briefings whose drafts quote it while objections are open, or were made."""
    ids = set(entry_ids)
    objections = {
        (one.briefing_id, one.entry_id): one.made_at
        for one in Objection.objects.filter(entry__in=ids, taken_back_at=None)
    }
    today = timezone.localdate()
    windows = dict(ObjectionWindow.objects.filter(closes_on__gte=today).values_list("briefing", "closes_on"))
    found: dict[int, list[Objectable]] = defaultdict(list)
    for page in BriefingPage.objects.filter(pk__in={*windows, *(pk for pk, _ in objections)}):
        draft = page.get_latest_revision_as_object()
        cited = cited_in(draft)
        excerpts = excerpts_by_id(pk for references in cited.values() for pk in references)
        seen: set[int] = set()
        for number, block in enumerate(draft.points, start=1):
            for reference in cited[block.id]:
                excerpt = excerpts.get(reference) if reference else None
                if excerpt is None or excerpt.entry_id not in ids or excerpt.entry_id in seen:
                    continue
                seen.add(excerpt.entry_id)
                found[excerpt.entry_id].append(
                    Objectable(
                        briefing=page,
                        number=number,
                        heading=block.value["heading"],
                        text=excerpt.text,
                        closes_on=windows.get(page.pk),
                        objected_at=objections.get((page.pk, excerpt.entry_id)),
                    )
                )
    return found


# Follow-ups


def follow_ups_of(briefing: BriefingPage) -> dict[uuid.UUID, list[FollowUp]]:
    """What is done about each point of a briefing, soonest first."""
    found: dict[uuid.UUID, list[FollowUp]] = defaultdict(list)
    for follow_up in briefing.follow_ups.order_by("due_on", "pk"):
        found[follow_up.point_id].append(follow_up)
    return found


@dataclass(frozen=True)
class FollowedPoint:
    """A point of a published briefing with all that was promised about it."""

    point: PublishedPoint
    follow_ups: tuple[FollowUp, ...]


@dataclass(frozen=True)
class FollowedBriefing:
    """A published briefing with what became of its points. `without` are the points nothing was promised about;
    `others` was promised about points that it no longer has.
    """

    briefing: BriefingPage
    points: tuple[FollowedPoint, ...]
    without: tuple[PublishedPoint, ...]
    others: tuple[FollowUp, ...] = ()

    @property
    def tally(self) -> list[tuple[str, int]]:
        """How many are planned, under way, done and not done, leaving out what there is none of."""
        states = [follow_up.state for point in self.points for follow_up in point.follow_ups]
        states += [follow_up.state for follow_up in self.others]
        return [(state.label.lower(), states.count(state)) for state in FollowUp.State if state in states]


def followed(briefings: QuerySet[BriefingPage]) -> list[FollowedBriefing]:
    """Published briefings that have follow-ups, with them; four queries however many there are."""
    pages = briefings.filter(pk__in=FollowUp.objects.values("briefing"))
    pages = pages.prefetch_related("published_points", "follow_ups__changes", "follow_ups__point")
    found = []
    for page in pages:
        by_point: dict[uuid.UUID, list[FollowUp]] = defaultdict(list)
        for follow_up in page.follow_ups.all():
            by_point[follow_up.point_id].append(follow_up)
        points = list(page.published_points.all())
        found.append(
            FollowedBriefing(
                page,
                tuple(FollowedPoint(one, tuple(by_point[one.point_id])) for one in points if one.point_id in by_point),
                tuple(one for one in points if one.point_id not in by_point),
                tuple(
                    follow_up
                    for pk, some in by_point.items()
                    if pk not in {one.point_id for one in points}
                    for follow_up in some
                ),
            )
        )
    return found


# The citation chooser

EXCERPTS_OFFERED = 60


def excerpts_to_cite(
    *,
    event: EventPage,
    point_id: uuid.UUID | None,
    words: str = "",
    ids: Sequence[uuid.UUID] = (),
) -> list[dict[str, object]]:
    """Excerpts of an event for the editor, this point's first. `ids` asks for those alone, found or not offered."""
    found = Excerpt.objects.filter(entry__event=event).select_related(
        "entry__comment__page", "entry__contribution", "entry__session__page", "point"
    )
    if ids:
        found = found.filter(pk__in=ids)
    for word in words.split():
        found = found.filter(Q(text__icontains=word) | Q(entry__quote_label__icontains=word))
    own = Case(When(point_id=point_id, then=Value(0)), default=Value(1)) if point_id else Value(1)
    found = found.annotate(rank=own).order_by("rank", "point__position", "created_at")
    if not ids:
        found = found[:EXCERPTS_OFFERED]
    year = event.starts_on.year
    found = list(found)
    objected = entries_objected_to(excerpt.entry_id for excerpt in found)
    return [
        {
            "id": str(excerpt.pk),
            "text": excerpt.text,
            "role": excerpt.role,
            "label": attribution(excerpt.entry),
            "place": said_where(excerpt.entry, year=year),
            "point": str(excerpt.point_id),
            "point_title": str(excerpt.point),
            "is_own": excerpt.point_id == point_id,
            "gone": gone(excerpt.entry),
            "objected": excerpt.entry_id in objected,
            "edited": bool(excerpt.entry.source_edited_at),
        }
        for excerpt in found
    ]
