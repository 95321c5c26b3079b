"""What is kept for a time is gone when it is over, and the privacy page says the same."""

import datetime
import ipaddress
import re
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from discussion.models import Comment, ConfirmationMail, Contact, Follow, MentionNotice, PendingComment
from live.actions.joining import hash_of_token
from live.models import LiveSession, Participant
from people import roles
from people.keys import network_key_as_address
from people.models import Person, PersonalLink, User
from people.retention import forget_what_is_old, rules
from tests.factories import live as make_live
from tests.factories.discussion import comment, member, pending, proposition_page

pytestmark = pytest.mark.django_db


def ago(days: float) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=days)


def forget(*options: str) -> str:
    said = StringIO()
    call_command("forget", *options, stdout=said)
    return said.getvalue()


def begun_account(**fields) -> User:
    user = User.objects.create_user(f"begun{User.objects.count()}@example.org", **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True)
    return user


@pytest.fixture
def old():
    """One of each kind of thing that is kept for a time, older than it is kept."""
    page = proposition_page()
    said = comment(page, device_key="a" * 64)
    Comment.objects.filter(pk=said.pk).update(created_at=ago(366))
    pending(page)
    PendingComment.objects.update(created_at=ago(8))
    Contact.objects.create(author_key="nobody", email="gone@example.org", confirmed_at=ago(8))
    ConfirmationMail.objects.create(email_key="x", sent_at=ago(2))
    session = make_live.live_session(page)
    person = make_live.participant(session)
    LiveSession.objects.filter(pk=session.pk).update(state="closed", closed_at=ago(366))
    PersonalLink.objects.create(token_hash="x", email="gone@example.org", expires_at=ago(0.1))
    begun_account(date_joined=ago(8))
    Session.objects.create(session_key="ended", session_data="", expire_date=ago(1))
    UserSession.objects.create(
        user=member(), session_key="gone", ip="fd00::1", user_agent="Browser", last_seen_at=ago(20)
    )
    return {"page": page, "said": said, "participant": person}


def test_what_is_old_goes_and_going_again_finds_nothing(old):
    first = forget()
    again = forget()

    named = set(re.findall(r"^\d+ went: (.+)\.$", first, re.MULTILINE))
    assert named >= {
        "unconfirmed comments",
        "devices of comments",
        "counts of letters",
        "devices of live sessions",
        "links to what is kept",
        "ended sign-ins",
        "accounts never confirmed",
    }
    assert again == "Nothing is old enough to be forgotten.\n"
    assert not PendingComment.objects.exists()
    assert not Contact.objects.filter(author_key="nobody").exists()
    assert not PersonalLink.objects.exists()
    assert not UserSession.objects.exists()
    assert Comment.objects.get(pk=old["said"].pk).device_key == ""
    assert Comment.objects.get(pk=old["said"].pk).body == old["said"].body
    participant = Participant.objects.get(pk=old["participant"].pk)
    assert participant.token_hash != hash_of_token(old["participant"].device_token)
    assert participant.author_key == old["participant"].author_key


def test_trial_says_the_same_and_changes_nothing(old):
    would = forget("--try")

    assert PendingComment.objects.exists()
    assert would.replace("would go", "went") == forget()


def test_what_is_younger_stays():
    page = proposition_page()
    said = comment(page, device_key="a" * 64)
    waiting = pending(page, network_key="n" * 64)
    person = make_live.participant(make_live.live_session(page))
    account = begun_account()

    gone = forget_what_is_old(moment=timezone.now() + datetime.timedelta(days=6))
    said.refresh_from_db()
    waiting.refresh_from_db()
    person.refresh_from_db()

    # What counts letters is of no use after a day.
    assert {name for name, count in gone.items() if count} <= {"counts of letters"}
    assert said.device_key == "a" * 64
    assert waiting.network_key == "n" * 64
    assert person.token_hash == hash_of_token(person.device_token)
    assert User.objects.filter(pk=account.pk).exists()


def test_installation_may_keep_things_for_a_shorter_time(settings):
    settings.KEEP_DAYS = {**settings.KEEP_DAYS, "network_keys": 3}
    waiting = pending(proposition_page(), network_key="n" * 64)
    PendingComment.objects.update(created_at=ago(4))
    Follow.objects.update(created_at=ago(4))
    MentionNotice.objects.update(received_at=ago(4))

    gone = forget_what_is_old()
    waiting.refresh_from_db()

    assert gone["network addresses"] == 1
    assert waiting.network_key == ""


@pytest.mark.parametrize("what", ["role", "staff", "confirmed", "signed in", "profile"])
def test_account_that_means_something_is_never_taken_for_one_that_was_begun(what):
    user = begun_account(date_joined=ago(400), is_staff=what == "staff")
    if what == "role":
        user.groups.add(member(roles.EDITORS).groups.get())
    if what == "confirmed":
        EmailAddress.objects.filter(user=user).update(verified=True)
    if what == "signed in":
        User.objects.filter(pk=user.pk).update(last_login=ago(300))
    if what == "profile":
        Person.objects.create(name="Maud Penrose", slug="maud-penrose", user=user)

    forget_what_is_old()

    assert User.objects.filter(pk=user.pk).exists()


def test_every_rule_has_a_setting_or_says_its_end():
    for rule in rules():
        assert rule.sentence
        assert rule.how_long
    assert {"unconfirmed", "network_keys", "device_keys"} <= set(settings.KEEP_DAYS)


# Network addresses


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_sign_in_keeps_a_keyed_hash_of_the_network_address(address):
    user = member()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    browser = Client(headers={"origin": "http://testserver"}, REMOTE_ADDR=address)
    browser.post("/accounts/login/", {"login": user.email})
    code = re.search(r"^ {4}(\S+)$", mail.outbox[-1].body, re.MULTILINE)[1]
    browser.post("/accounts/login/code/confirm/", {"code": code})

    kept = UserSession.objects.get(user=user).ip

    assert kept == network_key_as_address(address)
    assert ipaddress.ip_address(kept) in ipaddress.ip_network("fd00::/8")
    assert kept not in browser.get("/accounts/sessions/").text


def test_hash_of_a_network_address_tells_networks_apart_and_depends_on_the_key(settings):
    one = network_key_as_address("192.0.2.7")

    assert one == network_key_as_address("192.0.2.7") != network_key_as_address("192.0.2.8")
    assert network_key_as_address("2001:db8::7") == network_key_as_address("2001:db8::8")
    settings.SECRET_KEY = "another-key-than-before-0123456789abcdefghij"
    assert network_key_as_address("192.0.2.7") != one


def test_letters_about_an_account_name_no_network_address():
    text = (settings.BASE_DIR / "templates" / "account" / "email" / "base_notification.txt").read_text()

    assert "{{ ip" not in text
