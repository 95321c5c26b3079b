"""Following by e-mail: asked for twice, told within limits, stopped by anybody who holds a letter."""

import datetime
import re

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from discussion import actions, follows
from discussion.exceptions import LinkUnknown, NotAllowed, TooManyMails
from discussion.models import Comment, ConfirmationMail, Follow, Follower, News
from people.consent import Consent
from people.roles import ORGANISERS
from tests.factories import discussion as make

pytestmark = pytest.mark.django_db

ADDRESS = "o.farrow@example.org"


@pytest.fixture
def page():
    return make.proposition_page()


@pytest.fixture
def strict_client():
    return Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})


def follow(page, **values):
    return follows.follow_page(
        **{"actor": None, "page": page, "email": ADDRESS, "frequency": "at_once", "is_confirmed": True, **values}
    )


def say(page, **values):
    """A published comment, and the task that its publishing starts."""
    comment = make.comment(page, **values)
    follows.note_news.call(comment.pk, page.pk, comment.root_id or comment.pk)
    return comment


def imported(page, **values):
    return actions.import_comment(
        actor=make.member(ORGANISERS),
        page=page,
        source_key="old-site/1",
        body="Said elsewhere.",
        author_key="someone-elsewhere",
        **values,
    )


def ago(**how_long):
    return timezone.now() - datetime.timedelta(**how_long)


def age_of_mails(**how_long):
    ConfirmationMail.objects.update(sent_at=ago(**how_long))


def stop_link(message):
    return re.search(r"https?://[^/]+(/comments/stop/\S+)", message.body)[1]


def test_follow_without_account_counts_only_once_its_button_is_pressed(
    page, strict_client, django_capture_on_commit_callbacks
):
    address = reverse("comments-follow", args=[page.pk])
    with django_capture_on_commit_callbacks(execute=True):
        asked = strict_client.post(address, {"email": ADDRESS, "frequency": "at_once"})
    assert asked.url == reverse("comments-follow-sent", args=[page.pk])
    assert mail.outbox[0].to == [ADDRESS]
    link = re.search(r"https?://[^/]+(/comments/follow/confirm/\S+)", mail.outbox[0].body)[1]
    say(page)
    assert len(mail.outbox) == 1

    for method in (strict_client.get, strict_client.head):
        assert method(link).status_code == 200
    assert Follow.objects.get().confirmed_at is None
    first, again = strict_client.post(link), strict_client.post(link)

    assert (first.status_code, again.status_code) == (200, 200)
    said = say(page, body="Oars are lent too.")
    assert mail.outbox[1].to == [ADDRESS]
    assert "Oars are lent too." in mail.outbox[1].body
    assert said.get_absolute_url() in mail.outbox[1].body
    assert News.objects.count() == 1


def test_link_to_confirm_runs_out(page, client):
    wish = follow(page, is_confirmed=False)
    Follow.objects.update(token_hash=follows.hash_token("t"), expires_at=ago(minutes=1))

    assert client.post(reverse("comments-follow-confirm", args=["t"])).status_code == 410
    assert client.get(reverse("comments-follow-confirm", args=["u"])).status_code == 404
    follows.forget_old_news()
    assert not Follow.objects.filter(pk=wish.pk).exists()
    assert Follower.objects.count() == 0


def test_strangers_cannot_make_us_send_more_than_three_links_an_hour(page):
    other = make.proposition_page()
    for _ in range(3):
        follow(page, is_confirmed=False)

    with pytest.raises(TooManyMails):
        follow(other, is_confirmed=False)
    with pytest.raises(TooManyMails):
        make.pending(page, email=ADDRESS)


def test_stranger_learns_nothing_and_changes_nothing_of_who_follows(page, strict_client):
    follow(page, frequency="weekly")

    answer = strict_client.post(
        reverse("comments-follow", args=[page.pk]), {"email": ADDRESS.upper(), "frequency": "at_once"}
    )

    assert answer.url == reverse("comments-follow-sent", args=[page.pk])
    assert Follow.objects.get().frequency == "weekly"
    assert mail.outbox == []


def test_signed_in_follows_and_stops_with_one_button(page, client):
    person = make.member()
    client.force_login(person)
    address = reverse("comments-follow", args=[page.pk])

    client.post(address, {"frequency": "weekly"})
    assert Follow.objects.get().follower.email == person.email
    client.post(address, {"frequency": "at_once"})
    assert Follow.objects.get().frequency == "at_once"
    assert "Stop following" in client.get(address).content.decode()
    client.post(address, {"stop": "1"})
    assert Follower.objects.count() == 0


