"""What the filter learns, what it holds and what it must not hold."""

import http.server
import threading
import urllib.parse
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from wagtail.models import ModelLogEntry

from discussion import actions, spam, tasks
from discussion.choices import CommentState
from discussion.exceptions import NotAllowed
from discussion.models import Comment, EventRules, SpamFilter
from discussion.rules import BEING_CHECKED, rules_on
from discussion.viewsets import USUAL_REASONS
from home.demo import comments as demo
from home.demo.shapes import Remark
from tests.factories import discussion as make

pytestmark = pytest.mark.django_db

PITCH = "Best online casino, 200 free spins, no deposit bonus, play now and win real money!!! Join our Telegram."
ARGUMENT = "We lost the appeal about the casino licence, and the money for the library went on lawyers."


@pytest.fixture(scope="module")
def shipped():
    return spam.examples_shipped()


def said_in(remarks):
    for remark in remarks:
        yield remark.text
        yield from said_in(remark.replies)


def unseen(name, *, is_spam):
    lines = (Path(__file__).parent / "unseen" / name).read_text(encoding="utf-8").splitlines()
    return [spam.Example(line, is_spam) for line in lines if line]


@pytest.fixture
def learned(shipped):
    """A version in force, without the trial of it, which takes its time."""
    trained = spam.train(shipped)
    return SpamFilter.objects.create(
        number=1, spam_count=1, good_count=1, decided_count=0, precision=1, recall=1, weights=trained.weights, bias=0
    )


def test_shipped_examples_teach_to_catch_most_and_to_hold_hardly_anything_wrongly(shipped):
    trial = spam.cross_validate(shipped)

    assert trial.precision >= 0.95
    assert trial.recall >= 0.85


def test_sum_of_few_signs_is_believed_whole_and_of_many_less():
    assert [spam._damping(number) for number in (0, 1, 20, 80, 2000)] == [1.0, 1.0, 1.0, 0.5, 0.1]


def test_trial_says_how_much_was_caught_and_how_much_wrongly():
    trial = spam.Trial(caught=6, missed=2, wrongly_held=4, let_stand=8)

    assert (trial.precision, trial.recall) == (0.6, 0.75)
    nothing = spam.Trial(caught=0, missed=0, wrongly_held=0, let_stand=8)
    assert (nothing.precision, nothing.recall) == (1.0, 1.0)


def test_what_delegates_really_say_is_not_held(shipped):
    """A hundred remarks of the demo: about money, rules, jobs, advertising even; none of them learned from."""
    found = [value for name, value in vars(demo).items() if name.startswith("ON_")]
    threads = [thread for value in found for thread in (value.values() if isinstance(value, dict) else [value])]
    remarks = [spam.Example(text, is_spam=False) for thread in threads for text in said_in(thread)]

    trial = spam.try_out(spam.train(shipped), remarks)

    assert isinstance(threads[0][0], Remark)
    assert trial.let_stand > 100
    assert trial.wrongly_held == 0


def test_short_everyday_remarks_are_not_held(shipped):
    """With the words of advertisers in them; the files are for trying only, and must never become examples."""
    remarks = unseen("remarks.txt", is_spam=False)
    known = {example.text.strip() for example in shipped}

    trial = spam.try_out(spam.train(shipped), remarks)

    assert known.isdisjoint(remark.text for remark in remarks)
    assert trial.wrongly_held <= 1
    assert trial.let_stand >= 79


def test_advertising_that_was_not_learned_from_is_held(shipped):
    trial = spam.try_out(spam.train(shipped), unseen("advertising.txt", is_spam=True))

    assert trial.caught >= 22
    assert trial.caught + trial.missed == 24


def test_few_words_do_not_hold_however_telling():
    """Three signs are wanted, or one and where to turn to; a pair of words adds nothing to its words."""
    learned = spam.Learned(dict.fromkeys(("cheap", "doors", "cheap doors", "today", "‹a link›"), 9.0), bias=0.0)

    assert not learned.judge("Today").is_spam
    assert not learned.judge("Cheap doors").is_spam
    assert learned.judge("Cheap doors").likelihood > spam.SPAM_FROM
    assert learned.judge("Cheap doors today").is_spam
    assert learned.judge("Cheap doors: www.example.org").is_spam
    assert max(sign.weight for sign in learned.judge("Cheap doors").signs) == spam.HEAVIEST_SIGN


def test_judgement_names_its_signs(learned):
    judgement = spam.judge(PITCH)

    assert judgement.is_spam
    assert judgement.version == 1
    assert {"online", "deposit"} <= {sign.name for sign in judgement.signs if sign.weight > 0}
    assert not spam.judge(ARGUMENT).is_spam


