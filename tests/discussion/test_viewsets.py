"""Moderation in the Wagtail admin."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail import hooks
from wagtail.models import ModelLogEntry

from discussion import actions
from discussion.models import Comment, DiscussionSettings
from discussion.text import digest
from people.roles import EDITORS, FACILITATORS, MODERATORS, ORGANISERS
from tests.factories import discussion as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return make.proposition_page()


def signed_in(*groups, **fields):
    browser = Client()
    person = make.member(*groups, **fields)
    browser.force_login(person)
    browser.person = person
    return browser


@pytest.fixture
def browser():
    return signed_in(MODERATORS)


def held(page, **fields):
    said = make.comment(page, **fields)
    return actions.hold_comment(actor=make.moderator(), comment=said, reason="To be looked at")


def decide(browser, comment, do, reason=""):
    address = reverse("comments:inspect", args=[comment.pk])
    return browser.post(address, {"do": do, "reason": reason, "seen": make.seen_on(browser, address)})


def decide_about_many(browser, address, reason="", **kwargs):
    return browser.post(address, {"reason": reason, "seen": make.seen_on(browser, address)}, **kwargs)


@pytest.mark.parametrize(
    ("groups", "fields", "allowed"),
    [
        ([MODERATORS], {}, True),
        ([ORGANISERS], {}, True),
        ([], {"is_superuser": True}, True),
        ([EDITORS], {}, False),
        ([FACILITATORS], {}, False),
        ([], {}, False),
    ],
)
def test_only_moderators_reach_the_queue(page, groups, fields, allowed):
    browser = signed_in(*groups, **fields)
    said = held(page)
    addresses = [
        reverse("comments:index"),
        reverse("comments:index_results"),
        reverse("comments:inspect", args=[said.pk]),
        reverse("wagtailsettings:edit", args=["discussion", "discussionsettings", 1]),
    ]

    DiscussionSettings.objects.get_or_create(pk=1)
    reached = [browser.get(address).status_code == 200 for address in addresses]
    seen = digest(said.body)
    browser.post(addresses[2], {"do": "release", "seen": seen})
    bulk = reverse("wagtail_bulk_action", args=["discussion", "comment", "hide"]) + f"?id={said.pk}"
    browser.post(bulk, {"reason": "Advertising", "seen": f"{said.pk}:{seen}"})

    said.refresh_from_db()
    assert reached == [allowed] * 4
    assert said.state == ("hidden" if allowed else "held")


def test_queue_shows_held_first_then_flagged_then_the_rest(page, browser):
    first = make.comment(page, body="Plain words.")
    second = make.comment(page, body="Flagged words.")
    third = held(page, body="Held words.")
    actions.flag_comment(actor=None, comment=second, voter_key="a", reason="Advertising")

    shown = browser.get(reverse("comments:index")).context["object_list"]

    assert [comment.pk for comment in shown] == [third.pk, second.pk, first.pk]


def test_queue_is_filtered_by_state_page_and_words(page, browser):
    other = make.proposition_page(event=page.event)
    plain = make.comment(page, body="A quiet word.")
    waiting = held(page, body="A loud word.")
    elsewhere = make.comment(other, body="Another quiet word.")

    def listed(**query):
        return {comment.pk for comment in browser.get(reverse("comments:index"), query).context["object_list"]}

    assert listed(state="held") == {waiting.pk}
    assert listed(state=["held", "published"]) == {plain.pk, waiting.pk, elsewhere.pk}
    assert listed(page=other.pk) == {elsewhere.pk}
    assert listed(q="quiet") == {plain.pk, elsewhere.pk}
    assert listed(flagged="yes") == set()


def test_queue_costs_the_same_with_1_and_30_comments(page, browser):

    held(page)
    address = reverse("comments:index")
    browser.get(address)
    with CaptureQueriesContext(connection) as one:
        browser.get(address)
    for _ in range(28):
        held(page)
    with CaptureQueriesContext(connection) as many:
        browser.get(address)

    assert len(many) == len(one)


def test_decision_leads_on_to_the_next_that_waits(page, browser):
    first, second = held(page), held(page)

    assert decide(browser, first, "release")["Location"] == reverse("comments:inspect", args=[second.pk])
    assert decide(browser, second, "release")["Location"] == reverse("comments:index")
    assert set(Comment.objects.values_list("state", flat=True)) == {"published"}


def test_hiding_without_a_reason_asks_for_one(page, browser):
    said = held(page)

    answer = decide(browser, said, "hide")

    said.refresh_from_db()
    assert said.state == "held"
    assert "Say why. The author reads it." in answer.content.decode()


def test_usual_reason_hides_with_one_key(page, browser):
    said = held(page)

    address = reverse("comments:inspect", args=[said.pk])
    seen = make.seen_on(browser, address)
    browser.post(address, {"hide_because": "Advertising", "reason": "", "seen": seen})

    said.refresh_from_db()
    assert (said.state, said.hide_reason) == ("hidden", "Advertising")


def test_comment_shows_its_context_and_who_did_what(page, browser):
    author = make.member()
    parent = make.comment(page, body="What was asked.")
    said = make.comment(page, actor=author, parent=parent, body="First words.")
    make.comment(page, actor=author, body="Other words by the same person.")
    actions.edit_comment(actor=author, comment=said, body="Second words.")
    actions.flag_comment(actor=None, comment=said, voter_key="a", reason="Not true at all")
    decide(browser, said, "hide", "Advertising")

    html = browser.get(reverse("comments:inspect", args=[said.pk])).content.decode()

    for words in (
        "What was asked.",
        "First words.",
        "Second words.",
        "Other words by the same person.",
        "Not true at all",
        "Hidden: Advertising",
        "Changed by its author",
        browser.person.display_name,
    ):
        assert words in html


def test_every_decision_stands_in_the_log(page, browser):
    said = held(page)

    decide(browser, said, "release")
    decide(browser, said, "hold", "Look again")
    decide(browser, said, "hide", "Advertising")

    of_comment = {"content_type__model": "comment", "object_id": said.pk}
    log = ModelLogEntry.objects.filter(**of_comment, user=browser.person).order_by("pk")
    assert [(entry.action, entry.data.get("reason")) for entry in log] == [
        ("discussion.release", None),
        ("discussion.hold", "Look again"),
        ("discussion.hide", "Advertising"),
    ]


@pytest.mark.parametrize(("action", "state"), [("release", "published"), ("hold", "held"), ("hide", "hidden")])
def test_many_are_decided_at_once_and_withdrawn_ones_stay(page, browser, action, state):
    author = make.member()
    gone = make.comment(page, actor=author)
    actions.withdraw_comment(actor=author, comment=gone)
    some = [held(page), make.comment(page)]
    query = "&".join(f"id={comment.pk}" for comment in [*some, gone])
    address = reverse("wagtail_bulk_action", args=["discussion", "comment", action]) + f"?{query}"

    assert browser.get(address).status_code == 200
    decide_about_many(browser, address, "Advertising")

    assert [Comment.objects.get(pk=comment.pk).state for comment in some] == [state, state]
    assert Comment.objects.get(pk=gone.pk).state == "withdrawn"


def test_one_withdrawn_meanwhile_does_not_keep_the_others_from_being_decided(page, browser):
    author = make.member()
    first, second = make.comment(page, actor=author), make.comment(page)

    def withdraw(request, action_type, objects, action):
        actions.withdraw_comment(actor=author, comment=first)

    address = reverse("wagtail_bulk_action", args=["discussion", "comment", "hide"]) + f"?id={first.pk}&id={second.pk}"
    with hooks.register_temporarily("before_bulk_action", withdraw):
        answer = decide_about_many(browser, address + f"&next={reverse('comments:index')}", "Advertising", follow=True)

    assert "1 comment hidden. 1 could not be" in answer.content.decode()
    assert [Comment.objects.get(pk=said.pk).state for said in (first, second)] == ["withdrawn", "hidden"]


def test_decision_that_is_none_changes_nothing(page, browser):
    said = held(page)

    answer = decide(browser, said, "sing")

    assert (answer.status_code, Comment.objects.get().state) == (302, "held")


def test_decision_about_what_was_withdrawn_meanwhile_leads_back_and_says_so(page, browser):
    author = make.member()
    said = make.comment(page, actor=author)
    address = reverse("comments:inspect", args=[said.pk])
    seen = make.seen_on(browser, address)
    actions.withdraw_comment(actor=author, comment=said)

    answer = browser.post(address, {"do": "release", "reason": "", "seen": seen}, follow=True)

    assert answer.redirect_chain == [(address, 302)]
    assert "withdrawn" in answer.content.decode().lower()
    assert Comment.objects.get().state == "withdrawn"


@pytest.mark.parametrize("do", ["release", "hide", "hold"])
def test_nothing_is_decided_about_words_the_moderator_has_not_read(page, browser, do):
    author = make.member()
    said = make.comment(page, actor=author, body="Kind words.")
    if do == "release":
        actions.hold_comment(actor=make.moderator(), comment=said)
    address = reverse("comments:inspect", args=[said.pk])
    seen = make.seen_on(browser, address)
    actions.edit_comment(actor=author, comment=said, body="Quite other words.")
    before = Comment.objects.get(pk=said.pk).state

    answer = browser.post(address, {"do": do, "reason": "As I said", "seen": seen})
    without = browser.post(address, {"do": do, "reason": "As I said"})

    shown = answer.content.decode()
    assert (answer.status_code, without.status_code) == (409, 409)
    assert "It was changed meanwhile; read it again." in shown
    assert "Quite other words." in shown
    assert "As I said" in shown
    assert Comment.objects.get(pk=said.pk).state == before
    again = re.findall(r'name="seen" value="([^"]+)"', shown)
    browser.post(address, {"do": do, "reason": "As I said", "seen": again})
    assert Comment.objects.get(pk=said.pk).state == {"release": "published", "hide": "hidden", "hold": "held"}[do]


def test_of_many_those_changed_meanwhile_are_asked_about_again(page, browser):
    author = make.member()
    first, second = held(page, actor=author, body="Kind words."), held(page)
    listed = reverse("comments:index")
    address = reverse("wagtail_bulk_action", args=["discussion", "comment", "release"])
    address += f"?id={first.pk}&id={second.pk}&next={listed}"
    seen = make.seen_on(browser, address)
    actions.edit_comment(actor=author, comment=first, body="Quite other words.")

    answer = browser.post(address, {"seen": seen}, follow=True)

    shown = answer.content.decode()
    assert [Comment.objects.get(pk=said.pk).state for said in (first, second)] == ["held", "published"]
    assert "1 comment was changed meanwhile; read it again." in shown
    assert "Release 1 comment?" in shown
    assert "Quite other words." in shown
    again = re.findall(r'name="seen" value="([^"]+)"', shown)
    assert (
        browser.post(answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"], {"seen": again}).url == listed
    )
    assert Comment.objects.get(pk=first.pk).state == "published"


def test_hiding_many_needs_a_reason(page, browser):
    said = held(page)
    address = reverse("wagtail_bulk_action", args=["discussion", "comment", "hide"]) + f"?id={said.pk}"

    decide_about_many(browser, address)

    said.refresh_from_db()
    assert said.state == "held"


def test_all_in_the_list_means_those_that_the_filter_shows(page, browser):
    plain, waiting = make.comment(page), held(page)
    address = reverse("wagtail_bulk_action", args=["discussion", "comment", "hide"]) + "?id=all&state=held"

    decide_about_many(browser, address, "Advertising")

    assert Comment.objects.get(pk=waiting.pk).state == "hidden"
    assert Comment.objects.get(pk=plain.pk).state == "published"


@pytest.mark.parametrize("name", ["add", "edit", "delete", "history", "usage"])
def test_words_are_not_edited_or_deleted_in_the_admin(name, browser):
    assert browser.get(f"/admin/comments/{name}/").status_code == 404
    assert browser.get(f"/admin/comments/{name}/1/").status_code == 404


def test_menu_and_home_say_how_many_wait(page, browser):
    held(page, body="Waiting words.")
    held(page)

    html = browser.get(reverse("wagtailadmin_home")).content.decode()

    assert "Comments (2)" in html
    assert "Waiting words." in html
    assert "Comments (2)" not in signed_in(EDITORS).get(reverse("wagtailadmin_home")).content.decode()


def test_moderator_sets_the_rules(page, browser):
    address = reverse("wagtailsettings:edit", args=["discussion", "discussionsettings"])
    address = browser.get(address, follow=True).request["PATH_INFO"]

    browser.post(address, {"holds_everything": "on", "held_words": "casino"})

    assert DiscussionSettings.objects.get().holds_everything is True
    assert make.comment(page).state == "held"
