import asyncio
import contextvars
import signal
import time

import pytest
import redis
from asgiref.sync import sync_to_async
from django.core.cache import caches
from django.test import override_settings

from summit.cache import RedisCache

KEYS = ("default", "readers")


@pytest.fixture
def redis_cache(redis_url):
    held = {"BACKEND": "summit.cache.RedisCache", "LOCATION": redis_url}
    with override_settings(CACHES=dict.fromkeys(KEYS, held)):
        yield caches["default"]


def test_cache_keeps_and_counts(redis_cache):
    redis_cache.set("key", {"a": 1})

    assert redis_cache.get("key") == {"a": 1}
    assert redis_cache.add("count", 1)
    assert not redis_cache.add("count", 1)
    assert redis_cache.incr("count") == 2
    assert redis_cache.get_many(["count", "none"]) == {"count": 2}


def test_cache_that_is_away_fails_nobody_and_comes_back(redis_cache, redis_server, caplog, monkeypatch):
    monkeypatch.setattr("summit.cache.PAUSE", 0)
    redis_cache.set("key", "kept")
    redis_server.kill()
    try:
        assert redis_cache.get("key", "another") == "another"
        assert redis_cache.add("count", 1)
        assert redis_cache.incr("count") == 1
        assert redis_cache.get_many(["key"]) == {}
        redis_cache.set("key", "lost")
        redis_cache.delete_many(["key"])
        redis_cache.clear()
    finally:
        redis_server.start()

    assert redis_cache.get("key") is None
    redis_cache.set("key", "new")
    assert redis_cache.get("key") == "new"
    assert "The cache is away" in caplog.text


def test_cache_that_is_away_is_not_asked_for_every_question(redis_cache, redis_server):
    redis_server.kill()
    try:
        assert redis_cache.get("key") is None
    finally:
        redis_server.start()

    redis_cache.set("key", "unasked")
    assert redis_cache.get("key") is None
    redis_cache.line.away_until = 0
    redis_cache.set("key", "asked")
    assert redis_cache.get("key") == "asked"


async def test_requests_share_their_connections_and_what_is_known_of_the_server(redis_cache, redis_url):
    # Django makes a cache for each request, in a context of its own.
    def ask(number):
        caches["default"].set("key", number)
        return caches["readers"].get("key"), caches["default"]

    with redis.Redis.from_url(redis_url) as looking:
        before = looking.info("stats")["total_connections_received"]
        asked = [
            await asyncio.create_task(sync_to_async(ask)(number), context=contextvars.Context()) for number in range(20)
        ]
        made = looking.info("stats")["total_connections_received"] - before

    assert [answer for answer, _ in asked] == list(range(20))
    assert len({id(cache) for _, cache in asked}) == 20
    assert made <= 2


def test_late_answers_are_no_reason_to_ask_no_more_until_there_are_many(redis_url, redis_server, monkeypatch):
    monkeypatch.setattr("summit.cache.TIMEOUT", 0.2)
    monkeypatch.setattr("summit.cache.TIMEOUTS_IN_A_ROW", 3)
    cache = RedisCache(redis_url, {})
    cache.set("key", "kept")

    def late(times):
        redis_server.process.send_signal(signal.SIGSTOP)
        try:
            return [cache.get("key") for _ in range(times)]
        finally:
            redis_server.process.send_signal(signal.SIGCONT)

    for _ in range(2):
        assert late(2) == [None, None]
        assert cache.line.away_until == 0
        # An answer begins the count anew.
        while cache.get("key") != "kept":
            assert cache.line.timeouts < 100
    assert late(3) == [None, None, None]
    assert cache.get("key") is None
    assert cache.line.away_until > time.monotonic()


@pytest.mark.django_db
def test_pages_are_answered_without_redis(client, redis_server, settings):
    settings.READER_CACHE_SECONDS = 10
    redis_server.kill()
    try:
        held = {"BACKEND": "summit.cache.RedisCache", "LOCATION": redis_server.url}
        with override_settings(CACHES=dict.fromkeys(KEYS, held)):
            assert client.get("/search/").status_code == 200
            assert client.get("/accounts/login/").status_code == 200
            assert client.post("/accounts/login/", {"login": "delegate@example.org"}).status_code in (200, 302)
    finally:
        redis_server.start()
