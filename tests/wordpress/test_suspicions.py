import pytest

from discussion.choices import CommentState
from discussion.models import Comment, Mention
from news.models import PostPage
from tests.factories.discussion import member
from tests.factories.wordpress import comment, item, pingback, write
from wordpress.actions import prepare_import, run_import, settle_suspicion
from wordpress.exceptions import ImportRefused
from wordpress.models import Suspicion

SPAM = "There are even online viagra uk 12% of centenarians using the internet!"


@pytest.fixture
def bring(organiser, tmp_path):
    def run(*parts):
        path = write(tmp_path, *parts)
        return run_import(actor=organiser, batch=prepare_import(actor=organiser, path=path), path=path)

    return run


def test_injected_phrase_keeps_a_post_from_the_public_until_it_is_cut(bring, organiser, client):
    bring(item(f"One.\n\n{SPAM}", id=1))

    suspicion = Suspicion.objects.get()
    assert (suspicion.phrase, suspicion.state) == ("online viagra uk", "open")
    assert suspicion.before.endswith("There are even")
    assert suspicion.after.startswith("12% of centenarians")
    page = PostPage.objects.get()
    assert not page.live
    assert client.get(page.url).status_code == 404

    settle_suspicion(actor=organiser, suspicion=suspicion, is_cut=True)

    page = PostPage.objects.get()
    assert page.live
    assert str(page.body[1].value) == "<p>There are even 12% of centenarians using the internet!</p>"
    assert str(page.first_published_at.date()) == "2011-09-01"


def test_phrase_that_is_fine_is_published_as_it_stands(bring, organiser):
    bring(item(SPAM, id=1))

    settle_suspicion(actor=organiser, suspicion=Suspicion.objects.get(), is_cut=False)

    assert PostPage.objects.get().live
    assert "viagra" in str(PostPage.objects.get().body)


def test_page_waits_until_all_its_phrases_are_settled(bring, organiser):
    bring(item(f"{SPAM}\n\nThe best online casino bonus uk is here.", id=1))
    first, second = Suspicion.objects.all()

    settle_suspicion(actor=organiser, suspicion=first, is_cut=True)
    assert not PostPage.objects.get().live
    settle_suspicion(actor=organiser, suspicion=second, is_cut=True)

    assert PostPage.objects.get().live
    assert "casino" not in str(PostPage.objects.get().body)


def test_what_readers_could_not_see_goes_at_once_and_is_named(bring):
    bring(item('One. <div style="display:none"><a href="https://pills.example/">cheap pills</a></div> Two.', id=1))

    page = PostPage.objects.get()
    assert page.live
    assert "pills" not in str(page.body)
    assert Suspicion.objects.get().state == "cut"
    assert any("Left out, since readers could not see it" in note for note in Suspicion.objects.get().record.notes)


def test_script_that_a_post_is_about_stays(bring):
    bring(item("<pre><code>&lt;?php echo 'Hello'; ?&gt; &lt;script&gt;</code></pre>", id=1))

    assert "&lt;?php echo" in str(PostPage.objects.get().body)
    assert not Suspicion.objects.exists()


def test_suspicious_comments_and_mentions_are_held(bring, organiser):
    bring(
        item(
            "x", comment(SPAM, id=1), comment(f"{SPAM} Twice.", id=2),
            pingback("https://x.example/", id=3, author="Online casino bonus"), id=9,
        )
    )  # fmt: skip

    assert {one.state for one in Comment.objects.all()} == {CommentState.HELD}
    assert Mention.objects.get().state == "held"
    for suspicion in Suspicion.objects.all():
        settle_suspicion(actor=organiser, suspicion=suspicion, is_cut="Twice" in suspicion.record.label)
    assert sorted(one.state for one in Comment.objects.all()) == ["hidden", "published"]
    assert Mention.objects.get().state == "published"


def test_only_organisers_decide(bring):
    bring(item(SPAM, id=1))

    with pytest.raises(ImportRefused):
        settle_suspicion(actor=member(), suspicion=Suspicion.objects.get(), is_cut=False)
