"""What earlier imports of the same blog brought in, and still stands: a repeat goes on from there."""

from dataclasses import dataclass
from typing import Any

from events.models import EventPage
from news.models import PostPage
from propositions.models import PropositionPage
from wordpress.choices import BatchState, Outcome
from wordpress.models import Batch, Record
from wordpress.survey import proposition_of


@dataclass(frozen=True, slots=True)
class Stands:
    """A page that an earlier import made of a text."""

    page_id: int
    kind: str  # proposition, post, page
    batch_id: int
    # Of the proposition that it is or stands below; none for news and pages of text.
    number: int = 0
    event: str = ""


class Standing:
    def __init__(self, source: str) -> None:
        self.source = source
        batches = Batch.objects.filter(source=source, state=BatchState.DONE).select_related("event").order_by("pk")
        self.event: EventPage | None = None
        # What was chosen, by name: a repeat without a word about it does the same again.
        self.categories: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        for batch in batches:
            self.event = batch.event or self.event
            self.categories |= batch.options.get("categories", {})
            self.kinds |= batch.options.get("kinds", {})

    def use_of(self, slug: str, name: str) -> str:
        """What a category became, or would become if nobody chose: "proposition:4" or "post"."""
        chosen = self.categories.get(slug, "")
        if chosen and chosen != "skip":
            return chosen
        suggested = proposition_of(name)
        return f"proposition:{suggested[0]}" if suggested else "post"

    def texts(self) -> dict[tuple[str, str], Stands]:
        """By kind and number in the blog, the pages that are still here."""
        records: Any = (
            Record.objects.filter(batch__source=self.source, batch__state=BatchState.DONE, page__isnull=False)
            .exclude(outcome=Outcome.SKIPPED)
            .order_by("pk")
            .values_list("kind", "source_id", "page_id", "batch_id", "page__path")
        )
        numbers = dict(PropositionPage.objects.values_list("path", "number"))
        events = dict(EventPage.objects.values_list("path", "slug"))
        posts = set(PostPage.objects.values_list("pk", flat=True))
        step = PropositionPage.steplen
        found: dict[tuple[str, str], Stands] = {}
        for kind, source_id, page_id, batch_id, path in records.iterator():
            proposition = path if path in numbers else path[:-step]
            kind_here = "proposition" if path in numbers else "post" if page_id in posts else "page"
            first = found.get((kind, source_id))
            found[kind, source_id] = Stands(
                page_id=page_id,
                kind=kind_here,
                # The run that made it is the one to undo.
                batch_id=first.batch_id if first and first.page_id == page_id else batch_id,
                number=numbers.get(proposition, 0),
                event=events.get(proposition[:-step], "") if proposition in numbers else "",
            )
        return found
