"""Mentions received from and sent to other sites, which are real servers here."""

import datetime
import xmlrpc.client
from urllib.parse import parse_qs

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageViewRestriction

from discussion.exceptions import InvalidText, MentionRefused, NotAllowed, TooManyNotices
from discussion.mentions import actions
from discussion.mentions.tasks import hand_over_due_work
from discussion.models import GoneAddress, Mention, MentionNotice, SentMention
from discussion.rules import current_settings
from discussion.selectors import response_counts
from news.models import NewsIndexPage, PostPage
from tests.factories import discussion as make
from tests.strangers import let_count_as_public, serving

pytestmark = pytest.mark.django_db
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def stranger(monkeypatch):
    """A site of somebody else's, known as blog.example."""
    with serving("127.0.0.2") as server:
        let_count_as_public(monkeypatch, server)
        server.base = f"http://blog.example:{server.port}"
        yield server


@pytest.fixture
def page():
    return make.proposition_page(title="Libraries lend more than books")


@pytest.fixture
def moderator():
    return make.moderator()


def linking(page, words="the libraries"):
    return (
        200,
        HTML,
        f'<title>Nine sheds</title><p>So say <a href="{page.full_url}">{words}</a> here.</p>'.encode(),
    )


def told(page, source, kind="webmention", **options):
    return actions.take_notice(kind=kind, source_url=source, target_url=page.full_url, **options)


def mentioned(page, stranger, path="/a"):
    """A held mention, as it comes about."""
    stranger.answers[path] = linking(page)
    notice = actions.settle_notice(notice_id=told(page, stranger.base + path).pk)
    return notice.mention


# Receiving


def test_webmention_is_answered_at_once_and_looked_at_by_a_task(
    page, stranger, client, django_capture_on_commit_callbacks
):
    stranger.answers["/a"] = linking(page)
    sent = {"source": f"{stranger.base}/a", "target": page.full_url}

    with django_capture_on_commit_callbacks() as waiting:
        answer = client.post(reverse("mentions:webmention"), sent)

    assert (answer.status_code, stranger.asked, len(waiting)) == (202, [], 1)
    status = client.get(answer.headers["Location"], headers={"Accept": "application/json"}).json()
    assert status == {"state": "waiting", **sent, "summary": "It has not been looked at yet."}

    waiting[0]()

    mention = Mention.objects.get()
    assert (mention.page_id, mention.kind, mention.state) == (page.pk, "webmention", "held")
    assert (mention.title, mention.site_name, mention.excerpt) == (
        "Nine sheds",
        "blog.example",
        "So say the libraries here.",
    )
    assert client.get(answer.headers["Location"], headers={"Accept": "application/json"}).json()["state"] == "accepted"
    assert [asked[:2] for asked in stranger.asked] == [("GET", "/a")]


def test_pingback_is_answered_and_looked_at(page, stranger, client, django_capture_on_commit_callbacks):
    stranger.answers["/a"] = linking(page)
    call = xmlrpc.client.dumps((f"{stranger.base}/a", page.full_url), "pingback.ping")

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("mentions:pingback"), call, content_type="text/xml")

    assert xmlrpc.client.loads(answer.content) == (("It will be looked at.",), None)
    assert Mention.objects.get().kind == "pingback"
    again = client.post(reverse("mentions:pingback"), call, content_type="text/xml")
    assert xmlrpc.client.loads(again.content) == (("It will be looked at.",), None)
    MentionNotice.objects.update(received_at=timezone.now() - datetime.timedelta(hours=2))
    with pytest.raises(xmlrpc.client.Fault) as fault:
        xmlrpc.client.loads(client.post(reverse("mentions:pingback"), call, content_type="text/xml").content)
    assert fault.value.faultCode == 0x30


