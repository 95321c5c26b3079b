"""Forms and links as a browser meets them, without JavaScript."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, get_resolver, reverse
from wagtail.models import PageViewRestriction

from discussion import actions
from discussion.choices import CommentState
from discussion.devices import cookie_name, network_key
from discussion.forms import CommentForm
from discussion.limits import Limit
from discussion.models import Comment, PendingComment, Support
from people.keys import author_key_of_user
from people.roles import EDITORS
from tests.factories import discussion as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page():
    return make.proposition_page()


@pytest.fixture
def browser():
    """A browser that says where its forms come from, and is refused if they come from elsewhere."""
    return Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})


def typed(page, **values):
    """What a browser sends that shows the form and has waited a while."""
    form = CommentForm(page)
    security = form.fresh_security()
    security["timestamp"] = str(int(security["timestamp"]) - 30)
    security["security_hash"] = form.generate_security_hash(
        security["content_type"], security["object_pk"], security["timestamp"]
    )
    text = {
        "name": "R. Winnow",
        "email": "r.winnow@example.org",
        "role": "Net mender",
        "comment": "The boat is booked until spring.",
        "consent": "role",
        "reply_to": "0",
        "honeypot": "",
    }
    return {**security, **text, **values}


def post(browser, page, **values):
    return browser.post(reverse("comments-post-comment"), typed(page, **values))


def seen(page, browser=None, query=""):
    """The discussion below a page as this browser sees it."""
    request = RequestFactory().get(f"/{query}")
    request.user = AnonymousUser()
    if browser is not None:
        request.COOKIES = {name: morsel.value for name, morsel in browser.cookies.items()}
    return Template("{% load discussion %}{% responses page %}").render(Context({"request": request, "page": page}))


# Posting without an account


def test_delegate_without_an_account_posts_confirms_and_sees_it_held(page, browser):
    answer = post(browser, page)
    assert answer.status_code == 302
    told = browser.get(answer["Location"]).content.decode()
    assert "r.winnow@example.org" in told
    assert "r.winnow@example.org" not in Client().get(answer["Location"]).content.decode()

    link = reverse("comments-confirm", args=[make.token_in_mail()])
    shown = browser.get(link)
    assert "The boat is booked until spring." in shown.content.decode()
    assert shown["Referrer-Policy"] == "same-origin"
    assert "no-store" in shown["Cache-Control"]
    assert Comment.objects.count() == 0

    answer = browser.post(link)
    comment = Comment.objects.get()
    assert answer["Location"].endswith(f"#comment-{comment.pk}")
    assert comment.state == CommentState.HELD
    assert "Awaiting moderation. Only you can see this." in seen(page, browser)
    assert "The boat is booked" not in seen(page)


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_link_changes_nothing(page, browser, method):
    post(browser, page)
    link = reverse("comments-confirm", args=[make.token_in_mail()])
    before = list(PendingComment.objects.values())

    for _ in range(3):
        assert getattr(Client(), method)(link).status_code == 200

    assert list(PendingComment.objects.values()) == before
    assert Comment.objects.count() == 0


def test_link_followed_again_leads_to_the_comment(page, browser):
    post(browser, page)
    link = reverse("comments-confirm", args=[make.token_in_mail()])
    browser.post(link)
    comment = Comment.objects.get()
    assert browser.get(link)["Location"] == reverse("comments-permalink", args=[comment.pk])
    stranger = Client(headers={"origin": "http://testserver"})

    # Held, it stands nowhere that another device of the author's could be led to.
    waiting = stranger.get(link)
    assert waiting.status_code == 200
    assert "A moderator reads it before it appears." in waiting.content.decode()
    assert "The boat is booked" not in waiting.content.decode()
    actions.release_comment(actor=make.moderator(), comment=comment)

    assert stranger.get(link)["Location"] == reverse("comments-permalink", args=[comment.pk])
    assert stranger.post(link).status_code == 302
    assert Comment.objects.count() == 1


def test_broken_link_says_so(browser):
    assert browser.get(reverse("comments-confirm", args=["cut-sho"])).status_code == 404
    assert browser.post(reverse("comments-confirm", args=["cut-sho"])).status_code == 410


# Nothing typed is lost


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"name": ""}, "id_name"),
        ({"email": "nobody"}, "id_email"),
        ({"comment": ""}, "id_comment"),
        ({"comment": "x" * 10_001}, "id_comment"),
        ({"consent": "perhaps"}, "id_consent"),
        ({"name": "R\u2028W"}, "id_name"),
        ({"is_role_shown": "True", "role": ""}, "id_role"),
        ({"is_role_shown": "True", "consent": "named"}, "id_consent"),
    ],
)
def test_mistake_is_shown_beside_its_field_and_the_rest_is_kept(page, browser, wrong, place):
    answer = post(browser, page, **wrong)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#{place}"' in html
    assert f'id="{place}_error"' in html
    for name, text in typed(page).items():
        if name in ("name", "email", "role", "comment") and name not in wrong:
            assert text in html
    assert PendingComment.objects.count() == 0


@pytest.mark.parametrize(
    "trouble",
    [
        {"timestamp": "1000000000"},
        {"timestamp": "x"},
        {"security_hash": "0" * 64},
        {"security_hash": ""},
        {"honeypot": "https://example.org"},
        {"content_type": "x"},
    ],
)
def test_trouble_with_the_form_itself_keeps_the_text_and_can_be_mended(page, browser, trouble):
    answer = post(browser, page, **trouble)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "The boat is booked until spring." in html
    fresh = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))
    again = browser.post(reverse("comments-post-comment"), {**typed(page), **fresh})
    assert again.status_code == 302


def test_script_is_told_the_place_of_the_comment(page, client):
    client.force_login(make.member())
    browser_with_script = {"accept": "application/json, text/html;q=0.9"}

    good = client.post(reverse("comments-post-comment"), typed(page), headers=browser_with_script)
    bad = client.post(reverse("comments-post-comment"), {**typed(page), "comment": ""}, headers=browser_with_script)

    assert good.json() == {"place": f"{page.url}#comment-{Comment.objects.get().pk}"}
    assert (bad.status_code, bad.headers["content-type"]) == (422, "text/html; charset=utf-8")


def test_preview_shows_the_comment_and_posts_nothing(page, browser):
    answer = post(browser, page, preview="1", comment="So *much* to say.\n\n- one\n- two")

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "So <em>much</em> to say." in html
    assert "<li>two</li>" in html
    assert "So *much* to say." in html
    assert PendingComment.objects.count() == 0


def test_preview_shows_the_words_as_they_will_be_kept(page, browser):
    answer = post(browser, page, preview="1", comment="The \u202elift\u202c first.")

    shown = answer.content.decode().partition("<form")[0]
    assert "The lift first." in shown


def test_closed_discussion_gives_the_text_back(page, browser):
    values = typed(page)
    page.discussion_override = "closed"
    page.save()

    answer = browser.post(reverse("comments-post-comment"), values)

    assert answer.status_code == 422
    assert "The boat is booked until spring." in answer.content.decode()


def test_reply_to_a_comment_that_is_gone_gives_the_text_back(page, browser):
    parent = make.comment(page)
    actions.hide_comment(actor=make.moderator(), comment=parent, reason="Advertising")

    answer = post(browser, page, reply_to=str(parent.pk))

    assert answer.status_code == 422
    assert "The boat is booked until spring." in answer.content.decode()
    assert "no longer there" in answer.content.decode()


@pytest.mark.parametrize("number", ["", "x", "999999", "1" * 30])
def test_page_that_is_not_there_gives_the_text_back(page, browser, number):
    answer = post(browser, page, object_pk=number, comment="Two boats, <three> oars.")

    assert answer.status_code == 404
    assert "Two boats, &lt;three&gt; oars.</textarea>" in answer.content.decode()
    assert "is not there any more" in answer.content.decode()


@pytest.mark.parametrize("kind", ["events.eventpage", "news.postpage", "nonsense", "a.b.c", ""])
def test_form_that_names_another_kind_of_page_is_stale_and_keeps_the_text(page, browser, kind):
    answer = post(browser, page, content_type=kind)

    assert answer.status_code == 422
    assert "The boat is booked until spring." in answer.content.decode()


def test_form_to_reply_begins_in_the_text_and_the_one_below_a_page_does_not(page, browser):
    parent = make.comment(page)

    assert re.search(
        r"<textarea[^>]*\bautofocus\b", browser.get(reverse("comments-xtd-reply", args=[parent.pk])).content.decode()
    )
    assert "autofocus" not in seen(page)


def test_reply_to_what_was_there_offers_a_comment_instead(page, browser):
    parent, never_seen = make.comment(page), make.comment(page)
    actions.hide_comment(actor=make.moderator(), comment=parent, reason="Advertising")
    Comment.objects.filter(pk=never_seen.pk).update(state="held", is_listed=False)

    answer = browser.get(reverse("comments-xtd-reply", args=[parent.pk]))

    html = answer.content.decode()
    assert answer.status_code == 404
    assert "no longer there" in html
    assert 'name="reply_to" value="0"' in html
    assert f'data-draft="{page.pk}-{parent.pk}"' in html
    assert parent.body not in html
    unknown = browser.get(reverse("comments-xtd-reply", args=[never_seen.pk]))
    assert (unknown.status_code, "comment-form" in unknown.content.decode()) == (404, False)


@pytest.mark.parametrize("number", ["999999", "-1", "x", "1" * 30, "1.5"])
def test_nonsense_for_a_parent_is_no_error_of_ours(page, browser, number):
    assert post(browser, page, reply_to=number).status_code == 422


def test_fourth_letter_is_refused_with_the_text_kept(page, browser):
    for number in range(3):
        post(browser, page, comment=f"Thought {number}")

    answer = post(browser, page, comment="Thought 4")

    assert answer.status_code == 429
    assert "Thought 4" in answer.content.decode()
    assert len(mail.outbox) == 3


def test_fourth_letter_is_refused_however_the_domain_is_spelled(page, browser):
    spelled = ["exämple.org", "xn--exmple-cua.org", "EXÄMPLE.org", "\uff45xämple.org"]

    answers = [
        post(browser, page, email=f"victim@{domain}", comment=f"Thought {number}")
        for number, domain in enumerate(spelled)
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert "Thought 3" in answers[3].content.decode()
    assert {letter.to[0] for letter in mail.outbox} == {"victim@xn--exmple-cua.org"}
    assert set(PendingComment.objects.values_list("email", flat=True)) == {"victim@xn--exmple-cua.org"}
    follow = reverse("comments-follow", args=[page.pk])
    assert browser.post(follow, {"email": "victim@exämple.org", "frequency": "weekly"}).status_code == 429


def test_address_that_no_mail_reaches_is_refused_with_the_text_kept(page, browser):
    answer = post(browser, page, email="ſam@example.org", comment="Thought 1")

    assert answer.status_code == 422
    assert "No e-mail can be sent to this address." in answer.content.decode()
    assert "Thought 1" in answer.content.decode()
    follow = reverse("comments-follow", args=[page.pk])
    answer = browser.post(follow, {"email": "ſam@example.org", "frequency": "weekly"})
    assert answer.status_code == 422
    assert "No e-mail can be sent to this address." in answer.content.decode()


# Posting from an account


def test_signed_in_person_comments_at_once(page, browser):
    browser.force_login(make.member())

    answer = post(browser, page)

    comment = Comment.objects.get()
    assert comment.state == CommentState.PUBLISHED
    assert answer["Location"] == f"{page.url}#comment-{comment.pk}"
    assert mail.outbox == []


def test_account_that_floods_is_stopped_with_the_text_kept(page, browser):
    browser.force_login(make.member())
    for number in range(6):
        assert post(browser, page, comment=f"Thought {number}").status_code == 302

    answer = post(browser, page, comment="Thought 6")
    again = post(browser, page, comment="Thought 5")

    assert answer.status_code == 429
    assert "Thought 6" in answer.content.decode()
    assert "six comments within a minute" in answer.content.decode()
    assert again.status_code == 302
    assert Comment.objects.count() == 6
    browser.force_login(make.member())
    assert post(browser, page, comment="Somebody else's thought").status_code == 302


def test_accounts_say_forty_things_an_hour_and_staff_and_facilitators_more(browser):
    facilitator, member, editor = make.member(), make.member(), make.member(EDITORS)
    page = make.proposition_page(facilitator=facilitator)
    codes = []
    for actor in (facilitator, member, editor):
        for _ in range(40):
            actions.PER_ACCOUNT_AND_HOUR.take(author_key_of_user(actor))
        browser.force_login(actor)
        codes.append(post(browser, page, comment="One more").status_code)

    assert codes == [302, 429, 302]


def test_what_made_nothing_counts_against_no_account(page, browser):
    browser.force_login(make.member())
    gone = make.comment(page)
    actions.hide_comment(actor=make.moderator(), comment=gone, reason="Advertising")
    for _ in range(7):
        assert post(browser, page, comment="Pressed again.").status_code == 302
        assert post(browser, page, comment="To nobody.", reply_to=str(gone.pk)).status_code == 422
    assert Comment.objects.filter(comment="Pressed again.").count() == 1

    answers = [post(browser, page, comment=f"Thought {number}").status_code for number in range(5)]

    assert answers == [302] * 5


def test_reply_form_shows_what_is_replied_to(page, browser):
    parent = make.comment(page, body="Nets are mended here.")

    html = browser.get(reverse("comments-xtd-reply", args=[parent.pk])).content.decode()

    assert "Nets are mended here." in html
    assert f'name="reply_to" value="{parent.pk}"' in html


# Where nothing may be seen


def test_held_comment_is_not_found_by_others(page, browser):
    said = make.comment(page)
    actions.hold_comment(actor=make.moderator(), comment=said)
    Comment.objects.update(is_listed=False)

    for name in ("comments-permalink", "comments-xtd-reply", "comments-flag", "comments-edit", "comments-withdraw"):
        assert browser.get(reverse(name, args=[said.pk])).status_code == 404
    assert browser.post(reverse("comments-support", args=[said.pk])).status_code == 404


def test_page_that_is_not_published_takes_no_comment(page, browser):
    values = typed(page)
    page.unpublish()

    assert browser.post(reverse("comments-post-comment"), values).status_code == 404


def test_page_with_a_restriction_takes_no_comment_from_outside(page, browser):
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    assert post(browser, page).status_code == 404
    browser.force_login(make.member())
    assert post(browser, page).status_code == 302


def test_forms_from_other_sites_are_refused(page):
    stranger = Client(enforce_csrf_checks=True, headers={"origin": "https://elsewhere.example"})
    silent = Client(enforce_csrf_checks=True)

    assert post(stranger, page).status_code == 403
    assert post(silent, page).status_code == 403
    assert PendingComment.objects.count() == 0


@pytest.mark.parametrize(
    "name", ["comments-xtd-mute", "comments-xtd-api-create", "comments-approve", "comments-delete", "comments-xtd-like"]
)
def test_routes_of_the_library_that_ours_replace_are_not_mounted(name):
    for arguments in ([], [1], ["x"]):
        with pytest.raises(NoReverseMatch):
            reverse(name, args=arguments)


def modules_of_views(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from modules_of_views(pattern.url_patterns)
        else:
            yield pattern.callback.__module__


def test_no_address_leads_into_the_library():
    library = ("django_comments", "rest_framework")
    theirs = list(modules_of_views(get_resolver("django_comments_xtd.urls").url_patterns))
    ours = list(modules_of_views(get_resolver().url_patterns))

    assert len([module for module in theirs if module.startswith(library)]) > 10
    assert "discussion.views" in ours
    assert [module for module in ours if module.startswith(library)] == []


def test_reading_sets_no_cookie(page, browser):
    said = make.comment(page)

    for name in ("comments-xtd-reply", "comments-flag", "comments-permalink"):
        browser.get(reverse(name, args=[said.pk]))

    assert dict(browser.cookies) == {}


# One's own


def test_author_edits_and_withdraws_from_the_browser_it_came_from(page, browser):
    post(browser, page)
    browser.post(reverse("comments-confirm", args=[make.token_in_mail()]))
    said = Comment.objects.get()

    browser.post(reverse("comments-edit", args=[said.pk]), {"comment": "Booked until summer."})
    said.refresh_from_db()
    assert said.body == "Booked until summer."

    stranger = Client(headers={"origin": "http://testserver"})
    assert stranger.post(reverse("comments-edit", args=[said.pk]), {"comment": "x"}).status_code == 404
    browser.post(reverse("comments-withdraw", args=[said.pk]))
    said.refresh_from_db()
    assert said.state == CommentState.WITHDRAWN


@pytest.mark.parametrize("was_seen", [True, False])
def test_author_who_withdraws_is_told_so_also_when_pressed_twice(page, browser, was_seen):
    author = make.member()
    said = make.comment(page, actor=author, body="Said too quickly.")
    if not was_seen:
        Comment.objects.filter(pk=said.pk).update(state="held", is_listed=False)
    browser.force_login(author)
    address = reverse("comments-withdraw", args=[said.pk])

    for _ in range(2):
        shown = browser.post(address, follow=True)
        assert shown.status_code == 200
        html = shown.content.decode()
        assert ("You have withdrawn this comment." if was_seen else "You have withdrawn your comment") in html
        assert "Said too quickly." not in html

    assert Client().get(address).status_code == 404


def test_edit_that_fails_keeps_the_text(page, browser):
    browser.force_login(make.member())
    post(browser, page)
    said = Comment.objects.get()

    answer = browser.post(reverse("comments-edit", args=[said.pk]), {"comment": "y" * 10_001})

    assert answer.status_code == 422
    assert "y" * 10_001 in answer.content.decode()


# Support and flags


def test_support_from_a_browser_counts_once_and_is_taken_back(page, browser):
    said = make.comment(page)
    address = reverse("comments-support", args=[said.pk])

    browser.post(address)
    browser.post(address)
    assert Support.objects.count() == 1
    assert 'aria-pressed="true"' in seen(page, browser)

    browser.post(address, {"take_back": "1"})
    said.refresh_from_db()
    assert said.support_count == 0


@pytest.fixture
def few_new_devices(monkeypatch):
    monkeypatch.setattr(actions, "NEW_DEVICES_PER_NETWORK_AND_HOUR", Limit("test", most=3, seconds=3600))


@pytest.mark.parametrize("token", ["", "made-up"])
@pytest.mark.parametrize("name", ["comments-support", "comments-flag"])
def test_voices_of_new_browsers_are_counted_for_their_network(page, few_new_devices, token, name):
    said = make.comment(page)

    def speak(place, **headers):
        stranger = Client(headers={"origin": "http://testserver"}, REMOTE_ADDR="192.0.2.7")
        if token:
            stranger.cookies[cookie_name()] = f"{place:043d}"
        return stranger.post(reverse(name, args=[said.pk]), **headers)

    codes = [speak(place).status_code for place in range(5)]

    assert codes == [302, 302, 302, 429, 429]
    refused = speak(5).content.decode()
    assert "Very many people have supported or flagged from this network" in refused
    assert speak(6, REMOTE_ADDR="192.0.2.8").status_code == 302
    said.refresh_from_db()
    assert said.support_count + said.flag_count == 4


def test_known_browsers_and_accounts_speak_from_a_full_network(page, browser, few_new_devices):
    comments = [make.comment(page) for _ in range(6)]
    for said in comments:
        assert browser.post(reverse("comments-support", args=[said.pk])).status_code == 302
    member = Client(headers={"origin": "http://testserver"})
    member.force_login(make.member())
    for said in comments:
        assert member.post(reverse("comments-support", args=[said.pk])).status_code == 302

    assert set(Comment.objects.values_list("support_count", flat=True)) == {2}


def test_hall_of_five_hundred_supports_from_one_network():
    assert all(actions.NEW_DEVICES_PER_NETWORK_AND_HOUR.take("a-hall") for _ in range(500))


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::8", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("", "", True),
    ],
)
def test_network_is_what_one_customer_has(first, second, is_same):
    keys = [network_key(RequestFactory().get("/", REMOTE_ADDR=address)) for address in (first, second)]

    assert (keys[0] == keys[1]) is is_same


def test_flag_asks_first_and_then_reaches_the_moderators(page, browser):
    said = make.comment(page)
    address = reverse("comments-flag", args=[said.pk])

    assert browser.get(address).status_code == 200
    said.refresh_from_db()
    assert said.flag_count == 0
    browser.post(address, {"reason": "Advertising"}, follow=True)

    said.refresh_from_db()
    assert said.flag_count == 1
