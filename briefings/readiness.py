"""The checks before publishing. Each says what is wrong and where; blocking ones stop publication."""

import uuid
from dataclasses import dataclass

from django.utils.html import strip_tags
from django.utils.text import Truncator, capfirst

from briefings import citations
from briefings.exceptions import BriefingNotReady
from briefings.models import LEAST_POINTS, MOST_POINTS, BriefingPage, BriefingRules, Severity
from briefings.printing import known_print, print_briefing
from briefings.quotations import quoted_in, stands_in
from briefings.remnants import remnants_in
from briefings.selectors import cited_in, entries_objected_to, excerpts_by_id, gone, ledger_of, rests_of
from events.models import EventPage
from gathering.models import Entry, Excerpt, Point
from gathering.quotes import QuoteRefused, find_quotation
from people.consent import Consent


@dataclass(frozen=True)
class Check:
    """Something to look at before publishing. `point` is the number of the point it is about, if one."""

    kind: str
    message: str
    blocks: bool
    point: int | None = None


def checks_of(briefing: BriefingPage, *, sets_print: bool = False) -> list[Check]:
    """Everything that speaks against publishing this draft as it stands. Blocking checks first, then by point.

    How long it gets on paper is only known if it was set before, unless `sets_print`, which takes a moment.
    """
    rules = BriefingRules.load()
    event = briefing.event
    cited = cited_in(briefing)
    excerpts = excerpts_by_id(pk for found in cited.values() for pk in found)
    point_ids = [pk for pk in map(citations.as_uuid, cited) if pk]
    rests = rests_of(point_ids)
    dissent = _dissent(point_ids)
    objected = entries_objected_to(excerpt.entry_id for excerpt in excerpts.values())
    found: list[Check] = []

    if not LEAST_POINTS <= len(briefing.points) <= MOST_POINTS:
        found.append(
            Check(
                "points",
                f"A briefing has {LEAST_POINTS} to {MOST_POINTS} points; this one has {len(briefing.points)}.",
                blocks=True,
            )
        )
    if briefing.proposition is not None and not briefing.proposition.is_child_of(event):
        found.append(Check("foreign", "The proposition it answers is another event’s.", blocks=True))
    remnants = remnants_in(briefing, event)
    named = {(remnant.point, remnant.words) for remnant in remnants}
    foreign = set(Point.objects.filter(pk__in=point_ids).exclude(event=event).values_list("pk", flat=True))
    for number, block in enumerate(briefing.points, start=1):
        references = cited[block.id]
        point_id = citations.as_uuid(block.id)
        if point_id in foreign:
            found.append(
                Check(
                    "foreign",
                    f"Point {number} is another event’s: what it rests on is that event’s ledger. "
                    "Put a new point in its place.",
                    blocks=True,
                    point=number,
                )
            )
        if not block.value["heading"].strip():
            found.append(Check("heading", f"Point {number} has no heading.", blocks=True, point=number))
        if not references:
            found.append(
                Check(
                    "uncited",
                    f"Point {number} cites nothing.",
                    blocks=rules.uncited == Severity.BLOCK,
                    point=number,
                )
            )
        for index, reference in enumerate(references):
            code = citations.code(number, index)
            excerpt = excerpts.get(reference) if reference else None
            found += _checks_of_citation(code, number, excerpt, event, rules)
            if excerpt is not None and excerpt.entry_id in objected:
                found.append(
                    Check(
                        "objected",
                        f"The author of {code} objects to being quoted.",
                        blocks=rules.objected == Severity.BLOCK,
                        point=number,
                    )
                )
        sources = [excerpts[pk].entry.text for pk in references if pk in excerpts]
        for quoted in quoted_in(citations.without(block.value["discussion"].source)):
            if (number, quoted) not in named and not stands_in(quoted, sources):
                found.append(
                    Check(
                        "unquotable",
                        f"Point {number} puts “{Truncator(quoted).words(12, truncate=' …')}” between quotation marks, "
                        "which stands in nothing that it cites.",
                        blocks=rules.unquotable == Severity.BLOCK,
                        point=number,
                    )
                )
        if point_id is None:
            continue
        if rests[point_id].is_one_voice:
            found.append(
                Check(
                    "one_voice",
                    f"Point {number} rests on one voice.",
                    blocks=rules.one_voice == Severity.BLOCK,
                    point=number,
                )
            )
        if (against := dissent.get(point_id, set())) and not against & set(references):
            found.append(
                Check(
                    "dissent",
                    f"Point {number} does not cite the dissent in the ledger "
                    f"({len(against)} excerpt{'s' if len(against) > 1 else ''} against).",
                    blocks=rules.dissent == Severity.BLOCK,
                    point=number,
                )
            )
    for remnant in remnants:
        found.append(
            Check(
                "remnant",
                f"{capfirst(remnant.place)} still has words whose source cannot be shown: "
                f"“{Truncator(remnant.words.rstrip(' .,;:')).words(12, truncate=' …')}”. "
                f"{remnant.reason} Take them out.",
                blocks=True,
                point=remnant.point,
            )
        )
    undecided = ledger_of(briefing, event).filter(disposition=Entry.Disposition.UNDECIDED).count()
    if undecided:
        found.append(
            Check(
                "undecided",
                f"{undecided} entr{'y is' if undecided == 1 else 'ies are'} still undecided.",
                blocks=rules.undecided == Severity.BLOCK,
            )
        )
    for point in (
        Point.objects.filter(event=event, proposition_id=briefing.proposition_id, entries__isnull=False)
        .exclude(pk__in=point_ids)
        .distinct()
    ):
        found.append(
            Check(
                "left_over",
                f"The desk has entries under “{point.working_title or 'a point without a title'}”, "
                "which is not in the briefing.",
                blocks=rules.left_over == Severity.BLOCK,
            )
        )
    for follow_up in briefing.follow_ups.exclude(point__in=point_ids).order_by("due_on", "pk"):
        found.append(
            Check(
                "promised",
                f"“{Truncator(follow_up.promise).words(12, truncate=' …')}” was promised about a point that is not in "
                "the briefing. Readers will find it under “you said, we did” as such.",
                blocks=False,
            )
        )
    printed = print_briefing(briefing) if sets_print else known_print(briefing)
    if printed is not None and not printed.fits:
        found.append(Check("length", printed.warning, blocks=rules.length == Severity.BLOCK))
    return sorted(found, key=lambda check: (not check.blocks, check.point or MOST_POINTS + 1))