def test_pingback_that_is_none_gets_a_fault(page, client):
    def fault_of(body):
        with pytest.raises(xmlrpc.client.Fault) as fault:
            xmlrpc.client.loads(client.post(reverse("mentions:pingback"), body, content_type="text/xml").content)
        return fault.value.faultCode

    assert fault_of("<!DOCTYPE x><methodCall/>") == 0
    assert fault_of(xmlrpc.client.dumps(("https://a.example/", "https://b.example/"), "pingback.ping")) == 0x20
    assert fault_of(xmlrpc.client.dumps(("file:///etc/passwd", page.full_url), "pingback.ping")) == 0x10
    assert fault_of("x" * 20_000) == 0
    assert MentionNotice.objects.count() == 0


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("", "{page}"),
        ("https://a.example/", ""),
        ("https://a.example/", "https://elsewhere.example/"),
        ("https://a.example/", "{page}missing/"),
        ("https://a.example/", "/relative/"),
        ("https://a.example/", "https://[oops/"),
        ("ftp://a.example/", "{page}"),
        ("https://u:p@a.example/", "{page}"),
        ("https://a.example:8080/", "{page}"),
        ("{page}", "{page}"),
        ("{page}#x", "{page}"),
        ("http://localhost/elsewhere", "{page}"),
        ("https://a.example/" + "x" * 500, "{page}"),
    ],
)
def test_notice_that_cannot_be_true_is_refused_without_being_kept(page, source, target, client):
    sent = {"source": source.format(page=page.full_url), "target": target.format(page=page.full_url)}

    answer = client.post(reverse("mentions:webmention"), sent)

    assert (answer.status_code, MentionNotice.objects.count()) == (400, 0)


@pytest.mark.parametrize("source", ["{page}", "{page}#x", "{event}", "http://localhost/elsewhere"])
def test_link_between_our_own_pages_is_no_news_from_elsewhere(page, source, monkeypatch):
    monkeypatch.setattr(actions, "is_fetchable", lambda address: True)

    with pytest.raises(MentionRefused, match="between our own pages"):
        told(page, source.format(page=page.full_url, event=page.event.full_url))

    assert MentionNotice.objects.count() == 0


def test_page_that_not_everybody_reads_or_nobody_discusses_takes_no_mentions(page):
    root = make.home_page()
    with pytest.raises(MentionRefused, match="takes no mentions"):
        told(root, "https://a.example/")
    PageViewRestriction.objects.create(page=page, restriction_type="login")
    with pytest.raises(MentionRefused, match="takes no mentions"):
        told(page, "https://a.example/")
    page.unpublish()
    with pytest.raises(MentionRefused, match="no such page"):
        told(page, "https://a.example/")


def test_same_notice_twice_is_one(page):
    first = told(page, "https://a.example/")

    assert told(page, "https://a.example/") == first
    assert told(page, "https://a.example/b") != first


def test_limits_go_by_site_and_by_network(page):
    for number in range(actions.NOTICES_PER_HOST_AND_HOUR):
        told(page, f"https://a.example/{number}")
    with pytest.raises(TooManyNotices):
        told(page, "https://A.example/more")
    MentionNotice.objects.update(received_at=timezone.now() - datetime.timedelta(minutes=61))
    assert told(page, "https://a.example/more")

    for number in range(actions.NOTICES_PER_NETWORK_AND_HOUR):
        told(page, f"https://site{number}.example/", network_key="one")
    with pytest.raises(TooManyNotices):
        told(page, "https://other.example/", network_key="one")
    assert told(page, "https://other.example/", network_key="two")


def test_too_many_are_told_to_come_later(page, client, monkeypatch):
    monkeypatch.setattr(actions, "MOST_WAITING", 0)

    answer = client.post(reverse("mentions:webmention"), {"source": "https://a.example/", "target": page.full_url})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")


def test_long_form_is_refused(page, client):
    answer = client.post(reverse("mentions:webmention"), {"source": "https://a.example/", "x": "x" * 20_000})

    assert answer.status_code == 413


def test_one_notice_asks_the_other_site_once(page, stranger):
    """No amplification: however often it is looked at, one look is taken."""
    stranger.answers["/a"] = linking(page)
    notice = told(page, f"{stranger.base}/a")

    for _ in range(3):
        actions.settle_notice(notice_id=notice.pk)

    assert len(stranger.asked) == 1


