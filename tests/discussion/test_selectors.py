"""Reading a discussion: what is seen by whom, in which order, at what cost."""

import datetime
import re
from html import unescape

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import F
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from discussion import actions
from discussion.choices import Sort
from discussion.models import Comment, Mention
from discussion.selectors import Reader, address_of, latest_comments, response_counts, responses
from propositions.models import StatementVersion
from tests.factories import discussion as make

pytestmark = pytest.mark.django_db

SECRET = "xyzzy-not-for-everybody"


@pytest.fixture
def page():
    return make.proposition_page()


def seen(page, *, user=None, query=""):
    """The discussion below a page as HTML."""
    request = RequestFactory().get(f"/{query}")
    request.user = user or AnonymousUser()
    return Template("{% load discussion %}{% responses page %}").render(Context({"request": request, "page": page}))


def tree(nodes):
    """Comment numbers, nested as they are shown."""
    return [(node.comment.pk, tree(node.replies)) for node in nodes]


def shown(page, **wishes):
    found = responses(page, **{"reader": Reader(), **wishes})
    return [item.node.comment.pk if item.node else item.mention.title for item in found.items]


# Who sees what


@pytest.mark.parametrize("state", ["held", "hidden", "withdrawn"])
@pytest.mark.parametrize("was_published", [True, False])
def test_words_out_of_sight_reach_nobody_else(page, state, was_published):
    root = make.comment(page)
    said = make.comment(page, parent=root, body=SECRET, role=SECRET)
    make.comment(page, parent=said)
    Comment.objects.filter(pk=said.pk).update(state=state, is_listed=was_published, user_name=SECRET)

    html = seen(page) + seen(page, user=make.member()) + seen(page, query=f"?thread={root.pk}")

    assert SECRET not in html
    assert (f'id="comment-{said.pk}"' in html) is was_published


def test_author_sees_their_own_with_the_reason_it_was_hidden(page):
    author = make.member()
    said = make.comment(page, actor=author, body="My words.")
    actions.hide_comment(actor=make.moderator(), comment=said, reason="Names a child")

    html = seen(page, user=author)

    assert "Hidden by a moderator: Names a child. Only you can see this." in html
    assert "My words." in html
    assert "My words." not in seen(page)


@pytest.mark.parametrize("query", ["", "?sort=newest"])
def test_authors_own_that_was_taken_out_of_sight_stands_once_and_says_so(page, query):
    """Where the thread has it, if it is among those shown; below the list, if it is not."""
    author = make.member()
    said = make.comment(page, actor=author, body="My words.")
    for _ in range(20):
        make.comment(page)
    last = make.comment(page, actor=author, body="My last words.")
    for comment in (said, last):
        actions.hide_comment(actor=make.moderator(), comment=comment, reason="Names a child")

    html = seen(page, user=author, query=query)

    thread, below = html.split("</ol>")[0], html.split("</ol>")[-1]
    there, missing = (said, last) if not query else (last, said)
    assert [f'id="{comment.anchor}"' in thread for comment in (there, missing)] == [True, False]
    assert [f'id="{comment.anchor}"' in below for comment in (there, missing)] == [False, True]
    assert html.count("Hidden by a moderator: Names a child. Only you can see this.") == 2
    for comment in (said, last):
        assert html.count(f'id="{comment.anchor}"') == 1
        for name in ("comments-xtd-reply", "comments-edit"):
            assert reverse(name, args=[comment.pk]) not in html
        assert reverse("comments-withdraw", args=[comment.pk]) in html


def test_reason_it_was_hidden_is_for_its_author_and_moderators_alone(page, client):
    author = make.member()
    said = make.comment(page, actor=author, body="My words.")
    make.comment(page, parent=said)
    actions.hide_comment(actor=make.moderator(), comment=said, reason=SECRET)

    strangers = seen(page) + seen(page, user=make.member()) + seen(page, query=f"?thread={said.pk}")
    for address in (
        said.get_absolute_url(),
        reverse("comments-xtd-reply", args=[said.pk]),
        reverse("comments-flag", args=[said.pk]),
        reverse("comments-feed", args=[page.pk]),
        reverse("comments-feed-rss", args=[page.pk]),
    ):
        strangers += client.get(address, follow=True).content.decode()

    assert "Hidden by a moderator.<" in strangers
    assert SECRET not in strangers
    assert f"Hidden by a moderator: {SECRET}." in seen(page, user=author)
    assert f"Hidden by a moderator: {SECRET}." in seen(page, user=make.moderator())


def test_withdrawn_comment_keeps_the_replies_to_it(page):
    author = make.member()
    root = make.comment(page, actor=author, body="Taken back.")
    make.comment(page, parent=root, body="Still an answer.")
    actions.withdraw_comment(actor=author, comment=root)

    html = seen(page)

    assert "Withdrawn by its author." in html
    assert "Still an answer." in html
    assert "Taken back." not in html
    assert "1 comment" in html


