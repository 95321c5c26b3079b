"""The front door and the frame of every page."""

import datetime

import pytest
from django.utils import timezone

from home.models import HomePage, TextPage
from tests.factories.events import EventPageFactory
from tests.factories.news import NewsIndexPageFactory
from tests.factories.propositions import PropositionPageFactory

pytestmark = pytest.mark.django_db


def test_home_page_leads_to_the_current_event_and_lists_the_others(client):
    long_ago = EventPageFactory(title="The Gale Summit", starts_on=datetime.date(2024, 5, 1))
    current = EventPageFactory(title="The Estuary Summit", is_current=True)
    proposition = PropositionPageFactory(parent=current, title="Ferries are roads")

    page = client.get("/").text

    assert f'<a class="plain-link" href="{current.url}">The Estuary Summit</a>' in page
    assert proposition.url in page
    assert f'<a class="plain-link" href="{long_ago.url}">The Gale Summit</a>' in page.split("Other summits")[1]


def test_home_page_stands_without_an_event(client):
    page = client.get("/")

    assert page.status_code == 200
    assert "No summit is announced yet." in page.text


def test_header_leads_only_where_there_is_something(client):
    empty = client.get("/").text
    event = EventPageFactory()
    NewsIndexPageFactory()
    full = client.get("/").text

    assert "News" not in empty.split("</header>")[0]
    for address in (f"{event.url}#propositions", f"{event.url}#programme", "/news/", f"{event.url}#briefings"):
        assert f'href="{address}"' in full.split("</header>")[0]


@pytest.mark.parametrize("anchor", ["propositions", "programme", "briefings"])
def test_header_leads_to_places_that_exist(client, anchor):
    event = EventPageFactory()

    assert f'id="{anchor}"' in client.get(event.url).text


def test_pages_of_an_event_keep_its_own_header(client):
    EventPageFactory(is_current=True, host="Society of Pilots")
    past = EventPageFactory(starts_on=timezone.localdate() - datetime.timedelta(days=400), host="Guild of Bellringers")
    proposition = PropositionPageFactory(parent=past)

    header = client.get(proposition.url).text.split("</header>")[0]

    assert "Guild of Bellringers" in header
    assert f'href="{past.url}#propositions" aria-current="true"' in header


def test_footer_leads_to_pages_of_text(client):
    page = TextPage(title="Privacy", body=[("paragraph", "<p>We keep little.</p>")], show_in_menus=True)
    HomePage.objects.get().add_child(instance=page)

    assert '<a href="/privacy/">Privacy</a>' in client.get("/").text.split("<footer")[1]
    assert "We keep little." in client.get("/privacy/").text


def test_reader_gets_no_cookie_anywhere(client):
    event = EventPageFactory()
    for address in ("/", event.url, "/people/", "/search/?q=tide", "/feed/", "/no/such/page/"):
        assert client.get(address).cookies == {}
