"""One entry, large: its text with its marks, what is known about it, and what was said around it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from gathering.desk import Desk, desk_themes
from gathering.models import Echo, Entry, Excerpt, Theme
from gathering.querysets import EntryQuerySet
from gathering.selectors import counts
from gathering.suggestions import Suggester
from propositions.models import PropositionPage


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
    # What was typed of it to be quoted, and refused; and the role it was meant for.
    typed: str = ""
    role: str = Excerpt.Role.SUPPORTS

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


def cards(desk: Desk, entries: EntryQuerySet, suggester: Suggester | None = None) -> list[Card]:
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
