"""What a page tells those who only have a link to it, and those who search."""

import io
import json
import re

import pytest
from defusedxml import ElementTree
from django.core.cache import cache
from PIL import Image

from tests.factories.discussion import event_page, proposition_page
from tests.factories.news import PostPageFactory
from tests.factories.people import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return event_page(
        title='The <Harvest> & "Tide" Summit',
        venue="The Corn Exchange",
        host="The Wardens",
        introduction="<p>Three days &amp; two nights.</p>",
    )


@pytest.fixture
def proposition(event):
    return proposition_page(event, title="Ferries </script> are roads", number=3, summary="The tide keeps time.")


def head_of(client, page):
    answer = client.get(page.get_url())
    assert answer.status_code == 200
    return answer.text.partition("</head>")[0]


def data_of(head):
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', head, re.DOTALL)
    return json.loads(block)


def test_proposition_says_what_it_is(client, proposition):
    head = head_of(client, proposition)

    assert '<meta name="description" content="The tide keeps time.">' in head
    assert f'<link rel="canonical" href="{proposition.full_url}">' in head
    assert f'<meta property="og:image" content="http://localhost:8000/card/{proposition.pk}.png">' in head
    found = data_of(head)
    assert found["@type"] == "DiscussionForumPosting"
    assert found["headline"] == "Ferries </script> are roads"
    assert found["position"] == 3
    assert found["isPartOf"]["name"] == 'The <Harvest> & "Tide" Summit'


def test_event_says_when_and_where(client, event):
    found = data_of(head_of(client, event))

    assert (found["startDate"], found["endDate"]) == (event.starts_on.isoformat(), event.ends_on.isoformat())
    assert found["location"]["name"] == "The Corn Exchange"
    assert found["organizer"]["name"] == "The Wardens"
    assert found["description"] == "Three days & two nights."


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("Short", 3),
        ("Every waiting list is a decision, and whoever keeps one has made it without saying so to anybody at all", 12),
        ("W" * 240, 100),
        ("Ærø – “Łódź” → 東京", 1),
    ],
)
def test_card_is_a_picture_whatever_the_title(client, event, title, number):
    cache.clear()
    page = proposition_page(event, title=title, number=number)

    answer = client.get(f"/card/{page.pk}.png")

    assert answer.status_code == 200
    assert answer["Cache-Control"].startswith("public, max-age=86400")
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (1200, 630)
    assert len(picture.getcolors(1_000_000)) > 10
    assert len(answer.content) < 100_000
    # Nothing runs over the right margin.
    margin = picture.crop((1200 - 60, 40, 1200, 590)).convert("L")
    assert margin.getextrema()[0] > 200


def test_card_is_drawn_once(client, event, proposition, monkeypatch):
    cache.clear()
    first = client.get(f"/card/{proposition.pk}.png").content
    monkeypatch.setattr("content.cards._draw", None)

    assert client.get(f"/card/{proposition.pk}.png").content == first


def test_what_is_not_public_has_no_card(client, event, proposition):
    proposition.unpublish()

    assert client.get(f"/card/{proposition.pk}.png").status_code == 404
    assert client.get("/card/1.png").status_code == 404
    assert client.get("/card/99999999999999999999.png").status_code == 404


def test_map_names_every_public_page_and_profile(client, event, proposition):
    person = PersonFactory()
    draft = proposition_page(event)
    draft.unpublish()

    answer = client.get("/sitemap.xml")

    places = {element.text for element in ElementTree.fromstring(answer.content).iter() if element.tag.endswith("loc")}
    assert {event.full_url, proposition.full_url} <= places
    assert f"http://localhost:8000{person.get_absolute_url()}" in places
    for address in ("/people/", "/follow-ups/", "/feeds/", "/accessibility/"):
        assert f"http://localhost:8000{address}" in places
    assert draft.full_url not in places


def test_robots_are_shown_the_map(client):
    answer = client.get("/robots.txt")

    assert answer["Content-Type"].startswith("text/plain")
    assert "Sitemap: http://localhost:8000/sitemap.xml" in answer.text
    assert "Disallow: /admin/" in answer.text


def test_post_says_who_wrote_it_and_when(client, proposition):
    post = PostPageFactory(parent=proposition, title="A reply", summary="In short.")

    found = data_of(head_of(client, post))

    assert found["@type"] == "BlogPosting"
    assert found["datePublished"] == post.date.isoformat()
    assert found["description"] == "In short."
