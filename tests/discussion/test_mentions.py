"""Links between our own pages."""

import pytest
from wagtail.models import PageViewRestriction

from discussion.links import links_to_pages
from discussion.models import Mention
from news.models import NewsIndexPage, PostPage
from tests.factories import discussion as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return make.proposition_page(title="Libraries lend more than books")


@pytest.fixture
def news():
    return make.home_page().add_child(instance=NewsIndexPage(title="News", slug="news-of-tests"))


def post(parent, text, **values):
    made = PostPage(**{"title": "Nine sheds", "slug": "nine-sheds", "body": [("paragraph", text)], **values})
    parent.add_child(instance=made)
    made.save_revision().publish()
    return PostPage.objects.get(pk=made.pk)


def test_post_that_links_to_a_proposition_is_a_mention(page, news):
    text = (
        "<p>"
        + "word " * 20
        + f'as <a linktype="page" id="{page.pk}">the libraries say</a>, and '
        + "more " * 20
        + "</p>"
    )

    source = post(news, text)

    found = Mention.objects.get(page=page)
    assert (found.state, found.kind, found.title, found.source_page_id) == (
        "published",
        "internal",
        "Nine sheds",
        source.pk,
    )
    assert found.excerpt == f"[…] {'word ' * 11}as the libraries say, and {'more ' * 10}[…]"
    assert found.address == source.url


def test_links_by_page_and_by_address_are_found_once(page, news):
    other = make.proposition_page(event=page.event, title="Another")
    source = post(
        news,
        f'<p>One <a linktype="page" id="{page.pk}">link</a>.</p><p>Two <a href="{page.url}">links</a>.</p>'
        f'<p>By address: <a href="{other.full_url}?x=1#responses">there</a></p>'
        '<p><a href="https://elsewhere.example/a/">away</a> <a href="mailto:x@example.org">mail</a></p>',
    )

    assert [(link.target_id, link.excerpt) for link in links_to_pages(source)] == [
        (page.pk, "One link."),
        (other.pk, "By address: there"),
    ]


def test_mention_follows_the_text(page, news):
    source = post(news, f'<p>See <a linktype="page" id="{page.pk}">this</a>.</p>')
    assert Mention.objects.count() == 1

    source.title = "Ten sheds"
    source.save_revision().publish()
    assert Mention.objects.get().title == "Ten sheds"

    source.body = [("paragraph", "<p>Nothing to see.</p>")]
    source.save_revision().publish()
    assert Mention.objects.count() == 0


def test_mentions_of_one_page_leave_those_of_others_alone(page, news):
    text = f'<p>See <a linktype="page" id="{page.pk}">this</a>.</p>'
    first, second = post(news, text), post(news, text, title="Ten sheds", slug="ten-sheds")
    Mention.objects.create(page=page, source_url="https://blog.example/a", source_page_id=first.pk, title="Elsewhere")

    second.body = [("paragraph", "<p>Nothing to see.</p>")]
    second.save_revision().publish()
    assert sorted(Mention.objects.values_list("title", flat=True)) == ["Elsewhere", "Nine sheds"]

    second.body = [("paragraph", text)]
    second.save_revision().publish()
    first.unpublish()
    assert sorted(Mention.objects.values_list("title", flat=True)) == ["Elsewhere", "Ten sheds"]
    kept = Mention.objects.get(title="Ten sheds")
    assert (kept.received_at, kept.page_id) == (second.first_published_at, page.pk)


def test_page_that_not_everybody_reads_mentions_nothing(page, news):
    source = post(news, f'<p>See <a linktype="page" id="{page.pk}">this</a>.</p>')
    PageViewRestriction.objects.create(page=news, restriction_type="login")

    source.save_revision().publish()

    assert not Mention.objects.exists()


def test_page_taken_down_mentions_nothing(page, news):
    source = post(news, f'<p>See <a linktype="page" id="{page.pk}">this</a>.</p>')

    source.unpublish()

    assert Mention.objects.count() == 0


def test_post_below_a_proposition_does_not_mention_it(page):
    post(page, f'<p>See <a linktype="page" id="{page.pk}">above</a>.</p>')

    assert Mention.objects.count() == 0


def test_hidden_mention_stays_hidden_when_its_page_is_published_again(page, news):
    source = post(news, f'<p>See <a linktype="page" id="{page.pk}">this</a>.</p>')
    Mention.objects.update(state="hidden")

    source.save_revision().publish()

    assert Mention.objects.get().state == "hidden"