def test_page_that_does_not_link_is_refused(page, stranger):
    stranger.answers["/a"] = (200, HTML, b"<p>Nothing to see.</p>")
    stranger.answers["/b"] = (404, HTML, linking(page)[2])

    first = actions.settle_notice(notice_id=told(page, f"{stranger.base}/a").pk)
    second = actions.settle_notice(notice_id=told(page, f"{stranger.base}/b").pk)

    assert [(notice.state, notice.answer) for notice in (first, second)] == [
        ("refused", "The page does not link here."),
        ("refused", "The page answered 404."),
    ]
    assert Mention.objects.count() == 0


def test_page_that_does_not_link_takes_no_other_page_s_mention_down(page, stranger, moderator):
    other = actions.release_mention(actor=moderator, mention=mentioned(page, stranger))
    stranger.answers["/b"] = (200, HTML, b"<p>Nothing to see.</p>")

    actions.settle_notice(notice_id=told(page, f"{stranger.base}/b").pk)

    other.refresh_from_db()
    assert other.state == "published"


def test_notice_cannot_make_us_ask_ourselves(page, stranger, client):
    """The name leads inside. Who told us learns no more than of a page that is not there."""
    with serving("127.0.0.1") as canary:
        actions.fetch.__globals__["PORTS"]["http"].add(canary.port)
        inside = actions.settle_notice(notice_id=told(page, f"http://inside.example:{canary.port}/a").pk)
        missing = actions.settle_notice(notice_id=told(page, f"http://nobody.example:{canary.port}/a").pk)

        assert (inside.state, canary.asked) == ("refused", [])
        shown = [
            client.get(reverse("mentions:notice", args=[notice.pk]), headers={"Accept": "application/json"}).json()
            for notice in (inside, missing)
        ]
        assert shown[0]["state"] == shown[1]["state"] == "not_found"
        assert shown[0]["summary"] == shown[1]["summary"]


def test_site_that_does_not_answer_is_asked_again_and_then_given_up(page, stranger):
    stranger.answers["/a"] = (500, {}, b"")
    notice = told(page, f"{stranger.base}/a")
    for attempt in range(1, 6):
        MentionNotice.objects.update(due_at=timezone.now())
        notice = actions.settle_notice(notice_id=notice.pk)
        assert (notice.attempts, notice.state) == (attempt, "waiting" if attempt < 5 else "refused")
        if attempt < 5:
            wait = actions.RETRY_AFTER[attempt - 1]
            assert wait - datetime.timedelta(minutes=1) < notice.due_at - timezone.now() <= wait
            actions.settle_notice(notice_id=notice.pk)

    assert len(stranger.asked) == 5


def test_advertisement_says_so_to_the_moderator(page, stranger):
    stranger.answers["/a"] = linking(page, words="buy cheap viagra online")

    notice = actions.settle_notice(notice_id=told(page, f"{stranger.base}/a").pk)

    assert notice.mention.hold_reason == "A phrase that advertisements use: “buy cheap viagra online”"


@pytest.mark.parametrize("words", ["GROSSE\n Rabatte", "große\u00a0rabatte"])
def test_phrase_that_moderators_wait_for_is_named_however_it_is_written(page, stranger, words):
    rules = current_settings()
    rules.held_words = "Große Rabatte"
    rules.save()
    stranger.answers["/a"] = linking(page, words=words)

    notice = actions.settle_notice(notice_id=told(page, f"{stranger.base}/a").pk)

    assert notice.mention.hold_reason == "It holds a word that moderators look at first"


# Changes and ends


def test_mention_whose_words_change_after_release_is_held_again(page, stranger, moderator):
    mention = actions.release_mention(actor=moderator, mention=mentioned(page, stranger))
    MentionNotice.objects.all().delete()

    same = actions.settle_notice(notice_id=told(page, f"{stranger.base}/a").pk).mention
    assert same.state == "published"
    MentionNotice.objects.all().delete()
    stranger.answers["/a"] = linking(page, words="other words")
    changed = actions.settle_notice(notice_id=told(page, f"{stranger.base}/a").pk).mention

    assert (changed.pk, changed.state, changed.excerpt) == (mention.pk, "held", "So say other words here.")


