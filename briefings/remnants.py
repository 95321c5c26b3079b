"""Words that may no longer be shown and still stand in what editors typed: where, and whose source is gone."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from django.db.models import Q

from briefings import citations
from briefings.models import BriefingPage
from briefings.quotations import Said, Typed, may_stand_in, stands_in, typed_in
from briefings.selectors import gone
from discussion.models import CommentState
from events.models import EventPage
from gathering.models import Entry, Excerpt
from live.models import Contribution
from people.consent import Consent


@dataclass(frozen=True)
class Remnant:
    """Words of an entry in a briefing's text, though the entry may not be shown; `reason` says why."""

    entry_id: int
    words: str
    reason: str
    place: str
    point: int | None = None


@dataclass(frozen=True)
class Remains:
    """Where words of one entry still stand: in a briefing as readers know it, and in its newest draft."""

    briefing: BriefingPage
    published: tuple[Remnant, ...]
    draft: tuple[Remnant, ...]


def remnants_in(briefing: BriefingPage, event: EventPage) -> list[Remnant]:
    """Words of this event in a briefing whose source was withdrawn or hidden, or whose author is not to be quoted."""
    return _remnants_in(briefing, _gone(event.pk), _words_of_others(event.pk))


def remains_of(entry_ids: Collection[int]) -> dict[int, list[Remains]]:
    """For those of the entries that may not be shown, the briefings in which words of theirs still stand."""
    found: dict[int, list[Remains]] = defaultdict(list)
    events: dict[int, list[Entry]] = defaultdict(list)
    for entry in _gone(None, entry_ids):
        events[entry.event_id].append(entry)
    for event_id, entries in events.items():
        others = _words_of_others(event_id)
        for page in BriefingPage.objects.child_of(EventPage.objects.get(pk=event_id)).order_by("number", "pk"):
            published = _remnants_in(page, entries, others) if page.live else []
            draft = _remnants_in(page.get_latest_revision_as_object(), entries, others)
            for entry in entries:
                remains = Remains(
                    page,
                    tuple(one for one in published if one.entry_id == entry.pk),
                    tuple(one for one in draft if one.entry_id == entry.pk),
                )
                if remains.published or remains.draft:
                    found[entry.pk].append(remains)
    return found


def _gone(event_id: int | None, entry_ids: Collection[int] | None = None) -> list[Entry]:
    """The entries whose words are known and may not be shown. Those of the erased are in no text any more."""
    may_not = (
        Q(source_withdrawn_at__isnull=False)
        | Q(source_hidden_at__isnull=False)
        | Q(consent=Consent.NONE)
        | Q(quote_label="")
        | (Q(comment__isnull=False) & ~Q(comment__state=CommentState.PUBLISHED))
        | (Q(contribution__isnull=False) & ~Q(contribution__state=Contribution.State.SHOWN))
    )
    found = Entry.objects.filter(may_not, erased_at=None).exclude(text="")
    found = found.filter(event=event_id) if event_id is not None else found
    found = found.filter(pk__in=entry_ids) if entry_ids is not None else found
    return list(found.select_related("comment", "contribution").order_by("pk"))


def _words_of_others(event_id: int) -> Callable[[], Sequence[str]]:
    """What may be shown of what was said at an event. Read when it is first asked for, which is seldom."""

    @cache
    def texts() -> Sequence[str]:
        not_shown = {entry.pk for entry in _gone(event_id)}
        said = Entry.objects.filter(event=event_id, erased_at=None).values_list("pk", "text")
        return [text for pk, text in said if pk not in not_shown]

    return texts


def _remnants_in(
    briefing: BriefingPage, entries: Sequence[Entry], others: Callable[[], Sequence[str]]
) -> list[Remnant]:
    if not entries:
        return []
    excerpts: dict[int, list[str]] = defaultdict(list)
    picked = Excerpt.with_removed.filter(entry__in=entries).exclude(text="").order_by("created_at")
    for entry_id, text in picked.values_list("entry", "text"):
        excerpts[entry_id].append(text)
    texts = list(_texts(briefing))
    found = []
    for entry in entries:
        said = Said(entry.text, tuple(excerpts[entry.pk]))
        for place, point, typed in texts:
            found += [
                Remnant(entry.pk, words, gone(entry), place, point)
                for words in typed.words_of(said)
                # Others who said the same may be quoted with it.
                if not stands_in(words, [text for text in others() if may_stand_in(words, text)])
            ]
    return found


def _texts(briefing: BriefingPage) -> Iterator[tuple[str, int | None, Typed]]:
    yield "the title", None, typed_in(briefing.title, is_html=False)
    yield "the opening", None, typed_in(briefing.opening)
    for number, block in enumerate(briefing.points, start=1):
        yield f"point {number}", number, typed_in(block.value["heading"], is_html=False)
        yield f"point {number}", number, typed_in(citations.without(block.value["discussion"].source))
    yield "the closing", None, typed_in(briefing.closing)
    yield "the credit", None, typed_in(briefing.credit, is_html=False)
    yield "the title tag", None, typed_in(briefing.seo_title, is_html=False)
    yield "the meta description", None, typed_in(briefing.search_description, is_html=False)
    for follow_up in briefing.follow_ups.all():
        yield "a follow-up", None, typed_in(f"{follow_up.promise}\n{follow_up.note}", is_html=False)
