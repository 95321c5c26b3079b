"""A proposition's page: the statement first, the rest beside and below it."""

import pytest

from propositions.models import Resource
from tests.factories.discussion import comment
from tests.factories.news import PostPageFactory
from tests.factories.people import picture
from tests.factories.propositions import PropositionFacilitatorFactory, PropositionPageFactory

pytestmark = pytest.mark.django_db


def test_proposition_page_puts_the_statement_first(client):
    proposition = PropositionPageFactory(title="Ferries are roads", number=3)
    PropositionFacilitatorFactory(proposition=proposition, person__name="Ottoline Crane")
    PostPageFactory(parent=proposition, title="Three crossings counted")
    comment(proposition, body="The last boat leaves before the late shift ends.")

    page = client.get(proposition.url).text.partition("</head>")[2]

    places = [
        page.index(words)
        for words in (
            "Ferries are roads</span>",
            "Ottoline Crane",
            "Silt comes back.",
            "Three crossings counted",
            "The last boat leaves",
        )
    ]
    assert places == sorted(places)


def test_resources_say_when_they_are_still_to_come(client):
    proposition = PropositionPageFactory()
    Resource.objects.create(proposition=proposition, title="Tide tables", link="https://example.org/tides")
    Resource.objects.create(proposition=proposition, title="Slides")

    page = client.get(proposition.url).text

    assert '<a href="https://example.org/tides">Tide tables</a>' in page
    assert 'Slides <span class="meta">coming soon</span>' in page


def test_proposition_page_costs_the_same_with_thirty_of_everything(queries_of, media):
    proposition = PropositionPageFactory()
    _fill(proposition, 1)
    few = queries_of(proposition.url)

    _fill(proposition, 29)

    assert queries_of(proposition.url) == few


def _fill(proposition, count):
    for number in range(count):
        PropositionFacilitatorFactory(proposition=proposition, person__portrait=picture())
        PostPageFactory(parent=proposition)
        Resource.objects.create(proposition=proposition, title=f"Resource {number}", link="https://example.org/")
        comment(proposition)


def test_proposition_page_sets_no_cookie_and_carries_nothing_inline(client):
    proposition = PropositionPageFactory()
    comment(proposition)

    answer = client.get(proposition.url)

    assert answer.cookies == {}
    assert " style=" not in answer.text
    assert "<style" not in answer.text