@pytest.mark.parametrize(
    "answer",
    [(410, HTML, b""), (404, HTML, b""), (200, HTML, b"<p>No link any more.</p>")],
    ids=["410", "404", "no link"],
)
def test_mention_whose_link_went_goes_when_we_are_told(page, stranger, moderator, answer):
    actions.release_mention(actor=moderator, mention=mentioned(page, stranger))
    MentionNotice.objects.all().delete()
    stranger.answers["/a"] = answer

    actions.settle_notice(notice_id=told(page, f"{stranger.base}/a").pk)

    assert Mention.objects.get().state == "gone"
    assert response_counts([page.pk]) == {page.pk: 0}
    MentionNotice.objects.all().delete()
    stranger.answers["/a"] = linking(page)
    back = actions.settle_notice(notice_id=told(page, f"{stranger.base}/a").pk).mention
    assert (back.state, back.hold_reason) == ("held", "The link was gone and is back")


def test_hidden_mention_stays_hidden_whatever_we_are_told(page, stranger, moderator):
    actions.hide_mention(actor=moderator, mention=mentioned(page, stranger), reason="Advertising")
    MentionNotice.objects.all().delete()
    stranger.answers["/a"] = linking(page, words="other words")
    actions.settle_notice(notice_id=told(page, f"{stranger.base}/a").pk)
    assert Mention.objects.get().state == "hidden"
    MentionNotice.objects.all().delete()
    stranger.answers["/a"] = (410, HTML, b"")
    actions.settle_notice(notice_id=told(page, f"{stranger.base}/a").pk)

    assert Mention.objects.get().state == "hidden"


def test_looking_again_takes_dead_mentions_down(page, stranger, moderator):
    alive = actions.release_mention(actor=moderator, mention=mentioned(page, stranger, "/alive"))
    dead = actions.release_mention(actor=moderator, mention=mentioned(page, stranger, "/dead"))
    stranger.answers["/dead"] = (410, HTML, b"")
    stranger.answers["/alive"] = linking(page, words="other words")

    assert actions.recheck_mention(mention_id=alive.pk).state == "published"
    assert actions.recheck_mention(mention_id=dead.pk).state == "gone"
    alive.refresh_from_db()
    assert alive.excerpt == "So say the libraries here."


def test_site_that_is_down_for_a_while_keeps_its_mention(page, stranger, moderator):
    mention = actions.release_mention(actor=moderator, mention=mentioned(page, stranger))
    stranger.answers["/a"] = (500, {}, b"")

    states = [actions.recheck_mention(mention_id=mention.pk).state for _ in range(3)]
    stranger.answers["/a"] = linking(page)
    recovered = actions.recheck_mention(mention_id=mention.pk)
    stranger.answers["/a"] = (500, {}, b"")
    states += [actions.recheck_mention(mention_id=mention.pk).state for _ in range(4)]

    assert recovered.failed_checks == 0
    assert states == ["published"] * 6 + ["gone"]


@pytest.mark.parametrize("status", [401, 403, 408, 429, 503])
def test_site_that_lets_nobody_in_just_now_keeps_its_mention(page, stranger, moderator, status):
    mention = actions.release_mention(actor=moderator, mention=mentioned(page, stranger))
    stranger.answers["/a"] = (status, {}, b"")

    looked = actions.recheck_mention(mention_id=mention.pk)

    assert (looked.state, looked.failed_checks) == ("published", 1)


def test_command_hands_over_what_is_due(page, stranger, moderator, capsys):
    mention = actions.release_mention(actor=moderator, mention=mentioned(page, stranger))
    stranger.answers["/a"] = (404, HTML, b"")
    stranger.answers["/b"] = linking(page)
    late = told(page, f"{stranger.base}/b")
    call_command("tend_mentions")
    assert capsys.readouterr().out.startswith("Handed over: 1 received, 0 to send, 0 to look at again.")
    Mention.objects.filter(pk=mention.pk).update(checked_at=timezone.now() - datetime.timedelta(days=8))
    MentionNotice.objects.update(received_at=timezone.now() - datetime.timedelta(days=31))

    done = hand_over_due_work()

    assert done == {"notices": 0, "sent": 0, "mentions": 1, "forgotten": 2}
    mention.refresh_from_db()
    assert mention.state == "gone"
    assert Mention.objects.get(source_url=late.source_url).state == "held"