@pytest.mark.parametrize(
    ("state", "anybody", "author", "moderator"),
    [
        ("published", True, True, True),
        ("held", False, True, True),
        ("hidden", False, True, True),
        ("withdrawn", False, True, True),
    ],
)
def test_visible_to_decides_by_role_and_state(page, state, anybody, author, moderator):
    writer = make.member()
    said = make.comment(page, actor=writer)
    Comment.objects.filter(pk=said.pk).update(state=state, device_key="d1")

    def sees(user, device_key=""):
        return Comment.objects.visible_to(user, device_key).filter(pk=said.pk).exists()

    assert sees(None) is anybody
    assert sees(AnonymousUser()) is anybody
    assert sees(make.member()) is anybody
    assert sees(None, "d2") is anybody
    assert sees(None, "d1") is author
    assert sees(writer) is author
    assert sees(make.moderator()) is moderator


def test_comments_on_a_page_taken_down_are_not_visible(page):
    make.comment(page)
    page.unpublish()

    assert Comment.objects.visible_to(None).count() == 0


# Order and nesting


def test_replies_nest_to_depth_three_and_then_say_whom_they_answer(page):
    chain = [make.comment(page)]
    for _ in range(5):
        chain.append(make.comment(page, parent=chain[-1]))
    a, b, c, d, e, f = (comment.pk for comment in chain)

    found = responses(page, reader=Reader())

    assert tree([found.items[0].node]) == [(a, [(b, [(c, [(d, []), (e, []), (f, [])])])])]
    third = found.items[0].node.replies[0].replies[0]
    assert [node.in_reply_to and node.in_reply_to[0] for node in third.replies] == [None, d, e]


def test_order_is_oldest_newest_or_most_supported(page):
    a, b, c = (make.comment(page) for _ in range(3))
    for voter in "xy":
        actions.support_comment(actor=None, comment=b, voter_key=voter)

    assert shown(page) == [a.pk, b.pk, c.pk]
    assert shown(page, sort=Sort.NEWEST) == [c.pk, b.pk, a.pk]
    assert shown(page, sort=Sort.SUPPORTED) == [b.pk, a.pk, c.pk]


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_follow_each_other_without_gap_or_repetition(page, sort):
    make.many_comments(page, 55, replies_each=0)
    Comment.objects.filter(pk__in=list(Comment.objects.values_list("pk", flat=True)[::3])).update(support_count=4)
    collected, after, sizes = [], "", []
    while True:
        found = responses(page, reader=Reader(), sort=sort, after=after)
        collected += [item.node.comment.pk for item in found.items]
        sizes.append((len(found.items), found.next_count))
        if not found.next_after:
            break
        after = found.next_after

    assert sizes == [(20, 20), (20, 15), (15, 0)]
    assert len(collected) == len(set(collected)) == 55
    if sort == Sort.OLDEST:
        assert collected == sorted(collected)


@pytest.mark.parametrize("after", ["x", "-1", "1-2-3", "9" * 40, "1 OR 1=1", "١"])
def test_nonsense_for_a_place_means_the_start(page, after):
    said = make.comment(page)

    for sort in Sort:
        assert shown(page, sort=sort, after=after) == [said.pk]


def test_long_thread_shows_its_first_replies_and_the_way_to_the_rest(page):
    make.many_comments(page, 121, one_thread=True)
    root = Comment.objects.earliest("pk")

    node = responses(page, reader=Reader()).items[0].node
    assert (len(node.replies), node.hidden_replies) == (10, 110)

    first = responses(page, reader=Reader(), thread=root.pk)
    second = responses(page, reader=Reader(), thread=root.pk, after=first.next_after)
    third = responses(page, reader=Reader(), thread=root.pk, after=second.next_after)
    assert [len(found.items[0].node.replies) for found in (first, second, third)] == [50, 50, 20]
    assert (first.next_count, second.next_count, third.next_after) == (50, 20, "")


@pytest.mark.parametrize("sort", Sort)
def test_permanent_address_opens_the_page_on_which_the_comment_stands_in_any_order(page, sort):
    make.many_comments(page, 90, replies_each=1)
    make.many_comments(page, 70, one_thread=True)
    for root in Comment.objects.filter(is_root=True):
        Comment.objects.filter(pk=root.pk).update(support_count=root.pk % 4)
    for comment in Comment.objects.select_related("page").order_by("pk"):
        address = address_of(comment, sort)
        query = dict(re.findall(r"[?&](\w+)=([\w-]+)", address))

        found = responses(
            page,
            reader=Reader(),
            sort=Sort(query.get("sort", "oldest")),
            after=query.get("after", ""),
            thread=int(query["thread"]) if "thread" in query else None,
        )

        nodes = [item.node for item in found.items]
        numbers = set()
        while nodes:
            node = nodes.pop()
            numbers.add(node.comment.pk)
            nodes += node.replies
        assert comment.pk in numbers, address
        assert query.get("sort") == (sort.value if sort != Sort.OLDEST and "thread" not in query else None)
        assert address.endswith(f"#comment-{comment.pk}")