# Words that people read in a minute.
READING_SPEED = 220


@dataclass(frozen=True)
class Reading:
    """How much there is to read. `says` is how long it is on paper, if that is known."""

    words: int
    minutes: int
    says: str


def reading_of(briefing: BriefingPage) -> Reading:
    """How long a draft takes to read, headings and closing included, what it rests on not."""
    texts = [briefing.title, briefing.opening, briefing.closing]
    for block in briefing.points:
        texts += [block.value["heading"], citations.without(block.value["discussion"].source)]
    words = sum(len(strip_tags(text.replace("</p>", " ")).split()) for text in texts)
    printed = known_print(briefing)
    return Reading(words, max(1, round(words / READING_SPEED)), printed.says if printed else "")


def problems_of(briefing: BriefingPage) -> list[str]:
    """What must be mended before publishing, a sentence each."""
    is_length_asked = BriefingRules.load().length == Severity.BLOCK
    return [check.message for check in checks_of(briefing, sets_print=is_length_asked) if check.blocks]


def refuse_unready(briefing: BriefingPage) -> None:
    """Raise `BriefingNotReady` with every blocking check that is not met."""
    if problems := problems_of(briefing):
        raise BriefingNotReady(briefing.pk, problems)


def _checks_of_citation(
    code: str, number: int, excerpt: Excerpt | None, event: EventPage, rules: BriefingRules
) -> list[Check]:
    if excerpt is None:
        return [
            Check(
                "missing",
                f"Citation {code} leads to nothing: its excerpt was taken back. Remove it or cite another.",
                blocks=True,
                point=number,
            )
        ]
    entry = excerpt.entry
    if entry.event_id != event.pk:
        return [Check("foreign", f"The words of {code} were said at another event.", blocks=True, point=number)]
    if (entry.consent == Consent.NONE or not entry.quote_label) and not entry.erased_at:
        return [Check("consent", f"The author of {code} does not wish to be quoted.", blocks=True, point=number)]
    if reason := gone(entry):
        return [Check("gone", f"The source of {code} cannot be shown. {reason}", blocks=True, point=number)]
    checks = []
    if not _matches(excerpt):
        checks.append(
            Check("mismatch", f"The words of {code} do not stand in their source.", blocks=True, point=number)
        )
    if entry.source_edited_at:
        checks.append(
            Check(
                "edited",
                f"The source of {code} was edited after it was quoted.",
                blocks=rules.edited == Severity.BLOCK,
                point=number,
            )
        )
    return checks


def _matches(excerpt: Excerpt) -> bool:
    try:
        quotation = find_quotation(excerpt.entry.text, excerpt.text)
    except QuoteRefused:
        return False
    return len(quotation.spans) == len(excerpt.spans)


def _dissent(point_ids: list[uuid.UUID]) -> dict[uuid.UUID, set[uuid.UUID]]:
    against: dict[uuid.UUID, set[uuid.UUID]] = {}
    for excerpt in Excerpt.objects.filter(point_id__in=point_ids, role=Excerpt.Role.OPPOSES).select_related(
        "entry__comment", "entry__contribution"
    ):
        if not gone(excerpt.entry):
            against.setdefault(excerpt.point_id, set()).add(excerpt.pk)
    return against
