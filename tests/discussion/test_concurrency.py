"""Many people at once: nothing is doubled, lost, or out of place. Runs on SQLite and on PostgreSQL."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from discussion import actions, follows
from discussion.exceptions import DiscussionError, TooManyMails
from discussion.models import Comment, Follow, Follower, News, PendingComment, Support
from discussion.signals import comment_published
from tests.factories import discussion as make

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    """Run each task in a thread of its own, all starting together. Answers results and refusals; errors fail."""
    barrier = threading.Barrier(len(tasks))
    answers: list[Any] = [None] * len(tasks)

    def run(position: int, task: Callable[[], Any]) -> None:
        try:
            barrier.wait(30)
            answers[position] = task()
        except DiscussionError as refusal:
            answers[position] = refusal
        except Exception as error:  # noqa: BLE001 shown by the assertion below
            answers[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(position, task)) for position, task in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    errors = [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, DiscussionError)]
    assert errors == []
    return answers


def test_fifty_replies_to_one_comment_at_once_take_fifty_places():
    page = make.proposition_page()
    root = make.comment(page)
    branch = make.comment(page, parent=root)
    authors = [make.member() for _ in range(50)]

    answers = at_once(
        [
            lambda author=author, parent=parent: make.comment(page, actor=author, parent=parent, body="At once.")
            for author, parent in zip(authors, [root, branch] * 25, strict=True)
        ]
    )

    assert all(isinstance(answer, Comment) for answer in answers)
    replies = Comment.objects.filter(root=root).order_by("order")
    assert replies.count() == 51
    assert len({reply.order for reply in replies}) == 51
    for reply in replies:
        assert reply.order == reply.pk > reply.parent_id
        assert reply.thread_id == root.pk
        assert reply.level == (1 if reply.parent_id == root.pk else 2)
    root.refresh_from_db()
    assert root.nested_count == 51


def test_link_pressed_by_eight_at_once_a_hundred_times_makes_one_comment_each():
    page = make.proposition_page()
    heard: list[int] = []

    def hear(comment, **kwargs):
        heard.append(comment.pk)

    links = []
    for number in range(100):
        make.pending(page, body=f"Thought {number}", email=f"person{number}@example.org")
        links.append(reverse("comments-confirm", args=[make.token_in_mail()]))

    def press_all() -> list[int]:
        browser = Client(headers={"origin": "http://testserver"})
        return [browser.post(link).status_code for link in links]

    comment_published.connect(hear)
    try:
        answers = at_once([press_all] * 8)
    finally:
        comment_published.disconnect(hear)

    assert answers == [[302] * 100] * 8
    assert Comment.objects.count() == 100
    assert PendingComment.objects.exclude(comment=None).count() == 100
    assert len(heard) == len(set(heard))


def test_wish_to_follow_confirmed_by_eight_at_once_counts_once():
    page = make.proposition_page()
    links = []
    for number in range(30):
        follows.follow_page(actor=None, page=page, email=f"reader{number}@example.org")
        links.append(re.search(r"https?://[^/]+(/comments/follow/confirm/\S+)", mail.outbox[-1].body)[1])

    def press_all() -> list[int]:
        browser = Client(headers={"origin": "http://testserver"})
        return [browser.post(link).status_code for link in links]

    answers = at_once([press_all] * 8)

    assert answers == [[200] * 30] * 8
    assert Follow.objects.filter(confirmed_at__isnull=False).count() == 30
    assert len(mail.outbox) == 30


def test_stopped_by_eight_at_once_while_news_come_in_leaves_nothing_and_nobody_else_loses_any():
    page = make.proposition_page()
    follows.follow_page(actor=None, page=page, email="stays@example.org", is_confirmed=True)
    links = []
    for number in range(30):
        wish = follows.follow_page(actor=None, page=page, email=f"reader{number}@example.org", is_confirmed=True)
        links.append(reverse("comments-stop", args=[follows.stop_token(wish.follower)]))
    comments = [make.comment(page) for _ in range(20)]
    News.objects.all().delete()

    def stop_all() -> list[int]:
        # As a mail program does: from nowhere, without a cookie.
        program = Client(enforce_csrf_checks=True)
        return [program.post(link, {"List-Unsubscribe": "One-Click"}).status_code for link in links]

    def note_all() -> None:
        for comment in comments:
            follows.note_news.call(comment.pk, page.pk, comment.pk)

    answers = at_once([stop_all] * 8 + [note_all] * 2)

    assert answers == [[200] * 30] * 8 + [None] * 2
    assert list(Follower.objects.values_list("email", flat=True)) == ["stays@example.org"]
    assert News.objects.filter(follow__follower__email="stays@example.org").count() == News.objects.count() == 20


def test_same_comment_sent_by_eight_threads_is_one():
    page = make.proposition_page()
    author = make.member()

    answers = at_once([lambda: make.comment(page, actor=author, body="Pressed eight times.")] * 8)

    assert len({answer.pk for answer in answers}) == 1
    assert Comment.objects.count() == 1


def test_allowance_of_letters_holds_when_asked_for_at_once():
    page = make.proposition_page()

    answers = at_once([lambda number=number: make.pending(page, body=f"Thought {number}") for number in range(10)])

    assert sum(isinstance(answer, PendingComment) for answer in answers) == 3
    assert sum(isinstance(answer, TooManyMails) for answer in answers) == 7


def test_a_thousand_presses_of_support_count_each_person_once():
    page = make.proposition_page()
    said = make.comment(page)

    def press() -> None:
        for voter in range(100):
            actions.support_comment(actor=None, comment=said, voter_key=f"voter-{voter}")

    at_once([press] * 10)

    said.refresh_from_db()
    assert said.support_count == Support.objects.count() == 100


def test_two_moderators_at_once_leave_one_state_and_one_truth():
    page = make.proposition_page()
    first, second = make.moderator(), make.moderator()
    for _ in range(10):
        said = make.comment(page)
        actions.hold_comment(actor=first, comment=said)

        at_once(
            [
                lambda said=said: actions.release_comment(actor=first, comment=said),
                lambda said=said: actions.hide_comment(actor=second, comment=said, reason="Advertising"),
            ]
        )

        said.refresh_from_db()
        assert (said.state, said.is_public, said.is_removed) in [("published", True, False), ("hidden", False, True)]
