"""What is said, as feeds."""

import pytest
from defusedxml import ElementTree
from django.urls import reverse

from discussion import actions
from tests.factories import discussion as make

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def page():
    return make.proposition_page()


def entries(client, page):
    answer = client.get(reverse("comments-feed", args=[page.pk]))
    assert answer.headers["content-type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")


def titles(client, page):
    return [entry.findtext(f"{ATOM}title") for entry in entries(client, page)]


def test_feed_of_a_page_holds_its_comments_and_mentions_newest_first(client, page):
    said = make.comment(page, body="It *leaks*, see https://example.org", actor=make.moderator())
    page.mentions.create(source_url="https://n.example/1", title="Nine sheds", kind="webmention", state="published")
    make.comment(make.proposition_page())

    assert titles(client, page) == ["Mentioned in “Nine sheds”", f"{said.author_label} on “{page.title}”"]
    comment = entries(client, page)[1]
    assert comment.find(f"{ATOM}link").get("href").endswith(said.get_absolute_url())
    assert comment.findtext(f"{ATOM}id") == f"tag:localhost,2026:comment-{said.pk}"
    assert "<em>leaks</em>" in comment.findtext(f"{ATOM}summary")
    rss = ElementTree.fromstring(client.get(reverse("comments-feed-rss", args=[page.pk])).content)
    assert [item.findtext("title") for item in rss.iter("item")] == titles(client, page)


def test_feed_says_whose_it_is_for_entries_without_an_author(client, page):
    page.mentions.create(source_url="https://n.example/1", title="Nine sheds", kind="webmention", state="published")

    feed = ElementTree.fromstring(client.get(reverse("comments-feed", args=[page.pk])).content)

    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Summit"
    assert feed.find(f"{ATOM}entry/{ATOM}author") is None


def test_feed_of_an_event_holds_what_is_said_below_it(client, page):
    make.comment(page)
    make.comment(make.proposition_page(page.event, title="Boats"))
    make.comment(make.proposition_page())

    assert len(entries(client, page.event)) == 2


def test_feed_never_holds_what_is_not_for_everybody(client, page):
    make.comment(page, body="Waiting.", hold_reason="A look first")
    rude = make.comment(page, body="Rude.")
    actions.hide_comment(actor=make.moderator(), comment=rude, reason="Rude")
    closed = make.proposition_page(page.event)
    make.comment(closed)
    closed.view_restrictions.create(restriction_type="login")
    client.force_login(make.moderator())

    assert entries(client, page) == []
    assert titles(client, page.event) == []
    assert client.get(reverse("comments-feed", args=[closed.pk])).status_code == 404
    assert client.get(reverse("comments-feed", args=[1])).status_code == 404


def test_feed_costs_the_same_however_much_was_said(client, page, django_assert_max_num_queries):
    make.many_comments(page, 200)
    client.get(reverse("comments-feed", args=[page.pk]))

    with django_assert_max_num_queries(8):
        assert len(entries(client, page)) == 40


def test_programs_find_the_feeds_from_the_pages(client, page):
    for shown in (page, page.event):
        html = client.get(shown.url).content.decode()
        assert f'type="application/atom+xml" title="Responses to “{shown.title}”"' in html
        assert reverse("comments-feed-rss", args=[shown.pk]) in html