def test_new_installation_holds_advertising_before_anybody_taught_it(client):
    page = make.proposition_page()

    pitch, argument = make.comment(page, body=PITCH), make.comment(page, body=ARGUMENT)

    assert SpamFilter.objects.count() == 0
    assert (pitch.state, argument.state) == (CommentState.HELD, CommentState.PUBLISHED)
    client.force_login(make.moderator())
    html = client.get(reverse("comments:inspect", args=[pitch.pk])).content.decode()
    assert "It would hold this" in html
    assert "the examples that come with Summit" in html


def test_what_comes_with_summit_is_what_its_examples_teach(shipped):
    """Examples that change must be written down anew: `manage.py learn_spam --ship`."""
    taught = spam.train(shipped)

    assert spam.shipped().bias == taught.bias
    assert spam.shipped().weights == pytest.approx(taught.weights, abs=0.001)


def test_developer_writes_down_what_the_examples_teach(tmp_path, monkeypatch, shipped):
    monkeypatch.setattr(spam, "SHIPPED", tmp_path / "learned.json")

    call_command("learn_spam", ship=True, stdout=StringIO())

    spam.shipped.cache_clear()
    assert spam.shipped().judge(PITCH).is_spam
    spam.shipped.cache_clear()


def test_advertising_waits_and_arguments_do_not(learned):
    page = make.proposition_page()

    pitch, argument = make.comment(page, body=PITCH), make.comment(page, body=ARGUMENT)

    assert (pitch.state, pitch.hold_reason) == (CommentState.HELD, "It reads like advertising")
    assert argument.state == CommentState.PUBLISHED
    assert make.comment(page, body=PITCH, actor=make.moderator()).state == CommentState.PUBLISHED


def test_moderators_decisions_change_what_is_held(learned):
    """A trade's own words are unknown at first; a few decisions teach them."""
    page, moderator = make.proposition_page(), make.moderator()
    pitch = "Zorblatt awnings transform any town hall. Ask Zorblatt for the awning catalogue."
    assert not spam.judge(pitch).is_spam
    for number in range(4):
        comment = make.comment(page, body=f"Zorblatt awnings, catalogue {number}: awning for each town hall.")
        actions.hide_comment(actor=moderator, comment=comment, reason=USUAL_REASONS[0])

    call_command("learn_spam")

    made = SpamFilter.objects.first()
    assert (made.number, made.is_in_force, made.decided_count) == (2, True, 4)
    assert SpamFilter.objects.get(number=1).is_in_force is False
    assert spam.judge(pitch).is_spam
    assert spam.judge(pitch).version == 2
    assert not spam.judge(ARGUMENT).is_spam
    actions.use_spam_filter(actor=moderator, version=SpamFilter.objects.get(number=1))
    assert not spam.judge(pitch).is_spam
    with pytest.raises(NotAllowed):
        actions.use_spam_filter(actor=make.member(), version=made)


def test_hiding_for_another_reason_does_not_teach_that_it_is_advertising(learned):
    page = make.proposition_page()
    rude = make.comment(page, body="You are all fools and so is your mayor.")
    actions.hide_comment(actor=make.moderator(), comment=rude, reason=USUAL_REASONS[1])

    assert spam.examples_decided() == []


def test_only_what_a_moderator_let_stand_teaches_what_is_no_advertising():
    """Not what slipped through, what a check outside released, or what changed after the decision."""
    page, moderator = make.proposition_page(), make.moderator()
    make.comment(page, body="Cheap garage doors that slipped through, and nobody looked.")
    checked = make.comment(page, body="Cheap garage doors that a check let through.")
    Comment.objects.filter(pk=checked.pk).update(state="held", is_public=False, hold_reason=BEING_CHECKED)
    assert actions.settle_check(comment=checked, verdict=False).state == CommentState.PUBLISHED
    flagged = make.comment(page, body="Somebody minded this.")
    Comment.objects.filter(pk=flagged.pk).update(flag_count=1)
    actions.release_comment(actor=moderator, comment=flagged)
    rules = EventRules.objects.create(event=page.event, holds_everything="yes")
    actions.release_comment(actor=moderator, comment=make.comment(page, body="A plain argument."))
    author = make.member()
    changed = make.comment(page, body="A plain beginning.", actor=author)
    actions.release_comment(actor=moderator, comment=changed)
    rules.delete()
    actions.edit_comment(actor=author, comment=changed, body="Cheap garage doors instead.")
    gone = make.comment(page, body="Released, then hidden.", actor=author)
    actions.hold_comment(actor=moderator, comment=gone)
    actions.release_comment(actor=moderator, comment=gone)
    actions.hide_comment(actor=moderator, comment=gone, reason=USUAL_REASONS[1])

    taught = spam.examples_decided()

    assert {(example.text, example.is_spam) for example in taught} == {
        ("Somebody minded this.", False),
        ("A plain argument.", False),
    }


