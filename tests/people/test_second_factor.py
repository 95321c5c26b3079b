"""Staff can be made to use a second factor."""

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp_auth
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from django.urls import reverse

from people import roles
from tests.factories.discussion import member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def needed(settings):
    settings.STAFF_NEED_SECOND_FACTOR = True


def show(client, factor):
    """The session shows a second factor."""
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, factor.user, "mfa", id=factor.pk, type=factor.type)
    request.session.save()


@pytest.mark.parametrize(
    ("role", "address"), [*((role, "/admin/") for role in roles.ALL), (roles.EDITORS, "/live/HVNB7K/export/csv/")]
)
def test_staff_without_one_are_led_to_where_they_set_it_up(client, role, address):
    client.force_login(member(role))

    answer = client.get(address, follow=True)

    assert answer.redirect_chain[0][0] == reverse("mfa_index")
    assert "Add a passkey or an app." in answer.text


@pytest.mark.parametrize("kind", [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
def test_staff_who_have_shown_one_enter(client, kind):
    editor = member(roles.EDITORS)
    factor = Authenticator.objects.create(user=editor, type=kind, data={"secret": "x"})
    client.force_login(editor)
    show(client, factor)

    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("kind", "page"),
    [(Authenticator.Type.TOTP, "mfa_reauthenticate"), (Authenticator.Type.WEBAUTHN, "mfa_reauthenticate_webauthn")],
)
def test_session_from_before_somebody_had_one_does_not_enter(client, kind, page):
    editor = member(roles.EDITORS)
    client.force_login(editor)
    Authenticator.objects.create(user=editor, type=kind, data={"secret": "x"})

    assert client.get("/admin/pages/?q=1")["Location"] == f"{reverse(page)}?next=%2Fadmin%2Fpages%2F%3Fq%3D1"
    assert client.post("/admin/pages/")["Location"] == f"{reverse(page)}?next=%2Fadmin%2F"


def test_what_somebody_else_has_shown_in_the_same_browser_does_not_count(client):
    editor, other = member(roles.EDITORS), member(roles.EDITORS)
    Authenticator.objects.create(user=editor, type=Authenticator.Type.TOTP, data={"secret": "x"})
    factor = Authenticator.objects.create(user=other, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(editor)
    show(client, factor)

    assert client.get("/admin/").status_code == 302


def test_session_from_before_enters_once_it_has_shown_one(client):
    editor = member(roles.EDITORS)
    client.force_login(editor)
    secret = totp_auth.generate_totp_secret()
    totp_auth.TOTP.activate(editor, secret)

    asked = client.get("/admin/reports/", follow=True)
    code = totp_auth.format_hotp_value(totp_auth.hotp_value(secret, next(totp_auth.yield_hotp_counters_from_time())))
    answer = client.post(asked.redirect_chain[-1][0], {"code": code, "next": "/admin/reports/"})

    assert "Show that it is you" in asked.text
    assert answer["Location"] == "/admin/reports/"
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("address", ["/admin/login/", "/_util/login/"])
def test_no_password_leads_round_it(client, address):
    user = get_user_model().objects.create_superuser("root@example.org", password="a long enough word")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})

    answer = client.post(address, {"username": user.email, "password": "a long enough word"}, follow=True)

    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("page", ["set", "change", "reset", "reset/key/1-set-password"])
def test_nobody_gives_an_account_a_password(client, page):
    client.force_login(member(roles.EDITORS))

    assert client.get(f"/accounts/password/{page}/").status_code == 404


def test_recovery_codes_alone_are_none(client):
    editor = member(roles.EDITORS)
    Authenticator.objects.create(user=editor, type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(editor)

    assert client.get("/admin/").status_code == 302


def test_delegates_are_never_asked(client):
    client.force_login(member())

    assert client.get("/mine/").status_code == 200


def test_nobody_is_asked_where_it_is_not_set(client, settings):
    settings.STAFF_NEED_SECOND_FACTOR = False
    client.force_login(member(roles.EDITORS))

    assert client.get("/admin/").status_code == 200