def test_threads_are_numbered_in_the_order_in_which_they_began_in_any_order(page):
    make.many_comments(page, 45, replies_each=0)
    Comment.objects.filter(pk__gt=Comment.objects.earliest("pk").pk + 30).update(support_count=2)
    numbers = {pk: place for place, pk in enumerate(Comment.objects.order_by("pk").values_list("pk", flat=True), 1)}
    withdrawn = Comment.objects.select_related("page").earliest("pk")
    actions.hide_comment(actor=make.moderator(), comment=withdrawn, reason="Rude")

    for sort in Sort:
        after, seen_numbers = "", {}
        for _ in range(3):
            found = responses(page, reader=Reader(), sort=sort, after=after)
            seen_numbers |= {item.node.comment.pk: item.node.number for item in found.items}
            after = found.next_after
        assert seen_numbers == numbers

    alone = responses(page, reader=Reader(), thread=max(numbers))
    assert alone.items[0].node.number == 45
    reply = make.comment(page, parent=Comment.objects.get(pk=max(numbers)))
    assert responses(page, reader=Reader(), thread=max(numbers)).items[0].node.replies[0].comment == reply
    assert responses(page, reader=Reader(), thread=max(numbers)).items[0].node.replies[0].number == 0


# Heading, mentions, versions


@pytest.mark.parametrize(
    ("comments", "mentions", "heading", "line"),
    [
        (0, 0, "0 responses", ""),
        (1, 0, "1 response", "1 comment"),
        (0, 1, "1 response", "0 comments and 1 mention"),
        (2, 1, "3 responses", "2 comments and 1 mention"),
        (1, 2, "3 responses", "1 comment and 2 mentions"),
    ],
)
def test_heading_counts_comments_and_mentions(page, comments, mentions, heading, line):
    for _ in range(comments):
        make.comment(page)
    for number in range(mentions):
        mention(page, number)

    text = " ".join(re.sub(r"<[^>]+>", " ", seen(page)).split())

    assert f"{heading} to “{page.title}”" in text
    assert line in text


def mention(page, number=0, moment=None, **values):
    return Mention.objects.create(
        **{
            "page": page,
            "source_url": f"https://notebook.example/{number}",
            "title": f"Note {number}",
            "kind": "webmention",
            "state": "published",
            "received_at": moment or timezone.now(),
            **values,
        }
    )


def test_mentions_stand_among_the_comments_where_they_fall_in_time(page):
    make.many_comments(page, 45, replies_each=0)
    moments = dict(Comment.objects.values_list("pk", "created_at"))
    numbers = sorted(moments)
    mention(page, 1, moments[numbers[4]] + datetime.timedelta(milliseconds=500))
    mention(page, 2, moments[numbers[19]] + datetime.timedelta(milliseconds=500))
    mention(page, 3, moments[numbers[44]] + datetime.timedelta(days=1))
    mention(page, 4, state="held")

    collected, after = [], ""
    while True:
        found = responses(page, reader=Reader(), after=after)
        collected += [item.node.comment.pk if item.node else item.mention.title for item in found.items]
        after = found.next_after
        if not after:
            break

    assert collected == [*numbers[:5], "Note 1", *numbers[5:20], "Note 2", *numbers[20:], "Note 3"]


@pytest.mark.parametrize("sort", ["", "newest", "supported"])
def test_mentions_too_many_for_one_place_are_paged(page, sort):
    """All of them fall between the same two threads: none is lost, and none is shown twice."""
    first = make.comment(page, body="Before.")
    make.comment(page, body="After.")
    start = timezone.now() - datetime.timedelta(days=2)
    Comment.objects.filter(pk=first.pk).update(created_at=start - datetime.timedelta(days=1))
    Mention.objects.bulk_create(
        Mention(
            page=page,
            source_url=f"https://e.example/{number}",
            title=f"Note {number:03}.",
            kind="webmention",
            state="published",
            received_at=start + datetime.timedelta(minutes=number // 2),
        )
        for number in range(120)
    )

    found, query, pages = [], f"?sort={sort}", 0
    while query:
        html = seen(page, query=query)
        found += re.findall(r"Note (\d{3})\.", html)
        ways = re.findall(r'href="(\?[^"#]*mentions=\d+)', html)
        query, pages = unescape(ways[0]) if ways else "", pages + 1
        assert ("Before." in html, "After." in html) == ((True, True) if pages == 1 else (False, False))

    numbers = [f"{number:03}" for number in range(120)]
    assert (found, pages) == (numbers[::-1] if sort == "newest" else numbers, 3)
    html = seen(page, query=f"?sort={sort}")
    assert "Show the next 50 mentions" in html
    assert "Show the next 20<" in seen(page, query=f"?mentions={Mention.objects.order_by('received_at', 'pk')[49].pk}")
    assert "Back to all responses" in seen(page, query="?mentions=0")
    assert len(re.findall(r"Note \d{3}", seen(page, query="?mentions=0"))) == 50


def put_statement(page, number):
    StatementVersion.objects.create(proposition=page, number=number, title=page.title, html="", text_hash=str(number))


def test_comment_says_which_version_it_answered_once_there_is_another(page):
    put_statement(page, 2)
    make.comment(page)
    assert "Answers version" not in seen(page)

    put_statement(page, 3)

    changes = page.statement_changes_url(2)
    assert f'Answers version 2 of the statement. <a href="{changes}">' in seen(page)


def test_replies_about_the_same_version_do_not_repeat_it(page):
    put_statement(page, 1)
    root = make.comment(page)
    make.comment(page, parent=root)
    put_statement(page, 2)
    make.comment(page, parent=make.comment(page, parent=root))
    put_statement(page, 3)

    assert re.findall(r"Answers version \d", seen(page)) == ["Answers version 1", "Answers version 2"]


@pytest.mark.parametrize(("reason", "shown"), [("Advertising", "Advertising."), ("Twice. Sorry.", "Twice. Sorry.")])
def test_reason_is_shown_as_a_sentence(page, reason, shown):
    actions.hide_comment(actor=make.moderator(), comment=make.comment(page), reason=reason)

    assert f"Hidden by a moderator: {shown}<" in seen(page, user=make.moderator())


def test_closed_discussion_can_be_read_and_not_written_in(page):
    make.comment(page, body="Said in time.")
    page.discussion_override = "closed"
    page.save()

    html = seen(page)

    assert "Said in time." in html
    assert "The discussion is closed." in html
    assert "<form" not in html
    assert "Reply" not in html


# Cost


def queries(page, user=None):
    with CaptureQueriesContext(connection) as captured:
        seen(page, user=user)
    return len(captured)


def test_page_of_responses_costs_the_same_however_many_there_are():
    event = make.event_page()
    counted = {}
    reader = make.member()
    for count in (1, 30, 1000, 10_000):
        page = make.proposition_page(event=event)
        make.many_comments(page, count)
        make.comment(page, actor=reader)
        mention(page, count)
        Comment.objects.filter(page=page, pk__lt=page.comments.latest("pk").pk - 5, is_root=False).update(parent_id=1)
        counted[count] = (queries(page), queries(page, user=reader))

    assert counted[30] == counted[1000] == counted[10_000]
    assert all(anonymous <= 8 for anonymous, _ in counted.values()), counted
    assert all(signed_in <= 12 for _, signed_in in counted.values()), counted


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite counts its steps")
def test_ten_thousand_threads_are_walked_along_once_in_any_order(page):
    make.many_comments(page, 10_000, replies_each=0)
    Comment.objects.update(support_count=F("pk") % 23)
    last = Comment.objects.latest("pk")
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1000

    for sort, after in (("oldest", ""), ("newest", ""), ("supported", ""), ("supported", f"11-{last.pk - 30}")):
        steps = 0
        connection.connection.set_progress_handler(step, 1000)
        try:
            with CaptureQueriesContext(connection) as captured:
                assert len(responses(page, reader=Reader(), sort=Sort(sort), after=after).items) == 20
        finally:
            connection.connection.set_progress_handler(None, 0)
        assert len(captured) <= 8
        # One walk along 10,000 takes some 100,000 steps for each thing counted; one for each thread took 17 million.
        assert steps < 1_500_000, (sort, after)


def test_counts_for_many_pages_take_two_queries(django_assert_num_queries):
    event = make.event_page()
    pages = [make.proposition_page(event=event) for _ in range(4)]
    make.many_comments(pages[0], 3)
    make.many_comments(pages[1], 1)
    mention(pages[1])
    mention(pages[2], state="held")
    Comment.objects.filter(page=pages[0]).order_by("pk").last()

    with django_assert_num_queries(2):
        counts = response_counts([page.pk for page in pages])

    assert [counts[page.pk] for page in pages] == [3, 2, 0, 0]


def test_latest_comments_come_from_public_pages_only(page):
    hidden_page = make.proposition_page(event=page.event)
    first = make.comment(page)
    second = make.comment(page)
    make.comment(hidden_page)
    hidden_page.unpublish()
    actions.hold_comment(actor=make.moderator(), comment=first)

    assert latest_comments(page_ids=[page.pk, hidden_page.pk]) == [second]
