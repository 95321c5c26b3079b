"""Search over everything public."""

import pytest

from tests.factories.events import EventPageFactory
from tests.factories.propositions import PropositionPageFactory

pytestmark = pytest.mark.django_db


def test_search_finds_words_of_a_statement(client):
    PropositionPageFactory(title="Ferries are roads", statement=[("paragraph", "<p>Barnacles hold the pier.</p>")])
    PropositionPageFactory(title="Tides are clocks")

    page = client.get("/search/", {"q": "barnacles"}).text

    assert "1 found for “barnacles”" in page
    assert "Ferries are roads" in page
    assert "Tides are clocks" not in page


def test_search_finds_nothing_unpublished(client):
    PropositionPageFactory(title="Barnacles hold the pier", live=False)

    assert "Nothing found for “barnacles”" in client.get("/search/", {"q": "barnacles"}).text


@pytest.mark.parametrize("query", ["", "   ", "\x00", '"', "x" * 5000, "<script>alert(1)</script>"])
def test_search_bears_any_words(client, query):
    answer = client.get("/search/", {"q": query})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_search_costs_the_same_with_many_findings(queries_of):
    event = EventPageFactory()
    PropositionPageFactory(title="Barnacles", parent=event)
    few = queries_of("/search/?q=barnacles")
    for _ in range(15):
        PropositionPageFactory(summary="Barnacles", parent=event)

    assert queries_of("/search/?q=barnacles") == few
