"""Kept answers for readers without cookies: one answer for all, nothing personal in it, and never stale for long."""

import gzip
import time

import brotli
import pytest
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from content import readers
from content.readers import for_readers
from summit.urls import urlpatterns as site_urlpatterns
from tests.factories.discussion import comment, event_page, member, proposition_page

pytestmark = pytest.mark.django_db(transaction=True)

asked: list[str] = []
meanwhile: list[str] = []


@for_readers
def counted(request: HttpRequest) -> HttpResponse:
    asked.append(request.get_full_path())
    if "meanwhile" in request.GET and len(asked) == 2:
        meanwhile.append(Client().get(request.get_full_path()).text)
    answer = HttpResponse(f"asked {len(asked)} times")
    if "cookie" in request.GET:
        answer.set_cookie("mine", "1")
    if "private" in request.GET:
        answer["Cache-Control"] = "private"
    return answer


def unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse("somebody's own page")


urlpatterns = [path("counted/", counted), path("unmarked/", unmarked), *site_urlpatterns]


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    monkeypatch.setattr(readers, "FRESH_FOR", 0)
    asked.clear()
    meanwhile.clear()
    caches["readers"].clear()
    with override_settings(READER_CACHE_SECONDS=60, ROOT_URLCONF=__name__):
        yield
    caches["readers"].clear()


def test_second_reader_is_given_the_kept_answer(client):
    first, second = client.get("/counted/"), Client().get("/counted/")

    assert first.text == second.text == "asked 1 times"
    assert first["ETag"] == second["ETag"]
    assert second["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert second["Vary"] == "Cookie, Accept-Encoding"
    # The proxy's, which keeps what says so and nothing else.
    assert first["X-Accel-Expires"] == second["X-Accel-Expires"] == "1"
    assert "Content-Security-Policy" in second


def test_unchanged_page_is_not_sent_again(client):
    tag = client.get("/counted/")["ETag"]

    again = client.get("/counted/", headers={"If-None-Match": tag})

    assert again.status_code == 304
    assert again.content == b""
    assert len(asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/counted/?page=2"},
        {"path": "/counted/", "headers": {"Host": "127.0.0.1"}},
        {"path": "/counted/", "REQUEST_METHOD": "HEAD"},
        {"path": "/counted/", "headers": {"HX-Request": "true"}},
        {"path": "/counted/", "headers": {"Cookie": "anything=1"}},
    ],
)
def test_other_requests_are_answered_anew(client, other):
    client.get("/counted/")

    client.get(**other)

    assert len(asked) == 2


@pytest.mark.parametrize("query", ["?cookie", "?private"])
def test_what_is_for_one_reader_is_not_kept(client, query):
    for _ in range(2):
        Client().get(f"/counted/{query}")

    assert len(asked) == 2


def test_page_that_does_not_say_so_is_left_alone(client):
    answer = client.get("/unmarked/")

    assert "ETag" not in answer
    assert "Cache-Control" not in answer
    assert "X-Accel-Expires" not in answer


def test_page_with_a_form_is_not_sent_again_when_it_was_made_anew(client, monkeypatch):
    address = proposition_page(event_page()).get_url()
    monkeypatch.setattr("discussion.forms.time.time", lambda: 1_800_000_000.0)
    tag = client.get(address)["ETag"]
    caches["readers"].clear()
    monkeypatch.setattr("discussion.forms.time.time", lambda: 1_800_000_060.0)

    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_comment_shows_at_once(client):
    proposition = proposition_page(event_page())
    address = proposition.get_url()
    assert "Mend the clock first." not in client.get(address).text

    comment(proposition, body="Mend the clock first.")

    assert "Mend the clock first." in client.get(address).text


def test_answer_made_a_moment_ago_is_given_whatever_is_saved(client, monkeypatch):
    monkeypatch.setattr(readers, "FRESH_FOR", 30)
    client.get("/counted/")

    member()

    assert client.get("/counted/").text == "asked 1 times"


def test_stale_answer_is_given_while_the_next_one_is_made(client):
    client.get("/counted/?meanwhile")
    member()

    latest = client.get("/counted/?meanwhile")

    assert meanwhile == ["asked 1 times"]
    assert latest.text == Client().get("/counted/?meanwhile").text == "asked 2 times"


def test_answer_too_old_is_not_given_even_while_the_next_one_is_made(client, monkeypatch):
    monkeypatch.setattr(readers, "STALE_AT_MOST", 0)
    client.get("/counted/?meanwhile")
    member()

    client.get("/counted/?meanwhile")

    assert meanwhile == ["asked 3 times"]


def test_answer_that_has_run_out_is_made_by_one_reader_and_given_to_the_others_meanwhile(client, monkeypatch):
    now = time.time()
    monkeypatch.setattr(readers.time, "time", lambda: now)
    client.get("/counted/?meanwhile")
    monkeypatch.setattr(readers.time, "time", lambda: now + 61)

    latest = client.get("/counted/?meanwhile")

    assert meanwhile == ["asked 1 times"]
    assert latest.text == Client().get("/counted/?meanwhile").text == "asked 2 times"
    # Nobody is given one that ran out long ago.
    monkeypatch.setattr(readers.time, "time", lambda: now + 61 + 60 + readers.STALE_AT_MOST)
    assert client.get("/counted/?meanwhile").text == "asked 3 times"


def test_readers_pages_cost_no_query_while_kept(client, django_assert_num_queries):
    address = proposition_page(event_page()).get_url()
    client.get(address)

    with django_assert_num_queries(0):
        assert client.get(address).status_code == 200


def test_signed_in_person_is_never_given_a_kept_answer(client):
    address = proposition_page(event_page()).get_url()
    client.get(address)
    client.force_login(member())

    mine = client.get(address)

    assert "Sign out" in mine.text
    assert "s-maxage" not in mine.get("Cache-Control", "")


def test_form_that_was_kept_can_still_be_sent(client):
    """The page holds a signed time, and no secret of one reader: a comment posted from a kept page is taken."""
    proposition = proposition_page(event_page())
    first, second = client.get(proposition.get_url()), Client().get(proposition.get_url())

    assert first.content == second.content
    assert "csrfmiddlewaretoken" not in second.text
    assert not second.cookies


@pytest.mark.parametrize(
    ("takes", "packing", "unpack"),
    [("gzip, deflate, br", "br", brotli.decompress), ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress)],
)
def test_long_answer_is_packed_once_for_those_who_can_open_it(client, takes, packing, unpack):
    plain = client.get("/accessibility/")

    packed = client.get("/accessibility/", headers={"Accept-Encoding": takes})
    again = Client().get("/accessibility/", headers={"Accept-Encoding": packing})

    assert "Content-Encoding" not in plain
    assert (packed["Content-Encoding"], packed["Content-Length"]) == (packing, str(len(packed.content)))
    assert unpack(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 2
    assert again.content == packed.content
    assert packed["ETag"] == plain["ETag"]


def test_answer_to_whoever_carries_a_cookie_is_not_packed(client):
    client.force_login(member())

    answer = client.get(proposition_page().url, headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer
