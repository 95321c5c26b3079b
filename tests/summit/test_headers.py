"""What browsers are told: A+ by the rules of a maintained scanner, on every public page, with production's settings."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client, override_settings

from tests.factories.discussion import comment, member, proposition_page
from tests.factories.live import live_session
from tests.summit.observatory import score
from tests.summit.test_production import INHERITED, SAFE

NAMES = ("SECURE_", "SESSION_COOKIE_", "CSRF_COOKIE_", "X_FRAME_")
SHOW = """
import json
from summit.settings import production
print(json.dumps({name: value for name, value in vars(production).items() if name.startswith(%r)}))
"""


@pytest.fixture(scope="module")
def of_production(tmp_path_factory):
    """What the production settings say of headers and cookies, as an installation has them."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", SHOW % (NAMES,)],
        cwd=settings.BASE_DIR,
        env={**kept, **SAFE, "SUMMIT_VAR_DIR": str(tmp_path_factory.mktemp("var"))},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    found["SECURE_PROXY_SSL_HEADER"] = tuple(found["SECURE_PROXY_SSL_HEADER"])
    return found


@pytest.fixture
def encrypted(of_production):
    with override_settings(**of_production):
        yield {"secure": True, "HTTP_X_FORWARDED_PROTO": "https"}


def told(answer) -> tuple[int, dict[str, int]]:
    cookies = [morsel.OutputString() for morsel in answer.cookies.values()]
    return score(dict(answer.headers), cookies, answer.text)


@pytest.mark.django_db
def test_every_public_page_is_graded_a_plus(encrypted):
    page = proposition_page()
    said = comment(page)
    code = live_session(page).code
    addresses = [
        "/",
        page.url,
        page.event.url,
        said.get_absolute_url(),
        *("/search/?q=boat", "/people/", "/accessibility/", "/privacy/", "/my-data/", "/no/such/page/"),
        *("/accounts/login/", "/accounts/signup/", "/join/", f"/live/{code}/", f"/live/{code}/wall/"),
    ]
    client = Client()

    graded = {address: told(client.get(address, follow=True, **encrypted)) for address in addresses}

    # 100 is A+. Nothing takes a point away, and everything that can add some does.
    assert {address: found for address, found in graded.items() if found[0] < 125 or min(found[1].values()) < 0} == {}


@pytest.mark.django_db
def test_cookies_of_those_who_take_part_are_graded_a_plus(encrypted):
    page = proposition_page()
    session = live_session(page)
    client = Client(headers={"origin": "https://testserver"})
    joined = client.post(
        "/join/",
        {"code": session.code, "identity": "role", "name": "", "role": "Lock keeper", "consent": "role"},
        **encrypted,
    )
    client.force_login(member())
    account = client.get("/accounts/logout/", **encrypted)

    assert set(joined.cookies) == {"__Host-device"}
    assert told(joined)[1]["cookies"] == 5
    # Set by the test's own way of signing in, as the settings say.
    assert set(client.cookies) >= {"__Host-session"}
    for cookie in (*client.cookies.values(), *account.cookies.values()):
        said = cookie.OutputString()
        assert cookie.key.startswith("__Host-")
        assert "Secure" in said or cookie.key == "__Host-session"
        assert not cookie["domain"]
        assert cookie["path"] == "/"


@pytest.mark.django_db
def test_plain_requests_are_sent_to_the_encrypted_site(encrypted):
    answer = Client().get("/people/")

    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/people/")


@pytest.mark.django_db
def test_nobody_may_load_our_pages_or_use_their_devices(client):
    answer = client.get("/")

    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(answer["Permissions-Policy"].split(", "))
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_card_of_a_page_is_for_other_sites(client):
    assert client.get(f"/card/{proposition_page().pk}.png")["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("changed", "taken"),
    [
        ({"Content-Security-Policy": ""}, "content-security-policy"),
        ({"Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'"}, "content-security-policy"),
        ({"Content-Security-Policy": "default-src *"}, "content-security-policy"),
        ({"Strict-Transport-Security": "max-age=60"}, "strict-transport-security"),
        ({"X-Content-Type-Options": ""}, "x-content-type-options"),
        ({"Referrer-Policy": "unsafe-url"}, "referrer-policy"),
    ],
)
def test_rules_notice_what_is_unsafe(changed, taken):
    good = {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }

    assert score(good, [], "")[0] == 120
    points, by_rule = score({**good, **changed}, [], "")
    assert by_rule[taken] < 0
    assert points < 120