def test_decisions_close_together_teach_once(learned, monkeypatch):
    asked = []
    monkeypatch.setattr(actions, "learn_from_decisions", lambda: asked.append(1))

    assert tasks.learn.call() == 1
    assert asked == []


def test_event_may_say_otherwise(learned):
    first, second = make.proposition_page(), make.proposition_page()
    EventRules.objects.create(event=first.event, holds_spam="no", holds_links="no", held_words="tombola")
    EventRules.objects.create(event=second.event, holds_everything="yes")

    assert make.comment(first, body=PITCH + " www.example.org").state == CommentState.PUBLISHED
    assert make.comment(first, body="The Tombola again.").state == CommentState.HELD
    assert make.comment(second, body="Plain.").hold_reason == "Every comment is read before it appears"
    assert rules_on(make.proposition_page()).holds_links is True


def test_moderator_sets_the_rules_of_an_event_and_reads_what_the_filter_thinks(learned, client):
    page = make.proposition_page()
    held = make.comment(page, body=PITCH)
    client.force_login(make.moderator())

    form = client.get(reverse("event_rules:add"))
    assert "nothing is hidden or deleted by a rule" in form.content.decode()
    client.post(reverse("event_rules:add"), {"event": page.event.pk, "holds_links": "no", "held_words": "tombola"})
    assert EventRules.objects.get().event_id == page.event.pk

    shown = client.get(reverse("comments:inspect", args=[held.pk])).content.decode()
    assert "It would hold this" in shown
    assert "+ online" in shown
    version = client.get(reverse("spam_filter:inspect", args=[learned.pk])).content.decode()
    assert "best price" in version
    assert client.get(reverse("spam_filter:index")).status_code == 200


@pytest.mark.parametrize("name", ["event_rules:index", "event_rules:add", "spam_filter:index"])
def test_rules_are_for_moderators(client, name):
    client.force_login(make.member("Editors"))

    assert client.get(reverse(name)).status_code in (302, 403)


# Asking outside


class Answer(http.server.BaseHTTPRequestHandler):
    said = b"true"
    asked: list[dict[str, list[str]]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        Answer.asked.append(urllib.parse.parse_qs(body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(Answer.said)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def outside(settings):
    """A service that speaks as Akismet does, on this machine."""
    Answer.asked = []
    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.SPAM_CHECK = {
            "BACKEND": "discussion.external.Akismet",
            "OPTIONS": {"key": "k", "url": f"http://127.0.0.1:{server.server_port}/"},
        }
        yield Answer
        server.shutdown()


@pytest.mark.parametrize(
    ("said", "state", "reason"),
    [
        (b"false", "published", ""),
        (b"true", "held", "It reads like advertising"),
        (b"invalid", "held", "It could not be checked for advertising"),
    ],
)
def test_outside_check_decides_what_nothing_else_holds(
    outside, django_capture_on_commit_callbacks, said, state, reason
):
    outside.said = said
    author = make.member()
    with django_capture_on_commit_callbacks(execute=True):
        comment = make.comment(make.proposition_page(), actor=author)
    assert comment.hold_reason == BEING_CHECKED

    comment.refresh_from_db()
    assert (comment.state, comment.hold_reason) == (state, reason)
    logged = ModelLogEntry.objects.filter(object_id=comment.pk, action="discussion.hold").last()
    assert (logged.data["reason"] if logged else "") == reason
    [question] = outside.asked
    assert question["comment_content"] == [comment.body]
    assert question["user_ip"] == ["127.0.0.1"]
    assert author.email not in str(question)


def test_words_that_were_edited_are_checked_anew(outside, django_capture_on_commit_callbacks):
    outside.said = b"false"
    author = make.member()
    with django_capture_on_commit_callbacks(execute=True):
        comment = make.comment(make.proposition_page(), actor=author, moment=None)
    outside.said = b"true"

    with django_capture_on_commit_callbacks(execute=True):
        actions.edit_comment(actor=author, comment=comment, body="Cheap loans for nets, at once.")

    comment.refresh_from_db()
    assert (comment.state, comment.hold_reason) == ("held", "It reads like advertising")
    assert outside.asked[-1]["comment_content"] == ["Cheap loans for nets, at once."]


def test_outside_check_that_is_away_leaves_it_to_moderators(settings, django_capture_on_commit_callbacks):
    settings.SPAM_CHECK = {
        "BACKEND": "discussion.external.Akismet",
        "OPTIONS": {"key": "k", "url": "http://127.0.0.1:1/"},
    }
    with django_capture_on_commit_callbacks(execute=True):
        comment = make.comment(make.proposition_page())

    comment.refresh_from_db()
    assert (comment.state, comment.hold_reason) == ("held", "It could not be checked for advertising")


def test_nobody_outside_is_asked_unless_the_installation_says_so(settings):
    assert settings.SPAM_CHECK is None
    assert make.comment(make.proposition_page()).state == CommentState.PUBLISHED
