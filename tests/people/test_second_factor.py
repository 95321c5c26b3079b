"""Staff can be made to use a second factor."""

from urllib.parse import unquote

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp_auth
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import RequestFactory
from django.urls import reverse

from live.permissions import OPERATOR
from people import roles
from tests.factories import live as live_make
from tests.factories.discussion import member, proposition_page

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


def of_a_group_of_its_own(session):
    group = Group.objects.create(name="Press")
    group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    user = member()
    user.groups.add(group)
    return user


def with_the_permission_itself(session):
    user = member()
    user.user_permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    return user


def named_for_a_proposition(session):
    user = member()
    proposition_page(session.page.get_parent().specific, facilitator=user)
    return user


def given_a_session_by_a_proposition(session):
    user = member()
    proposition = proposition_page(session.page.get_parent().specific, facilitator=user)
    of_it = live_make.live_session(proposition)
    assert user in of_it.facilitators.all()
    proposition.proposition_facilitators.all().delete()
    return user


WAYS = {
    "moderator": lambda session: member(roles.MODERATORS),
    "editor": lambda session: member(roles.EDITORS),
    "organiser": lambda session: member(roles.ORGANISERS),
    "facilitators' group": lambda session: member(roles.FACILITATORS),
    "superuser": lambda session: member(is_superuser=True),
    "a group of its own": of_a_group_of_its_own,
    "the permission": with_the_permission_itself,
    "named for a session": live_make.facilitator_of,
    "named for a proposition": named_for_a_proposition,
    "by a proposition": given_a_session_by_a_proposition,
}
STAFF_ADDRESSES = [
    "/admin/",
    "/admin/reports/",
    "/live/{}/console/",
    "/live/{}/sheets/",
    "/live/{}/export/csv/",
    "/live/{}/export/xlsx/",
    "/live/{}/export/json/",
]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_being_staff_is_asked_at_every_address_of_staff(client, way):
    session = live_make.live_session()
    client.force_login(WAYS[way](session))

    answers = {address: client.get(address.format(session.code)) for address in STAFF_ADDRESSES}

    assert {address: answer.get("Location") for address, answer in answers.items()} == dict.fromkeys(
        STAFF_ADDRESSES, reverse("mfa_index")
    )


def test_console_over_http_is_refused_with_a_code_that_it_knows(client):
    session = live_make.live_session()
    client.force_login(live_make.facilitator_of(session))
    address = f"/live/{session.code}/"
    command = {"type": "wall.message", "version": session.version, "text": "Hello", "as": "console"}

    answers = [
        client.get(f"{address}snapshot/?as=console"),
        client.get(f"{address}events/?as=console&after=0"),
        client.get(f"{address}comments/"),
        client.post(f"{address}command/", command, content_type="application/json"),
    ]
    by_form = client.post(f"{address}command/", command)

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "second_factor")] * 4
    assert by_form["Location"] == f"{address}console/"
    session.refresh_from_db()
    assert session.wall_message == ""


# An app counts once the transaction that adds it is over.
@pytest.mark.django_db(transaction=True)
def test_facilitator_on_a_phone_is_led_through_it_and_back_to_the_console(client):
    session = live_make.live_session()
    facilitator = live_make.facilitator_of(session)
    # As accounts are made: by a code, with no password to ask for again.
    facilitator.set_unusable_password()
    facilitator.save()
    client.force_login(facilitator)
    console = f"/live/{session.code}/console/"
    way_back = f'href="{console}"'

    asked = client.get(console, follow=True)
    form = client.get(reverse("mfa_activate_totp"), follow=True)
    secret = form.context["form"].secret
    code = totp_auth.format_hotp_value(totp_auth.hotp_value(secret, next(totp_auth.yield_hotp_counters_from_time())))
    done = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True)
    opened = client.get(console)

    assert "Then the way back stands on this page." in asked.text
    assert way_back not in asked.text
    assert way_back in done.text
    assert opened.status_code == 200
    assert way_back not in client.get(reverse("mfa_index")).text
    assert client.get(f"/live/{session.code}/export/csv/").status_code == 200


def test_rooms_other_sides_ask_nobody(client):
    session = live_make.live_session()
    table = live_make.actions.add_tables(actor=OPERATOR, session=session, version=session.version, names=["Quay"])[0]
    client.force_login(live_make.facilitator_of(session))
    address = f"/live/{session.code}/"

    pages = [address, f"{address}wall/", table.get_absolute_url(), f"{address}snapshot/?as=wall"]

    assert [client.get(page).status_code for page in pages] == [200] * 4


def test_delegate_is_refused_the_console_and_asked_nothing(client):
    session = live_make.live_session()
    client.force_login(member())

    assert client.get(f"/live/{session.code}/console/").status_code == 403


@pytest.mark.parametrize("address", ["//admin/", "/%61dmin/", "/live/{}/%65xport/csv/", "/live/{}/consol%65/"])
def test_no_way_of_writing_an_address_leads_round_it(client, address):
    session = live_make.live_session()
    client.force_login(member(roles.ORGANISERS))

    path = unquote(address.format(session.code))
    answer = client.get("/", PATH_INFO=path)

    assert answer.status_code == 404 or answer["Location"] == reverse("mfa_index")


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
