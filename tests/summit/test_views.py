import pytest
from django.db import OperationalError
from django.urls import reverse

from people.models import User


@pytest.mark.django_db
def test_missing_page_has_a_page_of_its_own(client):
    answer = client.get("/nowhere/to/be/found/")

    assert answer.status_code == 404
    assert "Traceback" not in answer.text
    assert "site.css" in answer.text


def test_error_page_needs_no_database(client, monkeypatch):
    def fail(request):
        raise RuntimeError("broken")

    monkeypatch.setattr("summit.health.HttpResponse", fail)
    client.raise_request_exception = False

    answer = client.get(reverse("health_live"))

    assert answer.status_code == 500
    assert "<h1" in answer.text


def test_database_that_is_away_is_no_error_of_the_page(client, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("too many clients already")

    monkeypatch.setattr("summit.health.HttpResponse", fail)
    client.raise_request_exception = False

    answer = client.get(reverse("health_live"))

    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "Wait a minute" in answer.text


@pytest.mark.django_db
def test_readers_are_given_no_cookie(client):
    for path in ("/nowhere/", "/accounts/login/", "/search/"):
        assert client.get(path).cookies == {}, path


@pytest.mark.django_db
def test_somebody_without_a_role_is_told_that_the_admin_is_for_others(client):
    client.force_login(User.objects.create_user("delegate@example.org"))

    answer = client.get("/admin/", follow=True)

    assert answer.status_code == 403
    assert "delegate@example.org" in answer.content.decode()


@pytest.mark.django_db
def test_stranger_at_the_admin_is_asked_to_sign_in_and_comes_back(client):
    answer = client.get("/admin/pages/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    assert answer.redirect_chain[-1][0].endswith("/admin/pages/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/comments/{}/", "/comments/{}/reply/", "/comments/{}/flag/", "/propositions/{}/versions/"]
)
def test_number_that_no_row_can_have_is_not_found(client, path):
    assert client.get(path.format("9" * 24)).status_code == 404


def test_pages_may_be_framed_by_the_editor_only(settings):
    assert settings.SECURE_CSP["frame-ancestors"] == ["'self'"]
