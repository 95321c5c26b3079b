"""Signing in with an account elsewhere: what a server is believed, and what it never is."""

import base64
import hashlib
import json
import threading
import time
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp_auth
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from environ import Env

from people import roles
from people.models import User
from people.personal import everything_about, subject_of_user
from summit.elsewhere import apps_of
from tests.factories.discussion import member

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/oidc/harbour/login/"
CALLBACK = "/accounts/oidc/harbour/login/callback/"


class Harbour(ThreadingHTTPServer):
    """A server that speaks OpenID Connect, and says of whoever comes what a test wants it to say."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.claims: dict[str, Any] = {}
        self.asked: dict[str, list[str]] = {}
        self.challenge = ""


class Answers(BaseHTTPRequestHandler):
    server: Harbour

    def do_GET(self) -> None:
        if self.path == "/.well-known/openid-configuration":
            self.answer(
                {
                    "issuer": self.server.address,
                    "authorization_endpoint": f"{self.server.address}/authorise",
                    "token_endpoint": f"{self.server.address}/token",
                    "userinfo_endpoint": f"{self.server.address}/userinfo",
                    "jwks_uri": f"{self.server.address}/keys",
                }
            )
        else:
            self.answer(self.server.claims)

    def do_POST(self) -> None:
        self.server.asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        said = {"iss": self.server.address, "aud": "summit", "exp": time.time() + 60, **self.server.claims}
        self.answer({"access_token": "good", "token_type": "Bearer", "id_token": jwt.encode(said, "k" * 32)})

    def answer(self, words: dict[str, Any]) -> None:
        body = json.dumps(words).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def harbour(settings):
    with Harbour() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        named = Env()
        named.ENVIRON = {
            "SUMMIT_HARBOUR_CLIENT_ID": "summit",
            "SUMMIT_HARBOUR_SECRET": "whisper",
            "SUMMIT_HARBOUR_SERVER": f"{server.address}/",
            "SUMMIT_HARBOUR_LABEL": "Harbour Office",
        }
        apps = apps_of(named, ["harbour"])
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def strict_client() -> Client:
    return Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})


def person_at_harbour(**claims):
    return {"sub": "4711", "email": "maud@example.org", "email_verified": True, "name": "Maud Penrose", **claims}


def go_and_come_back(client: Client, harbour: Harbour, claims: dict[str, Any], process: str = "login"):
    harbour.claims = claims
    form = {"csrfmiddlewaretoken": client.get("/accounts/email/").context["csrf_token"]} if process == "connect" else {}
    onward = client.post(f"{LOGIN}?process={process}&next=/people/", form)
    query = parse_qs(urlsplit(onward.context["address"]).query)
    harbour.challenge = query["code_challenge"][0]
    return client.get(CALLBACK, {"code": "good", "state": query["state"][0]})


def signed_in(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def account(*role: str, email: str = "maud@example.org") -> User:
    user = member(*role)
    user.email = email
    user.save()
    EmailAddress.objects.update_or_create(user=user, defaults={"email": email, "primary": True, "verified": True})
    return user


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/"])
def test_button_is_there_only_where_a_server_is_named(client, harbour, settings, address):
    named = client.get(address).text
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}

    assert "Go on with Harbour Office" in named
    assert "elsewhere" not in client.get(address).text
    assert client.post(LOGIN).status_code == 404


def test_way_there_is_a_page_and_not_an_answer_to_the_form(strict_client, harbour):
    answer = strict_client.post(f"{LOGIN}?process=login&next=/people/")

    asked = urlsplit(answer.context["address"])
    query = parse_qs(asked.query)
    assert answer.status_code == 200
    assert f"{asked.scheme}://{asked.netloc}{asked.path}" == f"{harbour.address}/authorise"
    assert (query["client_id"], query["code_challenge_method"]) == (["summit"], ["S256"])
    assert query["redirect_uri"] == [f"http://testserver{CALLBACK}"]
    assert f'content="0;url={answer.context["address"]}"' in unescape(answer.text)


def test_form_from_another_site_leads_nowhere(harbour):
    client = Client(enforce_csrf_checks=True, headers={"origin": "https://evil.example"})

    assert client.post(LOGIN).status_code == 403


def test_confirmed_new_address_makes_an_account_without_a_role(strict_client, harbour):
    answer = go_and_come_back(strict_client, harbour, person_at_harbour(picture="https://elsewhere.example/face.jpg"))

    user = User.objects.get()
    known = SocialAccount.objects.get()
    assert (answer.status_code, answer["location"]) == (302, "/people/")
    assert signed_in(strict_client) == str(user.pk)
    assert (user.email, user.get_full_name(), user.groups.count()) == ("maud@example.org", "Maud Penrose", 0)
    assert EmailAddress.objects.get().verified
    assert (known.provider, known.uid, known.extra_data) == (
        "harbour",
        "4711",
        {"userinfo": {"email": "maud@example.org"}},
    )


def test_code_is_of_use_only_to_the_browser_that_asked(strict_client, harbour):
    go_and_come_back(strict_client, harbour, person_at_harbour())

    digest = hashlib.sha256(harbour.asked["code_verifier"][0].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == harbour.challenge
    assert harbour.asked["client_secret"] == ["whisper"]


@pytest.mark.parametrize(
    "claims", [{"email_verified": False}, {"email_verified": "false"}, {"email_verified": None}, {"email": None}]
)
def test_address_that_nobody_has_confirmed_makes_nothing(strict_client, harbour, claims):
    answer = go_and_come_back(strict_client, harbour, person_at_harbour(**claims))

    assert "Sign in with a code first" in answer.text
    assert signed_in(strict_client) is None
    assert not User.objects.exists()
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("confirmed", [True, False])
@pytest.mark.parametrize("email", ["maud@example.org", "MAUD@Example.org"])
def test_address_of_an_organiser_opens_no_account(strict_client, harbour, confirmed, email):
    account(roles.ORGANISERS)

    answer = go_and_come_back(strict_client, harbour, person_at_harbour(email=email, email_verified=confirmed))

    assert "Sign in with a code first" in answer.text
    assert signed_in(strict_client) is None
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == 1
    assert mail.outbox == []


def test_account_elsewhere_that_was_added_opens_it_under_any_address(strict_client, harbour):
    user = account(roles.EDITORS)
    strict_client.force_login(user)
    added = go_and_come_back(strict_client, harbour, person_at_harbour(email="m@other.example"), "connect")
    strict_client.logout()

    answer = go_and_come_back(strict_client, harbour, person_at_harbour(email="m@other.example", email_verified=False))

    assert added.status_code == 302
    assert (answer.status_code, answer["location"]) == (302, "/people/")
    assert signed_in(strict_client) == str(user.pk)
    assert "An account elsewhere is added" in [message.subject for message in mail.outbox]
    assert everything_about(subject_of_user(user))["account"][0]["accounts elsewhere"] == [
        {"at": "harbour", "known there as": "4711", "email": "m@other.example"}
    ]


def test_second_factor_is_asked_for_all_the_same(strict_client, harbour):
    user = account(roles.ORGANISERS)
    totp_auth.TOTP.activate(user, totp_auth.generate_totp_secret())
    SocialAccount.objects.create(user=user, provider="harbour", uid="4711")

    answer = go_and_come_back(strict_client, harbour, person_at_harbour())

    assert (answer.status_code, answer["location"].partition("?")[0]) == (302, "/accounts/2fa/authenticate/")
    assert signed_in(strict_client) is None


def test_account_elsewhere_belongs_to_one_person(strict_client, harbour):
    SocialAccount.objects.create(user=account(email="somebody@example.org"), provider="harbour", uid="4711")
    strict_client.force_login(account())

    go_and_come_back(strict_client, harbour, person_at_harbour(), "connect")

    assert SocialAccount.objects.get().user.email == "somebody@example.org"
    assert "connected to somebody else here" in strict_client.get("/accounts/email/").text


def test_last_account_elsewhere_can_be_removed(strict_client, harbour):
    user = account()
    known = SocialAccount.objects.create(user=user, provider="harbour", uid="4711")
    strict_client.force_login(user)
    page = strict_client.get("/accounts/3rdparty/")

    form = {"account": known.pk, "csrfmiddlewaretoken": page.context["csrf_token"]}
    answer = strict_client.post("/accounts/3rdparty/", form)

    assert "Harbour Office" in page.text
    assert answer.status_code == 302
    assert not SocialAccount.objects.exists()


def test_account_at_a_server_that_is_named_no_more_is_left_out(strict_client, harbour):
    user = account()
    SocialAccount.objects.create(user=user, provider="lighthouse", uid="4711")
    strict_client.force_login(user)

    assert "No account elsewhere is connected." in strict_client.get("/accounts/3rdparty/").text


def test_name_from_elsewhere_is_kept_without_what_turns_the_text(strict_client, harbour):
    go_and_come_back(strict_client, harbour, person_at_harbour(name="", given_name="Ma\u202eud", family_name="P" * 400))

    assert User.objects.get().get_full_name() == f"Maud {'P' * 150}"


def test_answer_that_nobody_asked_for_signs_nobody_in(strict_client, harbour):
    harbour.claims = person_at_harbour()

    answer = strict_client.get(CALLBACK, {"code": "good", "state": "guessed"})

    assert "That did not work" in answer.text
    assert signed_in(strict_client) is None


def test_server_that_does_not_answer_is_told_in_our_words(strict_client, harbour, settings):
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:9"

    answer = strict_client.post(LOGIN)

    assert answer.status_code == 503
    assert "Harbour Office gave no answer that we can use." in answer.text


def test_whoever_stops_there_is_told_that_nothing_has_changed(strict_client, harbour):
    onward = strict_client.post(LOGIN)
    state = parse_qs(urlsplit(onward.context["address"]).query)["state"][0]

    answer = strict_client.get(CALLBACK, {"error": "access_denied", "state": state}, follow=True)

    assert "Nothing has changed." in answer.text


def test_known_server_needs_no_address_and_another_does():
    named = Env()
    named.ENVIRON = {"SUMMIT_GOOGLE_CLIENT_ID": "a", "SUMMIT_GOOGLE_SECRET": "b"}

    (google,) = apps_of(named, ["Google"])

    assert (google["name"], google["settings"]["server_url"]) == ("Google", "https://accounts.google.com")
    with pytest.raises(ImproperlyConfigured, match="names microsoft, which needs SUMMIT_MICROSOFT_CLIENT_ID and"):
        apps_of(named, ["microsoft"])
