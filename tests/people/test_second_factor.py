"""Staff can be made to use a second factor."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from people import roles
from tests.factories.discussion import member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def needed(settings):
    settings.STAFF_NEED_SECOND_FACTOR = True


@pytest.mark.parametrize("role", roles.ALL)
def test_staff_without_one_are_led_to_where_they_set_it_up(client, role):
    client.force_login(member(role))

    answer = client.get("/admin/", follow=True)

    assert answer.redirect_chain[0][0] == reverse("mfa_index")
    assert "Add a passkey or an app." in answer.text


@pytest.mark.parametrize("kind", [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
def test_staff_with_one_enter(client, kind):
    editor = member(roles.EDITORS)
    Authenticator.objects.create(user=editor, type=kind, data={"secret": "x"})
    client.force_login(editor)

    assert client.get("/admin/").status_code == 200


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