# Moderating


def test_released_mention_is_among_the_responses_and_counted(page, stranger, moderator, client):
    make.comment(page)
    mention = mentioned(page, stranger)
    before = client.get(page.url).content.decode()
    actions.release_mention(actor=moderator, mention=mention)

    after = client.get(page.url).content.decode()

    assert "Nine sheds" not in before
    assert response_counts([page.pk]) == {page.pk: 2}
    assert 'rel="nofollow ugc noopener">“<bdi>Nine sheds</bdi>”</a>' in after
    assert "1 comment and 1 mention" in after


def test_only_moderators_decide_and_hiding_needs_a_reason(page, stranger, moderator):
    mention = mentioned(page, stranger)
    for actor in (None, make.member()):
        for decide in (actions.release_mention, actions.hold_mention, actions.hide_mention):
            with pytest.raises(NotAllowed):
                decide(actor=actor, mention=mention, **({} if decide is actions.release_mention else {"reason": "x"}))
    with pytest.raises(InvalidText):
        actions.hide_mention(actor=moderator, mention=mention, reason=" ")

    assert actions.hide_mention(actor=moderator, mention=mention, reason="Advertising").state == "hidden"
    assert actions.hold_mention(actor=moderator, mention=mention).state == "held"


def test_moderators_have_a_queue(page, stranger, moderator, client):
    first, second = mentioned(page, stranger, "/a"), mentioned(page, stranger, "/b")
    client.force_login(moderator)

    home = client.get(reverse("wagtailadmin_home")).content.decode()
    assert "Mentions waiting for a moderator" in home
    assert "Mentions (2)" in home
    assert "Nine sheds" in client.get(reverse("mentions_admin:index")).content.decode()
    address = reverse("mentions_admin:inspect", args=[first.pk])
    assert "So say the libraries here." in client.get(address).content.decode()
    assert client.post(address, {"do": "release"}).status_code == 409
    answer = client.post(address, {"do": "release", "seen": make.seen_on(client, address)})
    assert answer.headers["Location"] == reverse("mentions_admin:inspect", args=[second.pk])
    assert "Say why" in client.post(answer.headers["Location"], {"do": "hide"}).content.decode()
    seen = make.seen_on(client, answer.headers["Location"])
    done = client.post(answer.headers["Location"], {"hide_because": "Advertising", "seen": seen})
    assert done.headers["Location"] == reverse("mentions_admin:index")
    assert sorted(Mention.objects.values_list("state", "hide_reason")) == [("hidden", "Advertising"), ("published", "")]
    assert "Released" in client.get(address).content.decode()


@pytest.mark.parametrize("part", ["title", "site_name", "excerpt"])
@pytest.mark.parametrize("do", ["release", "hide"])
def test_nothing_is_decided_about_a_mention_whose_words_changed_meanwhile(page, stranger, moderator, client, part, do):
    found = mentioned(page, stranger, "/a")
    client.force_login(moderator)
    address = reverse("mentions_admin:inspect", args=[found.pk])
    seen = make.seen_on(client, address)
    Mention.objects.filter(pk=found.pk).update(**{part: "Quite other words."})

    answer = client.post(address, {"do": do, "reason": "As I said", "seen": seen})

    assert answer.status_code == 409
    assert "It was changed meanwhile; read it again." in answer.content.decode()
    assert Mention.objects.get().state == "held"
    client.post(address, {"do": do, "reason": "As I said", "seen": make.seen_on(client, address)})
    assert Mention.objects.get().state == {"release": "published", "hide": "hidden"}[do]


def test_of_many_mentions_those_changed_meanwhile_are_asked_about_again(page, stranger, moderator, client):
    changed, other = [mentioned(page, stranger, path) for path in ("/a", "/b")]
    client.force_login(moderator)
    address = reverse("wagtail_bulk_action", args=["discussion", "mention", "release_mentions"])
    address += f"?id={changed.pk}&id={other.pk}&next={reverse('mentions_admin:index')}"
    seen = make.seen_on(client, address)
    Mention.objects.filter(pk=changed.pk).update(excerpt="Quite other words.")

    shown = client.post(address, {"seen": seen}, follow=True).content.decode()

    assert [Mention.objects.get(pk=found.pk).state for found in (changed, other)] == ["held", "published"]
    assert "1 mention was changed meanwhile; read it again." in shown


