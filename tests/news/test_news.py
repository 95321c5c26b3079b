"""Posts, the stream they stand in and its feeds."""

import datetime
import re

import pytest
from defusedxml import ElementTree

from events.models import EventPage, Phase
from tests.factories.events import EventPageFactory
from tests.factories.news import NewsIndexPageFactory, PostPageFactory
from tests.factories.people import PersonFactory
from tests.factories.propositions import PropositionPageFactory

pytestmark = pytest.mark.django_db

ATOM = {"atom": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def index():
    return NewsIndexPageFactory()


def day(number):
    return datetime.date(2026, 9, number)


def feed_titles(client, address):
    entries = ElementTree.fromstring(client.get(address).content).findall("atom:entry", ATOM)
    return [entry.findtext("atom:title", namespaces=ATOM) for entry in entries]


def test_stream_holds_every_post_newest_first(client, index):
    PostPageFactory(parent=index, title="The boats are hired", date=day(1))
    PostPageFactory(parent=PropositionPageFactory(), title="Crossings counted", date=day(3))
    PostPageFactory(parent=index, title="Still being written", date=day(4), live=False)

    page = client.get(index.url).text

    assert page.index("Crossings counted") < page.index("The boats are hired")
    assert "Still being written" not in page


def test_stream_can_be_read_by_category(client, index):
    PostPageFactory(parent=index, title="The boats are hired", category="Getting there")
    PostPageFactory(parent=index, title="Three new partners", category="Partners")

    page = client.get(index.url, {"category": "Partners"}).text

    assert "Three new partners" in page
    assert "The boats are hired" not in page


def test_unknown_category_shows_everything(client, index):
    PostPageFactory(parent=index, title="The boats are hired", category="Getting there")

    assert "The boats are hired" in client.get(index.url, {"category": "<script>"}).text


def test_excerpt_is_the_summary_or_how_the_text_begins():
    long = " ".join(f"word{number}" for number in range(60))
    begins = PostPageFactory.build(parent=None, body=[("heading", "Boats"), ("paragraph", f"<p>Tea &amp; {long}</p>")])
    summed_up = PostPageFactory.build(parent=None, summary="Tea was served.")

    assert begins.excerpt == f"Tea & {' '.join(long.split()[:38])} …"
    assert summed_up.excerpt == "Tea was served."


def test_post_shows_its_author_date_and_credit(client, index):
    author = PersonFactory(name="Ottoline Crane")
    post = PostPageFactory(parent=index, author=author, date=day(9), category="Getting there")

    page = client.get(post.url).text

    assert "Ottoline Crane" in page
    assert '<time datetime="2026-09-09">9 September 2026</time> · Getting there' in page
    assert "Add a comment" in page


def test_post_that_takes_no_comments_has_no_form(client, index):
    post = PostPageFactory(parent=index, takes_comments=False)

    assert "Add a comment" not in client.get(post.url).text


def test_post_below_a_proposition_takes_comments_until_its_event_is_archived(client, index):
    event = EventPageFactory()
    post = PostPageFactory(parent=PropositionPageFactory(parent=event))
    news = PostPageFactory(parent=index)

    assert "Add a comment" in client.get(post.url).text
    EventPage.objects.update(phase_override=Phase.ARCHIVED)

    assert "Add a comment" not in client.get(post.url, headers={"Authorization": "not kept"}).text
    assert "Add a comment" in client.get(news.url).text


def test_feed_holds_the_latest_posts(client, index):
    PostPageFactory(parent=index, title="The boats are hired", date=day(1))
    PostPageFactory(parent=PropositionPageFactory(), title="Crossings counted", date=day(3))

    assert feed_titles(client, "/feed/") == ["Crossings counted", "The boats are hired"]


def test_feed_of_a_proposition_holds_its_own_posts(client, index):
    proposition = PropositionPageFactory()
    PostPageFactory(parent=index, title="The boats are hired")
    PostPageFactory(parent=proposition, title="Crossings counted")

    assert feed_titles(client, f"/feed/propositions/{proposition.pk}/") == ["Crossings counted"]
    assert f'href="/feed/propositions/{proposition.pk}/"' in client.get(proposition.url).text


def test_stream_costs_the_same_with_twenty_posts(queries_of, index):
    PostPageFactory(parent=index, author=PersonFactory())
    few = queries_of(index.url)
    for _ in range(19):
        PostPageFactory(parent=index, author=PersonFactory())

    assert queries_of(index.url) == few


def test_feed_of_a_category_holds_its_own_posts(client, index):
    PostPageFactory(parent=index, title="The boats are hired", category="Getting there & back")
    PostPageFactory(parent=index, title="Three new partners", category="Partners")

    assert feed_titles(client, "/feed/categories/Getting%20there%20&%20back/") == ["The boats are hired"]
    assert client.get("/feed/categories/Nothing/").status_code == 404
    page = client.get(index.url, {"category": "Partners"}).text
    assert 'href="/feed/categories/Partners/"' in page


def test_feeds_are_to_be_had_as_rss(client, index):
    proposition = PropositionPageFactory()
    PostPageFactory(parent=proposition, title="Crossings counted", category="Numbers")

    for address in ("/feed/rss/", f"/feed/propositions/{proposition.pk}/rss/", "/feed/categories/Numbers/rss/"):
        answer = client.get(address)
        assert answer["Content-Type"].startswith("application/rss+xml")
        root = ElementTree.fromstring(answer.content)
        assert [item.findtext("title") for item in root.iter("item")] == ["Crossings counted"]


def test_page_of_feeds_names_each_that_works(client, index):
    proposition = PropositionPageFactory(title="Ferries are roads", number=3)
    event = proposition.event
    event.is_current = True
    event.save()
    PostPageFactory(parent=proposition, title="Crossings counted", category="Numbers")

    page = client.get("/feeds/").text

    addresses = set(re.findall(r'href="(/(?:comments/)?feed/[^"]*)"', page))
    assert len(addresses) >= 10
    for address in addresses:
        assert client.get(address).status_code == 200, address


def test_note_stands_whole_in_the_stream_without_its_title(client, index):
    note = PostPageFactory(parent=index, title="Herring", is_note=True, date=day(9))

    stream = client.get(index.url).text
    page = client.get(note.url).text

    assert "<p>The tide table is up.</p>" in stream
    assert "Continue reading" not in stream
    assert re.findall(r">([^<>]*)Herring<", stream) == [" of 9 September 2026: "]
    assert re.search(r"<h1[^>]*>(.*?)</h1>", page)[1] == "Note, 9 September 2026"


def test_note_stands_whole_in_feeds(client, index):
    PostPageFactory(parent=index, is_note=True, body=[("paragraph", f"<p>{'tide ' * 60}</p>")])

    entry = ElementTree.fromstring(client.get("/feed/").content).find("atom:entry", ATOM)

    assert entry.findtext("atom:summary", namespaces=ATOM).count("tide") == 60


def test_footnotes_of_a_post_are_linked_to_and_fro(client, index):
    body = [("paragraph", "<p>Ninety boats.[1]</p>"), ("footnotes", ["<p>Counted on Friday.</p>"])]

    page = client.get(PostPageFactory(parent=index, body=body).url).text

    assert '<a class="note-mark" id="note-mark-1" href="#note-1" aria-label="Footnote 1">[1]</a>' in page
    assert '<li id="note-1">' in page