@pytest.mark.parametrize("values", [{"email": "nobody"}, {"email": ""}, {"frequency": "hourly"}])
def test_mistakes_are_said(page, strict_client, values):
    answer = strict_client.post(
        reverse("comments-follow", args=[page.pk]), {"email": ADDRESS, "frequency": "weekly", **values}
    )

    assert answer.status_code == 422
    assert Follow.objects.count() == 0


def test_thread_is_followed_apart_from_its_page(page, client):
    thread, other = make.comment(page), make.comment(page)
    assert client.get(reverse("comments-follow", args=[page.pk]) + f"?thread={thread.pk}").status_code == 200
    assert client.get(reverse("comments-follow", args=[page.pk]) + "?thread=999999").status_code == 404
    follow(page, thread=thread)

    say(page, parent=other)
    assert mail.outbox == []
    reply = say(page, parent=thread)
    say(page, parent=reply)

    assert [message.to for message in mail.outbox] == [[ADDRESS]]
    with pytest.raises(NotAllowed):
        follow(page, thread=reply)


def test_author_who_asked_is_told_of_answers_and_not_of_their_own(page):
    author = make.member()
    comment = say(page, actor=author, wants_answers=True)
    assert Follow.objects.get().thread_id == comment.pk

    say(page, actor=author, parent=comment, body="One thing more.")
    assert mail.outbox == []
    say(page, parent=comment, body="Which drill?")

    assert mail.outbox[0].to == [author.email]
    assert "Which drill?" in mail.outbox[0].body


