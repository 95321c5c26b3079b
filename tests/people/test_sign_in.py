"""Signing in: a code by e-mail, in the site's own words, on the site's own pages."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp_auth
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content.models import Letter
from people import roles
from people.models import User
from tests.factories.discussion import member

pytestmark = pytest.mark.django_db

ACCOUNT_PAGES = [
    "/accounts/email/",
    "/accounts/logout/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/sessions/",
    "/accounts/3rdparty/",
    "/accounts/inactive/",
]


@pytest.fixture
def strict_client() -> Client:
    """A browser that sends its origin, on a site that checks where forms come from."""
    return Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})


@pytest.fixture
def user() -> User:
    user = User.objects.create_user("maud.penrose@example.org")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def code_sent() -> str:
    found = re.search(r"^ {4}(\S+)$", mail.outbox[-1].body, re.MULTILINE)
    assert found
    return found[1]


def sign_in(client: Client, user: User, to: str = "/people/") -> None:
    client.post("/accounts/login/", {"login": user.email, "next": to})
    client.post("/accounts/login/code/confirm/", {"code": code_sent(), "next": to})


def test_organiser_adds_somebody_without_a_password(client):
    client.force_login(member(roles.ORGANISERS))
    address = reverse("wagtailusers_users:add")

    form = client.get(address).text
    client.post(address, {"email": "new@example.org", "first_name": "Nia", "last_name": "Ward"})

    assert "password" not in form.split("<main")[-1].lower()
    assert not User.objects.get(email="new@example.org").check_password("")


def test_sign_in_page_sets_no_cookie(strict_client):
    answer = strict_client.get("/accounts/login/")

    assert answer.status_code == 200
    assert answer.cookies == {}


def test_sign_in_leads_where_the_reader_was_going(strict_client, user):
    asked = strict_client.post("/accounts/login/", {"login": user.email, "next": "/people/"})
    page = strict_client.get(asked["location"])
    answer = strict_client.post(
        "/accounts/login/code/confirm/", {"code": code_sent(), "next": page.context["redirect_field_value"]}
    )

    assert (answer.status_code, answer["location"]) == (302, "/people/")
    assert strict_client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_sign_in_leads_to_no_other_site(strict_client, user, elsewhere):
    sign_in(strict_client, user, elsewhere)

    answer = strict_client.get("/accounts/login/", {"next": elsewhere})

    assert strict_client.session["_auth_user_id"] == str(user.pk)
    assert answer["location"] == "/mine/"


def test_sign_in_answers_the_same_for_an_unknown_address(client, user):
    known = client.post("/accounts/login/", {"login": user.email})
    unknown = Client().post("/accounts/login/", {"login": "nobody@example.org"})

    assert (unknown.status_code, unknown["location"]) == (known.status_code, known["location"])
    assert [message.subject for message in mail.outbox][1] == "No account for this address"


def test_wrong_code_is_told_beside_its_field(strict_client, user):
    strict_client.post("/accounts/login/", {"login": user.email})

    answer = strict_client.post("/accounts/login/code/confirm/", {"code": "WRNG-CODE"})

    assert 'aria-invalid="true"' in answer.text
    assert 'id="id_code_error"' in answer.text


def test_code_is_good_for_a_quarter_of_an_hour_and_three_tries(strict_client, user, monkeypatch):
    strict_client.post("/accounts/login/", {"login": user.email})
    late = time.time() + 14 * 60
    monkeypatch.setattr(time, "time", lambda: late)
    for _ in range(2):
        strict_client.post("/accounts/login/code/confirm/", {"code": "WRNG-CODE"})

    strict_client.post("/accounts/login/code/confirm/", {"code": code_sent()})

    assert strict_client.session["_auth_user_id"] == str(user.pk)
    other = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    other.post("/accounts/login/", {"login": user.email})
    for _ in range(3):
        refused = other.post("/accounts/login/code/confirm/", {"code": "WRNG-CODE"})
    other.post("/accounts/login/code/confirm/", {"code": code_sent()})
    assert refused["location"] == "/accounts/login/code/"
    assert "_auth_user_id" not in other.session


def test_another_code_is_sent_alike_to_known_and_unknown_addresses(user):
    answers = []
    for email in (user.email, "nobody@example.org"):
        client = Client(headers={"origin": "http://testserver"})
        client.post("/accounts/login/", {"login": email})
        again = client.post("/accounts/login/code/confirm/", {"action": "resend"})
        page = client.get("/accounts/login/code/confirm/")
        answers.append((again.status_code, page.status_code, "Send another code" in page.text))

    assert answers[0] == answers[1]
    assert answers[0][2]
    assert [message.to for message in mail.outbox] == [[user.email], [user.email], ["nobody@example.org"]]


def test_a_room_signs_in_from_one_address(user):
    for number in range(40):
        answer = Client().post("/accounts/login/", {"login": f"guest{number}@example.org"})
        assert answer.status_code == 302


@pytest.mark.django_db(transaction=True)
def test_whoever_sets_up_an_app_reads_the_recovery_codes_at_once(strict_client, user):
    sign_in(strict_client, user)
    form = strict_client.get("/accounts/2fa/totp/activate/").context["form"]
    code = totp_auth.format_hotp_value(
        totp_auth.hotp_value(form.secret, next(totp_auth.yield_hotp_counters_from_time()))
    )

    codes = strict_client.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)

    assert codes.redirect_chain[-1][0] == "/accounts/2fa/recovery-codes/"
    assert "10 of 10 are unused" in codes.text


def test_account_is_made_by_confirming_a_code(strict_client):
    strict_client.post("/accounts/signup/", {"email": "tessa.lorne@example.org"})
    strict_client.post("/accounts/confirm-email/", {"code": code_sent()})

    user = User.objects.get(email="tessa.lorne@example.org")

    assert strict_client.session["_auth_user_id"] == str(user.pk)
    assert EmailAddress.objects.get(user=user).verified


def test_letters_end_with_the_name_of_the_site(strict_client, user):
    strict_client.post("/accounts/login/", {"login": user.email})

    assert mail.outbox[-1].body.splitlines()[-3:] == ["--", "Summit", "http://localhost:8000"]


@pytest.mark.parametrize("address", ACCOUNT_PAGES)
def test_account_pages_stand_in_the_frame_of_the_site(strict_client, user, address):
    sign_in(strict_client, user)

    answer = strict_client.get(address)

    assert answer.status_code == 200
    assert 'class="site-header"' in answer.text
    assert " style=" not in answer.text


def test_form_from_another_site_is_refused_in_our_words(user):
    client = Client(enforce_csrf_checks=True, headers={"origin": "https://evil.example"})

    answer = client.post("/accounts/login/", {"login": user.email})

    assert answer.status_code == 403
    assert "The form was not sent" in answer.text
    assert mail.outbox == []


def test_unknown_address_is_answered_in_our_words(client):
    answer = client.get("/no/such/page/")

    assert answer.status_code == 404
    assert "There is no page here" in answer.text


def test_second_step_is_asked_for_and_told_apart(strict_client, user):
    secret = totp_auth.generate_totp_secret()
    totp_auth.TOTP.activate(user, secret)
    recovery = RecoveryCodes.activate(user)

    strict_client.post("/accounts/login/", {"login": user.email})
    asked = strict_client.post("/accounts/login/code/confirm/", {"code": code_sent()}, follow=True)
    code = totp_auth.format_hotp_value(totp_auth.hotp_value(secret, next(totp_auth.yield_hotp_counters_from_time())))
    token = asked.context["csrf_token"]
    answer = strict_client.post("/accounts/2fa/authenticate/", {"code": code, "csrfmiddlewaretoken": token})

    assert "One more step" in asked.text
    assert answer.status_code == 302
    assert strict_client.session["_auth_user_id"] == str(user.pk)
    assert "unused code" in strict_client.get("/accounts/2fa/").text

    asked_again = strict_client.get("/accounts/2fa/recovery-codes/", follow=True)
    codes = strict_client.post(
        asked_again.redirect_chain[-1][0],
        {"code": recovery.get_unused_codes()[0], "csrfmiddlewaretoken": asked_again.context["csrf_token"]},
        follow=True,
    )

    assert "Show that it is you" in asked_again.text
    assert "9 of 10 are unused" in codes.text
    assert recovery.get_unused_codes()[-1] in codes.text


def test_signing_in_goes_on_while_the_mail_server_is_away(strict_client, user, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)

    answer = strict_client.post("/accounts/login/", {"login": user.email})

    assert (answer.status_code, answer.url) == (302, "/accounts/login/code/confirm/")
    assert Letter.objects.get().to == user.email


# Guessing, and learning who has an account


def test_third_wrong_code_ends_the_attempt(strict_client, user):
    strict_client.post("/accounts/login/", {"login": user.email})
    right = code_sent()
    for _ in range(3):
        strict_client.post("/accounts/login/code/confirm/", {"code": "WRNG-CODE"})

    strict_client.post("/accounts/login/code/confirm/", {"code": right})

    assert "_auth_user_id" not in strict_client.session


def test_ten_thousand_guesses_for_one_address_are_refused_before_they_are_many(user, settings):
    """Each attempt needs a letter of its own, and letters to one address run out."""
    cache.clear()
    guesses = 0
    for number in range(60):
        client = Client(headers={"origin": "http://testserver"}, REMOTE_ADDR=f"192.0.2.{number}")
        if client.post("/accounts/login/", {"login": user.email}).status_code == 429:
            continue
        for _ in range(10):
            answer = client.post("/accounts/login/code/confirm/", {"code": "WRNG-CODE"})
            guesses += answer.status_code == 200

    assert len(mail.outbox) <= 10
    assert guesses <= 3 * 10
    cache.clear()


def test_session_has_another_key_once_somebody_has_signed_in(strict_client, user):
    strict_client.post("/accounts/login/", {"login": user.email})
    before = strict_client.session.session_key
    strict_client.post("/accounts/login/code/confirm/", {"code": code_sent()})

    assert before
    assert strict_client.session.session_key != before
    assert not strict_client.session.exists(before)


def test_known_and_unknown_address_cost_the_same(user):
    def cost(email: str) -> int:
        client = Client(headers={"origin": "http://testserver"})
        with CaptureQueriesContext(connection) as asked:
            client.post("/accounts/login/", {"login": email})
        return len(asked)

    cost("warm.up@example.org")

    assert abs(cost(user.email) - cost("nobody@example.org")) <= 2