def test_moderators_decide_about_several_at_once(page, stranger, moderator, client):
    found = [mentioned(page, stranger, path) for path in ("/a", "/b")]
    client.force_login(moderator)
    address = reverse("wagtail_bulk_action", args=["discussion", "mention", "hide_mentions"])
    address += "?" + "&".join(f"id={mention.pk}" for mention in found) + f"&next={reverse('mentions_admin:index')}"

    assert "Hide 2 mentions?" in client.get(address).content.decode()
    client.post(address, {"reason": "Advertising", "seen": make.seen_on(client, address)})

    assert set(Mention.objects.values_list("state", "hide_reason")) == {("hidden", "Advertising")}


def test_others_see_no_queue(page, stranger, client):
    mention = mentioned(page, stranger)
    sent = SentMention.objects.create(source_url=page.full_url, target_url="https://a.example/")
    addresses = [
        reverse("mentions_admin:index"),
        reverse("mentions_admin:inspect", args=[mention.pk]),
        reverse("sent_mentions:index"),
        reverse("sent_mentions:inspect", args=[sent.pk]),
    ]

    for user in (None, make.member(), make.member("Editors")):
        if user:
            client.force_login(user)
        for address in addresses:
            assert client.get(address).status_code in (302, 403)
            client.post(address, {"do": "release"})
    mention.refresh_from_db()
    assert mention.state == "held"


# Saying where


def test_page_says_where_it_takes_mentions(page, client):
    answer = client.get(page.url)

    assert answer.headers["Link"] == '<http://testserver/mentions/webmention/>; rel="webmention"'
    assert answer.headers["X-Pingback"] == "http://testserver/mentions/pingback/"
    text = answer.content.decode()
    assert '<link rel="webmention" href="/mentions/webmention/">' in text
    assert '<link rel="pingback" href="http://testserver/mentions/pingback/">' in text
    other = client.get(make.home_page().url)
    assert "Link" not in other.headers
    assert 'rel="webmention"' not in other.content.decode()


def test_people_have_a_form(page, client):
    address = reverse("mentions:webmention")
    shown = client.get(address, {"target": page.full_url}).content.decode()
    assert f'value="{page.full_url}"' in shown

    browser = {"Accept": "text/html,application/xhtml+xml"}
    wrong = client.post(address, {"source": "nonsense", "target": page.full_url}, headers=browser)
    right = client.post(address, {"source": "https://a.example/", "target": page.full_url}, headers=browser)

    assert (wrong.status_code, right.status_code) == (400, 202)
    assert "not the address of a web page" in wrong.content.decode()
    assert "We will look at your link" in right.content.decode()
    assert client.get(right.headers["Location"]).status_code == 200


# Sending


@pytest.fixture
def sending(settings):
    settings.SENDS_MENTIONS = True


@pytest.fixture
def news():
    return make.home_page().add_child(instance=NewsIndexPage(title="News", slug="news-of-tests"))


@pytest.fixture
def publish(news, django_capture_on_commit_callbacks):
    """Publish a post with these words; the tasks run when the transaction is through."""

    def publish(text, post=None):
        with django_capture_on_commit_callbacks(execute=True):
            if post is None:
                post = PostPage(title="Nine sheds", slug="nine-sheds")
                post.body = [("paragraph", text)]
                news.add_child(instance=post)
            post = PostPage.objects.get(pk=post.pk)
            post.body = [("paragraph", text)]
            post.save_revision().publish()
        return PostPage.objects.get(pk=post.pk)

    return publish


def calls(stranger, path):
    return [
        {name: values[0] for name, values in parse_qs(asked[3].decode()).items()}
        for asked in stranger.asked
        if asked[:2] == ("POST", path)
    ]


