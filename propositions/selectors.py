"""Reads about propositions, shaped for the pages that show them."""

from collections import defaultdict
from dataclasses import dataclass, field

from discussion.selectors import response_counts
from events.models import EventPage
from people.models import Person
from propositions.models import PropositionFacilitator, PropositionPage, StatementVersion


@dataclass(frozen=True)
class ContentsRow:
    """A proposition as it stands on its event's contents page."""

    page: PropositionPage
    facilitators: list[Person] = field(default_factory=list)
    responses: int = 0


def contents_of(event: EventPage) -> list[ContentsRow]:
    """An event's published propositions in the order of their numbers, in a fixed number of queries."""
    pages = list(PropositionPage.objects.child_of(event).live().public().defer("statement").order_by("number", "path"))
    ids = [page.pk for page in pages]
    facilitators = _facilitators_of(ids)
    responses = response_counts(ids)
    return [ContentsRow(page, facilitators[page.pk], responses.get(page.pk, 0)) for page in pages]


def total_responses(event: EventPage) -> int:
    """How many published responses all propositions of an event have."""
    pages = PropositionPage.objects.child_of(event).live().public()
    return sum(response_counts(list(pages.values_list("pk", flat=True))).values())


def versions_of(proposition: PropositionPage) -> list[StatementVersion]:
    """The versions of a statement, oldest first."""
    return list(proposition.statement_versions.order_by("number"))


def _facilitators_of(ids: list[int]) -> dict[int, list[Person]]:
    people: dict[int, list[Person]] = defaultdict(list)
    links = PropositionFacilitator.objects.filter(proposition__in=ids).select_related("person")
    for link in links.order_by("proposition", "sort_order"):
        people[link.proposition_id].append(link.person)
    return people
