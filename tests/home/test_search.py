"""Search over everything public."""

import pytest
from wagtail.models import PageViewRestriction

from discussion.actions import hide_comment
from home.searching import LENGTH, said_with
from live.models import SessionState
from tests.factories.discussion import comment, moderator
from tests.factories.events import EventPageFactory
from tests.factories.live import contribution, live_session, participant
from tests.factories.people import PersonFactory
from tests.factories.propositions import PropositionPageFactory

pytestmark = pytest.mark.django_db


def test_search_finds_words_of_a_statement(client):
    PropositionPageFactory(title="Ferries are roads", statement=[("paragraph", "<p>Barnacles hold the pier.</p>")])
    PropositionPageFactory(title="Tides are clocks")

    page = client.get("/search/", {"q": "barnacles"}).text

    assert "1 page found for “barnacles”" in page
    assert "Ferries are roads" in page
    assert "Tides are clocks" not in page


def test_search_finds_nothing_unpublished(client):
    PropositionPageFactory(title="Barnacles hold the pier", live=False)

    assert "Nothing found for “barnacles”" in client.get("/search/", {"q": "barnacles"}).text


@pytest.mark.parametrize("query", ["", "   ", "\x01", '"', "x" * 5000, "<script>alert(1)</script>"])
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


def test_search_finds_people(client):
    person = PersonFactory(name="Ottoline Crane")

    assert f'<a href="{person.get_absolute_url()}">Ottoline Crane</a>' in client.get("/search/", {"q": "ottoline"}).text


def test_search_finds_what_was_said_with_all_the_words(client):
    proposition = PropositionPageFactory()
    found = comment(proposition, body="Barnacles hold the pier, and the pier holds us.")
    comment(proposition, body="Barnacles alone.")

    page = client.get("/search/", {"q": "PIER barnacles"}).text

    assert "Said 1 time<" in page
    assert f'href="{found.get_absolute_url()}"' in page
    assert "Barnacles alone." not in page


@pytest.mark.parametrize("query", ["don't", "don’t", "ＤＯＮ’Ｔ"])
def test_search_finds_what_was_said_however_the_apostrophe_is_typed(query):
    proposition = PropositionPageFactory()
    comment(proposition, body=f"{'mud ' * 200}I don’t know.")
    comment(proposition, body="They don't either.")

    total, found = said_with(query)

    assert total == 2
    assert all("know" in one.text or "either" in one.text for one in found)


def test_search_finds_nothing_that_is_out_of_sight(client):
    proposition = PropositionPageFactory()
    hide_comment(actor=moderator(), comment=comment(proposition, body="Barnacles one"), reason="Advertising")
    unpublished, restricted = PropositionPageFactory(), PropositionPageFactory()
    comment(unpublished, body="Barnacles two")
    comment(restricted, body="Barnacles three")
    unpublished.unpublish()
    PageViewRestriction.objects.create(page=restricted, restriction_type=PageViewRestriction.LOGIN)
    going_on = live_session(proposition)
    contribution(participant(going_on), "Barnacles four")

    assert "Nothing found for “barnacles”" in client.get("/search/", {"q": "barnacles"}).text


def test_search_finds_what_was_said_in_a_session_that_is_over(client):
    session = live_session(PropositionPageFactory())
    said = contribution(participant(session), "Barnacles hold the pier.")
    session.state = SessionState.CLOSED
    session.save()

    page = client.get("/search/", {"q": "barnacles"}).text

    assert f'href="{session.page.url}#said-{said.pk}"' in page


def test_long_words_are_shown_around_what_was_looked_for():
    comment(PropositionPageFactory(), body=f"{'tide ' * 200}barnacles {'mud ' * 200}")

    total, (found,) = said_with("barnacles")

    assert total == 1
    assert "barnacles" in found.text
    assert found.text.startswith("… tide ")
    assert found.text.endswith(" mud …")
    assert len(found.text) <= LENGTH + 4


def test_search_of_what_was_said_costs_the_same_with_many_findings(queries_of):
    proposition = PropositionPageFactory()
    comment(proposition, body="Barnacles")
    few = queries_of("/search/?q=barnacles")
    for number in range(12):
        comment(proposition, body=f"Barnacles {number}")

    assert queries_of("/search/?q=barnacles") == few
