"""Forged requests are refused, with and without Django's cookie."""

import pytest
from django.conf import settings
from django.test import Client

from summit.middleware import SameOriginCsrfMiddleware

pytestmark = pytest.mark.django_db

PATH = "/accounts/login/"
FORM = {"login": "delegate@example.org"}


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=True)


def test_middleware_is_in_its_place_of_djangos():
    assert f"summit.middleware.{SameOriginCsrfMiddleware.__name__}" in settings.MIDDLEWARE


def test_form_of_our_own_page_needs_no_cookie(visitor):
    assert visitor.post(PATH, FORM, headers={"origin": "http://testserver"}).status_code != 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://testserver:8080"},
        {"origin": "https://testserver"},
        {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
        {"origin": "http://testserver", "sec-fetch-site": "same-site"},
    ],
)
def test_forged_form_is_refused(visitor, headers):
    assert visitor.post(PATH, FORM, headers=headers).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/%00", "/a%00b/c/", "/search/?q=a%00", "/?p=%00", "/health/live?%00"])
def test_address_with_a_nul_is_refused(client, address):
    assert client.get(address).status_code == 400


@pytest.mark.django_db
def test_percent_sign_before_zeros_is_no_nul(client):
    assert client.get("/search/?q=100%2500").status_code == 200
