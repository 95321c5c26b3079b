"""Webmentions with an implementation that is not ours (`webmentions`), at the other end of real HTTP."""

from urllib.parse import parse_qs

import pytest
from wagtail.models import Site
from webmentions import ContentTextFormat, WebmentionDirection, WebmentionsHandler
from webmentions.storage import WebmentionsStorage

from content import fetch
from discussion.mentions import actions
from discussion.models import Mention, SentMention
from news.models import NewsIndexPage, PostPage
from tests.factories import discussion as make
from tests.strangers import let_count_as_public, serving

pytestmark = pytest.mark.django_db(transaction=True)


class Kept(WebmentionsStorage):
    """What the other implementation stores, in memory."""

    def __init__(self):
        self.found = {}

    def store_webmention(self, mention):
        self.found[(mention.source, mention.target, mention.direction)] = mention

    def delete_webmention(self, source, target, direction):
        self.found.pop((source, target, direction), None)

    def retrieve_webmentions(self, resource, direction):
        end = "source" if direction == WebmentionDirection.OUT else "target"
        return [
            found for found in self.found.values() if found.direction == direction and getattr(found, end) == resource
        ]


@pytest.fixture
def our_site(live_server):
    """Our site as it is served here, at its own port."""
    home = make.home_page()
    port = int(live_server.url.rpartition(":")[2])
    Site.objects.filter(root_page=home).update(hostname="localhost", port=port)
    Site.clear_site_root_paths_cache()
    yield live_server
    Site.clear_site_root_paths_cache()


@pytest.fixture
def stranger(monkeypatch):
    with serving("127.0.0.2") as server:
        let_count_as_public(monkeypatch, server)
        server.base = f"http://blog.example:{server.port}"
        yield server


def test_another_implementation_finds_our_endpoint_and_tells_us(our_site, stranger):
    page = make.proposition_page(title="Libraries lend more than books")
    source = f"{stranger.base}/nine-sheds"
    text = f'<title>Nine sheds</title><p>So say <a href="{page.full_url}">the libraries</a> here.</p>'
    stranger.answers["/nine-sheds"] = (200, {"Content-Type": "text/html"}, text.encode())
    theirs = WebmentionsHandler(Kept(), ssrf_protection=False)

    theirs.process_outgoing_webmentions(source, text=text, text_format=ContentTextFormat.HTML)

    mention = Mention.objects.get()
    assert (mention.page_id, mention.source_url, mention.state, mention.title) == (
        page.pk,
        source,
        "held",
        "Nine sheds",
    )
    assert len(theirs.retrieve_stored_webmentions(source, WebmentionDirection.OUT)) == 1

    # They take the link out, and say so as they do.
    stranger.answers["/nine-sheds"] = (410, {}, b"")
    actions.MentionNotice.objects.all().delete()
    theirs.process_outgoing_webmentions(source, text="<p>No link.</p>", text_format=ContentTextFormat.HTML)

    assert Mention.objects.get().state == "gone"


def test_we_tell_another_implementation_which_finds_our_link_and_forgets_it_again(
    our_site, stranger, settings, monkeypatch
):
    settings.SENDS_MENTIONS = True
    kept = Kept()
    theirs = WebmentionsHandler(kept, base_url=stranger.base, ssrf_protection=False)
    answered = []

    def receive(handler):
        sent = {name: values[0] for name, values in parse_qs(stranger.asked[-1][3].decode()).items()}
        try:
            theirs.process_incoming_webmention(sent["source"], sent["target"])
            answered.append(200)
        except Exception as error:  # noqa: BLE001 whatever they refuse is an answer
            answered.append(error)
        handler.send_response(200 if answered[-1] == 200 else 400)
        handler.end_headers()

    stranger.answers["/post"] = (
        200,
        {"Content-Type": "text/html"},
        b'<link rel="webmention" href="/tell"><p>Words</p>',
    )
    stranger.answers["/tell"] = receive
    news = make.home_page().add_child(instance=NewsIndexPage(title="News", slug="news-of-tests"))
    post = PostPage(title="Nine sheds", slug="nine-sheds")
    post.body = [("paragraph", f'<p>As <a href="{stranger.base}/post">they say</a>.</p>')]
    news.add_child(instance=post)

    post.save_revision().publish()

    [received] = kept.retrieve_webmentions(f"{stranger.base}/post", WebmentionDirection.IN)
    assert (received.source, answered) == (post.full_url, [200])
    assert SentMention.objects.values_list("state", "kind").get() == ("sent", "webmention")

    PostPage.objects.get(pk=post.pk).unpublish()

    assert kept.found == {}
    assert answered == [200, 200]


def test_the_way_to_our_own_machine_is_closed_outside_of_tests(our_site):
    """The same as the first, without what a test may let: nothing is asked."""
    with serving("127.0.0.1") as server:
        assert not fetch.is_fetchable(f"http://localhost:{server.port}/a")
        with pytest.raises(fetch.FetchRefused):
            fetch.fetch("http://127.0.0.1/")

        assert server.asked == []