def test_publishing_tells_the_sites_that_are_linked_to(sending, stranger, publish):
    stranger.answers["/post"] = (200, {**HTML, "Link": "</tell>; rel=webmention"}, b"")
    stranger.answers["/quiet"] = (200, HTML, b"<p>I take nothing.</p>")
    stranger.answers["/tell"] = (202, {}, b"")

    post = publish(
        f'<p><a href="{stranger.base}/post">one</a>, <a href="{stranger.base}/quiet">two</a>, '
        f'<a href="{stranger.base}/post">one again</a>, <a href="mailto:a@b.example">mail</a></p>'
    )

    assert calls(stranger, "/tell") == [{"source": post.full_url, "target": f"{stranger.base}/post"}]
    assert sorted(SentMention.objects.values_list("target_url", "state", "kind", "answer")) == [
        (f"{stranger.base}/post", "sent", "webmention", "Its endpoint answered 202."),
        (f"{stranger.base}/quiet", "unwanted", "", ""),
    ]
    assert sorted(SentMention.objects.exclude(sent_at=None).values_list("state", flat=True)) == ["sent"]


def test_site_that_speaks_pingback_is_told_by_it_once(sending, stranger, publish):
    stranger.answers["/post"] = (200, {**HTML, "X-Pingback": "/xmlrpc"}, b"")
    stranger.answers["/xmlrpc"] = (
        200,
        {"Content-Type": "text/xml"},
        xmlrpc.client.dumps(("ok",), methodresponse=True).encode(),
    )
    text = f'<p><a href="{stranger.base}/post">one</a></p>'

    post = publish(text)
    publish(text, post)

    told_by = [asked[3] for asked in stranger.asked if asked[1] == "/xmlrpc"]
    assert [xmlrpc.client.loads(body) for body in told_by] == [
        ((post.full_url, f"{stranger.base}/post"), "pingback.ping")
    ]
    assert SentMention.objects.get().state == "sent"


def test_fault_of_a_pingback_is_kept(sending, stranger, publish):
    stranger.answers["/post"] = (200, {**HTML, "X-Pingback": "/xmlrpc"}, b"")
    fault = xmlrpc.client.dumps(xmlrpc.client.Fault(17, "No link found")).encode()
    stranger.answers["/xmlrpc"] = (200, {"Content-Type": "text/xml"}, fault)

    publish(f'<p><a href="{stranger.base}/post">one</a></p>')

    assert SentMention.objects.values_list("state", "answer").get() == ("refused", "No link found (17)")


def test_edit_tells_again_and_a_link_taken_out_is_told_once_more(sending, stranger, publish):
    stranger.answers["/post"] = (200, {**HTML, "Link": "</tell>; rel=webmention"}, b"")
    post = publish(f'<p><a href="{stranger.base}/post">one</a></p>')
    publish(f'<p>More: <a href="{stranger.base}/post">one</a></p>', post)
    assert len(calls(stranger, "/tell")) == 2

    publish("<p>No link.</p>", post)
    publish("<p>No link, still.</p>", post)

    assert len(calls(stranger, "/tell")) == 3
    assert SentMention.objects.values_list("is_linked", "state").get() == (False, "sent")


def test_page_that_is_deleted_answers_410_and_the_sites_are_told(
    sending, stranger, publish, client, django_capture_on_commit_callbacks
):
    stranger.answers["/post"] = (200, {**HTML, "Link": "</tell>; rel=webmention"}, b"")
    post = publish(f'<p><a href="{stranger.base}/post">one</a></p>')
    address = post.url
    assert client.get(address).status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        post.delete()

    assert client.get(address).status_code == 410
    assert client.get(address + "never/").status_code == 404
    assert len(calls(stranger, "/tell")) == 2
    assert SentMention.objects.get().page_id is None


def test_page_published_again_while_its_end_is_told_goes_on_being_told_of(sending, stranger, publish, monkeypatch):
    stranger.answers["/post"] = (200, {**HTML, "Link": "</tell>; rel=webmention"}, b"")
    text = f'<p><a href="{stranger.base}/post">one</a></p>'
    post = publish(text)
    sent = actions.SentMention.objects.get()
    SentMention.objects.update(state="waiting", is_linked=False, due_at=timezone.now())
    tell = actions._tell

    def meanwhile(sent):
        SentMention.objects.filter(pk=sent.pk).update(attempts=0)
        return tell(sent)

    monkeypatch.setattr(actions, "_tell", meanwhile)
    actions.deliver_mention(sent_id=sent.pk)

    assert SentMention.objects.values_list("state", "page_id").get() == ("waiting", post.pk)