def test_author_without_account_is_told_of_answers_once_confirmed(page, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make.pending(page, email=ADDRESS, wants_answers=True)
    assert Follow.objects.count() == 0
    comment = actions.confirm_comment(actor=None, token=make.token_in_mail())
    actions.release_comment(actor=make.moderator(), comment=comment)

    say(page, parent=comment)

    assert mail.outbox[-1].to == [ADDRESS]
    assert "Confirm" not in mail.outbox[-1].subject


def test_one_address_gets_one_notice_an_hour_with_all_that_was_said(page):
    other = make.proposition_page(title="Boats")
    follow(page)
    follow(other)
    for number in range(3):
        say(page, body=f"Number {number}.")
    say(other, body="A boat.")
    assert len(mail.outbox) == 1

    age_of_mails(minutes=61)
    call_command("tell_followers")

    assert len(mail.outbox) == 2
    assert mail.outbox[1].subject == "3 new comments in 2 discussions"
    assert all(words in mail.outbox[1].body for words in ("Number 1.", "Number 2.", "A boat."))
    assert "Number 0." not in mail.outbox[1].body
    call_command("tell_followers")
    assert len(mail.outbox) == 2


def test_one_address_gets_six_notices_a_day(page):
    follow(page)
    for _ in range(8):
        say(page)
        age_of_mails(hours=2)

    assert len(mail.outbox) == 6
    age_of_mails(hours=25)
    call_command("tell_followers")
    assert mail.outbox[6].subject.startswith("2 new comments on “")


def test_digest_comes_once_a_week_and_only_with_news(page):
    follow(page, frequency="weekly")
    Follower.objects.update(created_at=ago(days=8))
    call_command("tell_followers")
    assert mail.outbox == []

    say(page, body="On Monday.")
    say(page, body="On Tuesday.")
    call_command("tell_followers")
    say(page, body="On Wednesday.")
    call_command("tell_followers")
    assert [message.subject for message in mail.outbox] == [f"This week: 2 new comments on “{page.title}”"]

    Follower.objects.update(last_digest_at=ago(days=7, minutes=1))
    call_command("tell_followers")
    assert "On Wednesday." in mail.outbox[1].body
    assert "On Monday." not in mail.outbox[1].body


def test_what_went_out_of_sight_is_not_told(page):
    follow(page, frequency="weekly")
    Follower.objects.update(created_at=ago(days=8))
    hidden, shown = say(page, body="Rude."), say(page, body="Kind.")
    actions.hide_comment(actor=make.moderator(), comment=hidden, reason="Rude")

    call_command("tell_followers")

    assert "Kind." in mail.outbox[0].body
    assert "Rude." not in mail.outbox[0].body
    assert shown.author_label in mail.outbox[0].subject


def test_held_comment_is_told_once_it_is_released_and_only_once(page, django_capture_on_commit_callbacks):
    follow(page)
    moderator = make.moderator()
    held = make.comment(page, hold_reason="A look first")
    follows.note_news.call(held.pk, page.pk, held.pk)
    assert mail.outbox == []

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            actions.release_comment(actor=moderator, comment=held)
        age_of_mails(hours=2)
        actions.hold_comment(actor=moderator, comment=held)

    assert len(mail.outbox) == 1


def test_what_an_import_brings_in_is_no_news(page, django_capture_on_commit_callbacks):
    follow(page)
    Follow.objects.update(confirmed_at=ago(days=30))

    with django_capture_on_commit_callbacks() as after:
        make.comment(page, moment=ago(days=9))

    assert after == []


@pytest.mark.parametrize("said", [{"days": 3000}, {"minutes": 5}])
def test_imported_comment_is_no_news_even_when_it_was_said_a_moment_ago(page, said, django_capture_on_commit_callbacks):
    follow(page)
    Follow.objects.update(confirmed_at=ago(days=4000))

    with django_capture_on_commit_callbacks(execute=True):
        imported(page, moment=ago(**said))

    assert News.objects.count() == 0


def test_imported_comment_that_a_moderator_releases_later_is_no_news(page, django_capture_on_commit_callbacks):
    follow(page)
    Follow.objects.update(confirmed_at=ago(days=4000))
    held = imported(page, moment=ago(days=3000), state="held", reason="Held there")

    with django_capture_on_commit_callbacks(execute=True):
        actions.release_comment(actor=make.moderator(), comment=held)

    assert held.state == "held"
    assert Comment.objects.get(pk=held.pk).state == "published"
    assert News.objects.count() == 0


def test_letter_stops_from_the_mail_program_without_cookie_or_origin(page):
    follow(page)
    follow(make.proposition_page())
    say(page)
    headers = mail.outbox[0].extra_headers
    address = re.fullmatch(r"<http://[^/]+(/\S+)>", headers["List-Unsubscribe"])[1]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert ADDRESS not in address

    looked = Client(enforce_csrf_checks=True).get(address)
    assert (looked.status_code, Follow.objects.count()) == (200, 2)
    program = Client(enforce_csrf_checks=True)
    first = program.post(address, {"List-Unsubscribe": "One-Click"})
    again = program.post(address, {"List-Unsubscribe": "One-Click"})

    assert (first.status_code, again.status_code) == (200, 200)
    assert "set-cookie" not in first.headers
    assert (Follow.objects.count(), Follower.objects.count(), News.objects.count()) == (0, 0, 0)


def test_one_of_several_can_be_stopped(page, client):
    other = make.proposition_page(title="Boats")
    kept, gone = follow(page), follow(other)
    say(page)

    shown = client.get(stop_link(mail.outbox[0])).content.decode()
    client.post(stop_link(mail.outbox[0]), {"follow": str(gone.pk)})

    assert "Boats" in shown
    assert list(Follow.objects.values_list("pk", flat=True)) == [kept.pk]


def test_stop_page_names_nobody_whose_comment_is_gone(page, client):
    thread = make.comment(page, actor=make.member(first_name="Ottoline", last_name="Brack"))
    follow(page, thread=thread)
    say(page, parent=thread)
    link = stop_link(mail.outbox[0])
    assert "Ottoline Brack" in client.get(link).content.decode()

    actions.hide_comment(actor=make.moderator(), comment=thread, reason="Not kind")

    assert "Ottoline Brack" not in client.get(link).content.decode()


@pytest.mark.parametrize("token", ["x", "a:b:c", "deadbeef:1:2"])
def test_made_up_link_stops_nothing(page, client, token):
    follow(page)

    assert client.post(reverse("comments-stop", args=[token])).status_code == 404
    assert Follow.objects.count() == 1
    with pytest.raises(LinkUnknown):
        follows.follower_by_token(token)


def test_telling_many_followers_costs_the_poster_nothing(page, django_assert_num_queries):
    for number in range(30):
        follow(page, email=f"reader{number}@example.org", frequency="weekly")
    comment = make.comment(page, consent=Consent.ROLE)

    # Whether anybody follows, the comment, who follows, the news; two more begin and end the transaction.
    with django_assert_num_queries(6):
        follows.note_news.call(comment.pk, page.pk, comment.root_id or comment.pk)

    assert News.objects.count() == 30
