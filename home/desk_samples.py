"""What the gallery shows of the sorting desk: one ledger that is kept nowhere, in each of its states."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string

from events.models import EventPage
from gathering.beside import Choice, Found, Group, Panels, Target
from gathering.cards import Card, Context
from gathering.desk import REASONS, Desk
from gathering.filters import Filters
from gathering.looks import ShownLook
from gathering.models import DeskLook, Echo, Entry, Excerpt, Point, Theme
from gathering.selectors import PointTally, Tally
from gathering.views.desk import card_payload
from live.models import Prompt
from people.consent import Consent

# Numbers that no real event, entry or theme has: what the browser keeps for the gallery is meant for nothing else.
NOWHERE = 9 * 10**14
MOMENT = datetime.datetime(2026, 10, 13, 9, 42, tzinfo=datetime.UTC)
QUESTIONS = (
    "Who holds the memory when somebody leaves?",
    "What would you pay two people for?",
    "Which of your maps is in somebody's head?",
    "What may be forgotten?",
    "Who reads what is written down?",
    "",
    "What do we owe those who come after?",
)
WORDS = (
    "The sluices were opened by feel. Nobody had ever thought to ask her to write it down. We lost two winters.\n"
    "Two keepers for one year would have cost less than one of them."
)


@dataclass(frozen=True)
class DeskState:
    """One picture of the desk: what it is called, which card and filter it shows, what is pressed on it."""

    words: str
    card: str = "plain"
    query: str = "show=undecided"
    # Keys, one after the other.
    press: tuple[str, ...] = ()
    # What the server says: as always, nothing at all, or that somebody else has decided.
    server: str = "answers"


DESK_STATES = {
    "entry": DeskState("an entry"),
    "excerpt": DeskState(
        "words marked for an excerpt", press=("e", *["ArrowRight"] * 6, *["Shift+ArrowRight"] * 9, "Enter")
    ),
    "excerpts": DeskState("an entry with its excerpts", "used", "show=used"),
    "context": DeskState("what was said around it", press=("c",)),
    "merge": DeskState("merging", press=("m",)),
    "set-aside": DeskState("setting aside", press=("s",)),
    "campaign": DeskState("a campaign, collapsed", "campaign"),
    "changed": DeskState("changed at its source", "changed"),
    "gone": DeskState("withdrawn by its author", "gone", "show=used"),
    "help": DeskState("all shortcuts", press=("?",)),
    "empty": DeskState("before anything is said", ""),
    "filtered-empty": DeskState("nothing in this filter", "", "show=set_aside&channel=table&q=sluice"),
    "colleague": DeskState("a colleague's decision", server="colleague"),
    "offline": DeskState("no signal", press=("3",), server="silent"),
}


def _points(event: EventPage) -> list[Point]:
    return [
        Point(pk=uuid.UUID(int=number), event=event, position=number, working_title=title)
        for number, title in enumerate(QUESTIONS, start=1)
    ]


def _entry(number: int, text: str = WORDS, **fields: Any) -> Entry:
    plain: dict[str, Any] = {
        "channel": Entry.Channel.LIVE,
        "consent": Consent.ROLE,
        "author_label": "Ward clerk",
        "quote_label": "Ward clerk, Fenbridge District",
        "prompt": Prompt(pk=NOWHERE, position=2, text="What did only one person know?"),
        "proposition_id": NOWHERE,
        "event_id": NOWHERE,
    }
    return Entry(pk=NOWHERE + number, text=text, said_at=MOMENT, **{**plain, **fields})


def _card(kind: str, points: list[Point]) -> Card | None:
    third = points[2]
    if not kind:
        return None
    if kind == "used":
        entry = _entry(1, disposition="used", point=third, is_starred=True, is_starred_in_room=True)
        return Card(entry, _excerpts(entry, third), merged_here=3)
    if kind == "campaign":
        echo = Echo(pk=NOWHERE, label="Save the ferry bell", is_campaign=True, state=Echo.State.KEPT)
        bell = "Keep the bell at the ferry steps. It tells us when to run."
        return Card(_entry(1, bell, echo=echo, channel=Entry.Channel.BEFORE, prompt=None), [], echoes=11)
    if kind == "changed":
        entry = _entry(1, source_edited_at=MOMENT, consent=Consent.NONE, proposition_id=None)
        return _ChangedCard(entry, [], themes=[Theme(pk=NOWHERE, label="keepers")])
    if kind == "gone":
        entry = _entry(1, disposition="used", point=third, source_withdrawn_at=MOMENT)
        return Card(entry, [])
    if kind == "set_aside":
        return Card(_entry(1, disposition="set_aside", set_aside_reason=REASONS[0], version=1), [])
    entry = _entry(1, table_name="Table 3", headcount=6, channel=Entry.Channel.TABLE)
    suggestions = {str(third.pk): "first", str(points[0].pk): "second"}
    return Card(entry, [], suggestions, more_like_this=12, themes=[Theme(pk=NOWHERE, label="keepers")])


class _Look(ShownLook):
    """At a desk whose ledger is in no database."""

    has_found_before = may_begin = True


class _ChangedCard(Card):
    """Of an entry whose source says something else by now; there is no source to read it from."""

    @property
    def new_words(self) -> str:
        return "Two keepers for a year would have cost less."


def _excerpts(entry: Entry, point: Point) -> list[Excerpt]:
    picked = {"supports": "Nobody had ever thought to ask her to write it down.", "opposes": "We lost two winters."}
    found = []
    for number, (role, words) in enumerate(picked.items()):
        start = entry.text.index(words)
        spans = [[start, start + len(words)]]
        found.append(Excerpt(pk=uuid.UUID(int=number), entry=entry, point=point, role=role, spans=spans, text=words))
    return found


def _panels(filters: Filters, points: list[Point], *, is_empty: bool) -> Panels:
    counted = {"used": 34, "merged": 21, "set_aside": 9, "undecided": 112}
    numbers = [
        PointTally(26, 22, 1, 0, 0),
        PointTally(9, 14, 0, 11, 0),
        PointTally(1, 1, 0, 0, 0),
        PointTally(4, 5, 0, 0, 3),
        PointTally(0, 0, 0, 0, 0),
        PointTally(2, 2, 0, 0, 0),
        PointTally(13, 12, 0, 0, 0),
    ]
    if is_empty:
        counted, numbers = dict.fromkeys(counted, 0), [PointTally()] * len(points)
    labels = {"used": "used", "merged": "merged", "set_aside": "set aside", "undecided": "undecided"}
    return Panels(
        total=Tally(sum(counted.values()), 0 if is_empty else 143),
        counted=counted,
        targets=[Target(point, tally) for point, tally in zip(points, numbers, strict=True)],
        groups=[
            Group(
                "Themes",
                [
                    Choice("all undecided", "show=undecided", counted["undecided"], filters.is_plain),
                    Choice("keepers", f"show=undecided&theme={NOWHERE}", 0 if is_empty else 17, False, NOWHERE),
                ],
            ),
            Group(
                "Where it was said",
                [Choice("tables", "show=undecided&channel=table", 0, filters.channel == "table")],
            ),
        ],
        dispositions=[
            Choice(label, f"show={name}", counted[name], filters.show == name) for name, label in labels.items()
        ],
        found=Found(filters, counted) if filters.is_plain else Found(filters, {}, ["tables"]),
        pace="" if is_empty else "4 a minute, about 28 minutes left",
    )


def desk(name: str, addresses: Mapping[str, str]) -> dict[str, Any]:
    """A desk in one of its states, as its own view would give it; `addresses` are where it asks and sends."""
    state = DESK_STATES[name]
    event = EventPage(pk=NOWHERE, title="The Estuary Summit", slug="estuary", path="", depth=3)
    points = _points(event)
    filters = Filters.parse(QueryDict(state.query).dict())
    shown = _panels(filters, points, is_empty=name == "empty")
    card = _card(state.card, points)
    suggestions = card.suggestions if card else {}
    is_filtered = not filters.is_plain
    return {
        "state": state,
        "desk": Desk(event, None),
        "desk_address": "",
        "filters": filters,
        "panels": shown,
        "targets": [
            {"target": target, "suggestion": suggestions.get(str(target.point.pk), "")} for target in shown.targets
        ],
        "card": card,
        "next": _entry(2, "Ask before they go, and pay them for the afternoon.") if card else None,
        "previous": None,
        "others": ["Ines Vale"] if state.server == "colleague" else [],
        "seq": 0,
        "reasons": REASONS,
        "may_sort": True,
        "can_undo": state.card == "used",
        "in_filter": 0 if is_filtered else 112,
        "place": 0 if is_filtered else 1,
        "batch": uuid.UUID(int=0),
        "looks": {kind: {"shown": _Look(kind, Desk(event, None))} for kind in DeskLook.Kind.values},
        "addresses": addresses,
        "propositions": [],
    }


def answer(name: str, part: str, asked: Mapping[str, str]) -> dict[str, Any] | str:
    """What the desk's server would say to its script, in one of the desk's states: words of its own or a fragment."""
    state = DESK_STATES[name]
    points = _points(EventPage(pk=NOWHERE))
    if part == "alike":
        used = _entry(3, "Write it down before they go.", disposition="used", point=points[0])
        alike = [(used, ""), (_entry(4, "Nobody ever wrote the sluices down.", author_label=""), "")]
        return render_to_string("gathering/desk.html#alike", {"alike": alike})
    if part == "context":
        around = Context(
            _entry(1),
            [_entry(5, "Who knows the tide tables by heart?", author_label="Harbour master")],
            [_entry(6, "My mother did.", author_label="")],
        )
        return render_to_string("gathering/desk.html#around", {"around": around})
    if part == "since":
        is_news = state.server == "colleague" and asked.get("after") == "0"
        pk = NOWHERE + 1
        news = {"changed": [pk], "sentences": {pk: "Ines Vale set it aside at 10.43."}} if is_news else {}
        others = ["Ines Vale"] if state.server == "colleague" else []
        return {"seq": 1 if state.server == "colleague" else 0, "others": others, **news}
    card = _card("set_aside", points) if "ids" in asked and state.server == "colleague" else None
    return {"cards": [card_payload(card)] if card else []}