def test_page_taken_down_answers_410_until_it_is_back(publish, client):
    post = publish("<p>Words.</p>")
    post.unpublish()
    assert client.get(post.url).status_code == 410
    assert GoneAddress.objects.count() == 1

    PostPage.objects.get(pk=post.pk).save_revision().publish()

    assert client.get(post.url).status_code == 200


def test_site_that_is_down_is_told_later(sending, stranger, publish):
    stranger.answers["/post"] = (503, {}, b"")
    publish(f'<p><a href="{stranger.base}/post">one</a></p>')
    sent = SentMention.objects.get()
    assert (sent.state, sent.attempts) == ("waiting", 1)
    wait = actions.RETRY_AFTER[0]
    assert wait - datetime.timedelta(minutes=1) < sent.due_at - timezone.now() <= wait

    actions.deliver_mention(sent_id=sent.pk)
    assert len(stranger.asked) == 1
    for _ in range(4):
        SentMention.objects.update(due_at=timezone.now())
        call_command("tend_mentions")

    sent.refresh_from_db()
    assert (sent.state, sent.attempts, sent.answer) == ("failed", 5, "The page answered 503.")
    assert len(stranger.asked) == 5


def test_endpoint_inside_is_not_told(sending, stranger, publish):
    with serving("127.0.0.1") as canary:
        actions.fetch.__globals__["PORTS"]["http"].add(canary.port)
        stranger.answers["/post"] = (
            200,
            {**HTML, "Link": f"<http://inside.example:{canary.port}/tell>; rel=webmention"},
            b"",
        )

        publish(
            f'<p><a href="{stranger.base}/post">one</a> <a href="http://inside.example:{canary.port}/x">two</a></p>'
        )

        assert canary.asked == []
        assert set(SentMention.objects.values_list("state", flat=True)) == {"refused"}


def test_nothing_is_sent_unless_the_installation_does(stranger, publish, settings):
    publish(f'<p><a href="{stranger.base}/post">one</a></p>')

    assert (SentMention.objects.count(), stranger.asked) == (0, [])


def test_what_is_taken_over_from_elsewhere_tells_nobody(sending, stranger, publish):
    with actions.telling_nobody():
        post = publish(f'<p><a href="{stranger.base}/post">one</a></p>')

    assert (SentMention.objects.count(), stranger.asked) == (0, [])
    publish(f'<p><a href="{stranger.base}/other">one</a></p>', post)
    assert SentMention.objects.count() == 1


def test_page_not_everybody_reads_tells_nobody(sending, stranger, publish, news):
    PageViewRestriction.objects.create(page=news, restriction_type="login")

    publish(f'<p><a href="{stranger.base}/post">one</a></p>')

    assert (SentMention.objects.count(), stranger.asked) == (0, [])


def test_task_may_be_run_again(sending, stranger, publish):
    stranger.answers["/post"] = (200, {**HTML, "Link": "</tell>; rel=webmention"}, b"")
    publish(f'<p><a href="{stranger.base}/post">one</a></p>')

    actions.deliver_mention(sent_id=SentMention.objects.get().pk)

    assert len(calls(stranger, "/tell")) == 1


def test_moderator_sees_what_was_told_and_tells_again(
    sending, stranger, publish, moderator, client, django_capture_on_commit_callbacks
):
    stranger.answers["/post"] = (200, {**HTML, "Link": "</tell>; rel=webmention"}, b"")
    stranger.answers["/tell"] = (400, {}, b"")
    publish(f'<p><a href="{stranger.base}/post">one</a></p>')
    client.force_login(moderator)
    address = reverse("sent_mentions:inspect", args=[SentMention.objects.get().pk])
    assert "/post" in client.get(reverse("sent_mentions:index")).content.decode()
    assert "Its endpoint answered 400." in client.get(address).content.decode()

    stranger.answers["/tell"] = (201, {}, b"")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address)

    assert SentMention.objects.get().state == "sent"
