"""Addresses of an imported blog that no text has go on leading somewhere."""

import zipfile

import pytest
from wagtail.documents import get_document_model

from content.models import SummitImage
from news.models import NewsIndexPage, PostPage
from people.models import Person
from propositions.models import PropositionPage
from tests.factories.wordpress import LINK, PROPOSITION, author, category, item, picture_bytes, summit, tag
from wordpress.actions import undo_import
from wordpress.models import Batch, OldAddress


def leads(client, address):
    answer = client.get(address)
    return answer.headers.get("Location") if answer.status_code == 301 else answer.status_code


@pytest.fixture
def blog(bring):
    """A summit whose old addresses are asked for."""
    about = item("Who we are.", id=40, type="page", slug="about", title="About")
    parts = summit(tag("nets", "Nets"), about)
    bring(*parts)
    return {
        "parts": parts,
        "proposition": PropositionPage.objects.get(),
        "post": PostPage.objects.get(),
        "news": NewsIndexPage.objects.get(),
        "person": Person.objects.get(name="Summit editor"),
    }


@pytest.mark.parametrize(
    ("address", "to"),
    [
        ("/?p=11", "{proposition.url}"),
        ("/?page_id=40", "/about/"),
        ("/index.php?p=12", "{post.url}"),
        ("/category/proposition-4/", "{proposition.url}"),
        ("/category/proposition-4/page/2/", "{proposition.url}"),
        ("/category/proposition-4/feed/", "/feed/propositions/{proposition.pk}/rss/"),
        ("/?category_name=proposition-4", "{proposition.url}"),
        ("/category/news/", "{news.url}?category=News"),
        ("/category/news/feed/rss2/", "/feed/categories/News/rss/"),
        ("/tag/nets/", "{news.url}"),
        ("/?tag=nets", "{news.url}"),
        ("/author/editor/", "/people/{person.slug}/"),
        ("/?author=1", "/people/{person.slug}/"),
        ("/2011/09/", "{news.url}"),
        ("/2011/09/01/", "{news.url}"),
        ("/?m=201109", "{news.url}"),
        ("/feed/rss2/", "/feed/rss/"),
        ("/feed/atom/", "/feed/rss/"),
        ("/?feed=rss2", "/feed/rss/"),
        ("/wp-rss2.php", "/feed/rss/"),
        ("/on-the-quay/feed/", "/comments/feed/{post.pk}/rss/"),
        ("/on-the-quay/comment-page-2/", "{post.url}"),
        ("/about/amp/", "/about/"),
    ],
)
def test_addresses_lead_to_what_became_of_them(blog, client, address, to):
    assert leads(client, address) == to.format(**blog)


@pytest.mark.parametrize(
    ("address", "status"),
    [("/", 200), ("/?p=999", 200), ("/?m=soon", 200), ("/?utm_source=x", 200), ("/1999/01/", 404), ("/nothing/", 404),
     ("/nothing/feed/", 404), ("/?p=%00", 400)],
)  # fmt: skip
def test_other_addresses_are_left_alone(blog, client, address, status):
    assert leads(client, address) == status


def test_category_has_its_number_and_its_parents(bring, client):
    bring(category("quay", "Quay"), category("boats", "Boats", "quay"), item(categories=[("boats", "Boats")]))
    number = OldAddress.objects.get(path__startswith="/?cat=", category="Boats").path

    assert leads(client, "/category/quay/boats/") == leads(client, number) == "/news/?category=Boats"


def test_blog_that_stood_below_its_site_keeps_its_addresses(bring, client):
    link = f"{LINK}/blog"
    bring(*summit(), fields={"link": link})

    proposition = PropositionPage.objects.get()
    assert leads(client, "/blog/?p=11") == leads(client, f"/blog/category/{PROPOSITION[0]}/") == proposition.url
    assert leads(client, "/blog/") == proposition.get_parent().url
    assert leads(client, "/blog/feed/") == "/feed/rss/"
    assert leads(client, "/?p=11") == 200


def test_files_lead_to_where_they_are_now(bring, client, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    with zipfile.ZipFile(tmp_path / "uploads.zip", "w") as archive:
        for name, content in {"net.png": picture_bytes(), "tides.pdf": b"%PDF-1.4 tides"}.items():
            archive.writestr(f"uploads/2011/09/{name}", content)
    address = f"{LINK}/wp-content/uploads/2011/09"
    attachments = [
        item(type="attachment", status="inherit", id=number, link=f"{LINK}/file-{number}/",
             extra=f"<wp:attachment_url>{address}/{name}</wp:attachment_url>")
        for number, name in ((50, "net.png"), (51, "tides.pdf"), (52, "lost.png"))
    ]  # fmt: skip

    bring(item("x", id=1), *attachments, media=str(tmp_path / "uploads.zip"))

    image, document = SummitImage.objects.get(), get_document_model().objects.get()
    uploads = "/wp-content/uploads/2011/09"
    for old in (f"{uploads}/net.png", f"{uploads}/net-300x200.png", "/file-50/", "/?attachment_id=50"):
        assert leads(client, old) == image.file.url
    assert leads(client, f"{uploads}/tides.pdf") == leads(client, "/?p=51") == document.url
    assert leads(client, f"{uploads}/lost.png") == 404


def test_undoing_takes_old_addresses_away(blog, client, organiser):
    assert OldAddress.objects.exists()

    undo_import(actor=organiser, batch=Batch.objects.get())

    assert not OldAddress.objects.exists()
    assert leads(client, "/?p=11") == 200
    assert leads(client, "/tag/nets/") == 404


def test_repeat_adds_no_address_twice_and_takes_none_over(bring, client, blog):
    before = list(OldAddress.objects.values_list("pk", "path", "batch"))

    bring(*blog["parts"])

    assert list(OldAddress.objects.values_list("pk", "path", "batch")) == before


def test_page_that_is_not_public_any_more_is_not_led_to(blog, client):
    blog["post"].unpublish()

    assert leads(client, "/?p=12") == 404


@pytest.mark.parametrize("name", ["p", "page_id"])
def test_draft_is_not_found_by_its_old_address_until_it_is_published(bring, client, name):
    bring(author(), item("Not yet.", id=61, status="draft", slug="not-yet", title="Not yet"))
    draft = PostPage.objects.get()

    assert leads(client, f"/?{name}=61") == 404
    draft.save_revision().publish()
    assert leads(client, f"/?{name}=61") == draft.url


def test_names_of_authors_in_addresses_go_when_nobody_is_named(bring, client):
    bring(author("ada", "Ada Finch", 7), item(creator="ada", id=1), authors={"ada": "-"})

    assert not OldAddress.objects.filter(path__contains="author").exists()
    assert leads(client, "/author/ada/") == 404
