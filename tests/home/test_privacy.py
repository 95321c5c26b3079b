"""The privacy page says what is true of the installation's settings, and nothing else."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from home.models import HomePage, PrivacyWords, TextPage
from people import roles
from people.retention import rules
from tests.factories.discussion import member, proposition_page
from tests.factories.live import live_session

pytestmark = pytest.mark.django_db

HARBOUR = {
    "provider_id": "harbour",
    "name": "Harbour Office",
    "client_id": "x",
    "secret": "never-shown",
    "settings": {"server_url": "https://id.harbour.example"},
}


@pytest.fixture
def page(client):
    def read() -> str:
        return client.get("/privacy/").text

    return read


def test_page_is_reached_from_the_footer_of_every_page(client):
    assert client.get("/").text.count('<a href="/privacy/">Privacy</a>') == 1
    assert client.get("/accounts/login/").text.count('<a href="/privacy/">Privacy</a>') == 1
    assert client.get("/privacy/").cookies == {}


def test_every_rule_stands_there_with_its_time(page, settings):
    settings.KEEP_DAYS = {**settings.KEEP_DAYS, "network_keys": 11}

    text = page()

    assert len(rules()) > 8
    for rule in rules():
        assert rule.sentence in text
    assert re.search(r"network address from which a comment was sent.*?</th><td>11 days</td>", text, re.DOTALL)


def test_every_cookie_that_is_ever_set_is_named(page, settings):
    client = Client(headers={"origin": "http://testserver"})
    session = live_session(proposition_page())
    joining = {"code": session.code, "identity": "role", "name": "", "role": "Keeper", "consent": "role"}
    seen = set(client.post("/join/", joining).cookies)
    client.force_login(member(roles.ORGANISERS))
    for address in ("/accounts/email/", "/accounts/2fa/", "/accounts/logout/", "/admin/", "/mine/"):
        seen |= set(client.get(address).cookies)
    seen |= set(client.cookies)

    named = set(re.findall(r"<code>([^<]+)</code>", page()))

    assert seen
    assert seen <= named


def test_cookie_of_the_folded_menu_is_named(page):
    """It is set by Wagtail's own script, which no answer shows."""
    script = (find_spec("wagtail").submodule_search_locations[0]) + "/admin/static/wagtailadmin/js/sidebar.js"

    named = re.findall(r"<code>([^<]+)</code>", page())

    assert "wagtail_sidebar_collapsed" in Path(script).read_text()
    assert "wagtail_sidebar_collapsed" in named


def test_every_script_that_keeps_something_in_the_browser_is_told_of(page):
    """Whoever adds another says so on the page, and here."""
    # The gallery is there in development alone.
    elsewhere = {"vendor", "gallery"}
    scripts = [path for path in (settings.BASE_DIR / "static/js").rglob("*.js") if not elsewhere & set(path.parts)]
    keeping = {path.name for path in scripts if re.search(r"localStorage|indexedDB|caches\.open", path.read_text())}

    text = page()

    assert keeping == {"comment-form.js", "outbox.js", "console.js", "phone.js"}
    for words in ("What you are writing below a page", "What you say in a live session", "decisions until the server"):
        assert words in text


def test_servers_elsewhere_are_named_only_where_they_are_asked(page, settings):
    settings.SENDS_MENTIONS, settings.SPAM_CHECK = False, None
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    without = page()
    settings.SENDS_MENTIONS = True
    settings.SPAM_CHECK = {"BACKEND": "discussion.external.Akismet", "OPTIONS": {"key": "never-shown"}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [HARBOUR]}}
    with_all = page()

    assert "Nobody else: this installation asks no other server" in without
    assert "Akismet" not in without
    for words in ("Akismet, of Automattic Inc.", "Harbour Office (id.harbour.example)", "Sites that our pages link to"):
        assert words in with_all
    assert "never-shown" not in with_all
    assert "Nobody else" not in with_all


def test_way_of_mail_is_said_without_its_secrets(page, settings):
    settings.SHOW_MAIL = False
    options = {"host": "mail.example.org", "username": "summit", "password": "never-shown"}
    settings.MAILERS = {"default": {"BACKEND": "x"}, "server": {"BACKEND": "x", "OPTIONS": options}}
    sent = page()
    settings.MAILERS = {"default": {"BACKEND": "x"}, "server": {"BACKEND": "x", "OPTIONS": {"host": "localhost"}}}
    own = page()
    settings.SHOW_MAIL = True
    demo = page()

    assert "Mail leaves through the mail server mail.example.org." in sent
    assert "never-shown" not in sent
    assert "on the same machine" in own
    assert "whoever can reach it reads every letter" in demo


def test_organisers_say_what_only_they_know(client, page):
    before = page()
    words = PrivacyWords.load()
    words.contact, words.backups = "<p>Write to the Clerk.</p>", "<p>Kept for fourteen days.</p>"
    words.save()

    after = page()

    assert "have not said here yet" in before
    assert "have not said here yet" not in after
    assert "Write to the Clerk." in after
    assert "Kept for fourteen days." in after


@pytest.mark.parametrize(("role", "status"), [(roles.ORGANISERS, 200), (roles.EDITORS, 302), (roles.MODERATORS, 302)])
def test_organisers_alone_add_to_it(client, role, status):
    client.force_login(member(role))

    answer = client.get(reverse("wagtailsettings:edit", args=["home", "privacywords"]), follow=status == 200)

    assert answer.status_code == status


def test_page_that_was_written_by_hand_keeps_its_words(client, page):
    body = [("paragraph", "<p>We keep little.</p>")]
    HomePage.objects.get().add_child(instance=TextPage(title="Privacy", slug="privacy", body=body, show_in_menus=True))

    assert "We keep little." in page()
    assert client.get("/").text.count(">Privacy<") == 1
