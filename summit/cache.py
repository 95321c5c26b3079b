"""Redis as a cache that may be away: pages are then made anew and limits do not count, but everybody is answered."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.cache.backends import redis as django_redis
from redis.exceptions import RedisError, TimeoutError

logger = logging.getLogger(__name__)

# Nobody waits longer for what is only there to save time.
TIMEOUT = 1.0
# After a failure nobody asks for this long, or each of a page's questions would wait in turn.
PAUSE = 2.0
TIMEOUTS_IN_A_ROW = 10


def forgiving(answer: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """While Redis is away, answer this instead."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def forgiven(self: "RedisCache", *arguments: Any, **options: Any) -> Any:
            line = self.line
            if time.monotonic() < line.away_until:
                return answer(*arguments, **options)
            try:
                found = method(self, *arguments, **options)
            except (RedisError, OSError) as error:
                line.note_failure(error)
                return answer(*arguments, **options)
            line.timeouts = 0
            return found

        return forgiven

    return decorate


@dataclass
class Line:
    """From this process to one Redis: its connections, and until when it is taken to be away."""

    client: django_redis.RedisCacheClient
    away_until: float = 0.0
    timeouts: int = 0
    """In a row."""

    def note_failure(self, error: Exception) -> None:
        if isinstance(error, TimeoutError):
            # One may be for want of a processor, and all who ask at once may have it: pages that are then made anew
            # would want it all the more.
            self.timeouts += 1
            if self.timeouts < TIMEOUTS_IN_A_ROW:
                logger.warning("The cache did not answer in time")
                return
        self.away_until = time.monotonic() + PAUSE
        logger.warning("The cache is away: %r", error)


_lines: dict[str, Line] = {}


def forget_lines() -> None:
    """Begin anew with every Redis, as if nothing were known of any."""
    while _lines:
        _, line = _lines.popitem()
        for pool in line.client._pools.values():
            pool.disconnect()


class RedisCache(django_redis.RedisCache):
    """Django's, which would fail every page that asks it for anything.

    Django makes a cache for each request, and Django's own makes its connections anew with it: several for each page.
    Here they, and what is known of the server, are the process's.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        ours = {
            "socket_timeout": TIMEOUT,
            "socket_connect_timeout": TIMEOUT,
            # A connection that was not used for so long is tried before it is.
            "health_check_interval": 30,
        }
        super().__init__(server, {**params, "OPTIONS": {**ours, **params.get("OPTIONS", {})}})

    @property
    def line(self) -> Line:
        named = repr((self._servers, sorted(self._options.items())))
        found = _lines.get(named)
        if found is None:
            found = _lines.setdefault(named, Line(self._class(self._servers, **self._options)))
        return found

    @property
    def _cache(self) -> django_redis.RedisCacheClient:
        return self.line.client

    get = forgiving(lambda key, default=None, version=None: default)(django_redis.RedisCache.get)
    set = forgiving(lambda *_, **__: None)(django_redis.RedisCache.set)
    add = forgiving(lambda *_, **__: True)(django_redis.RedisCache.add)
    touch = forgiving(lambda *_, **__: False)(django_redis.RedisCache.touch)
    delete = forgiving(lambda *_, **__: False)(django_redis.RedisCache.delete)
    has_key = forgiving(lambda *_, **__: False)(django_redis.RedisCache.has_key)
    incr = forgiving(lambda key, delta=1, version=None: delta)(django_redis.RedisCache.incr)
    get_many = forgiving(lambda *_, **__: {})(django_redis.RedisCache.get_many)
    set_many = forgiving(lambda data, *_, **__: list(data))(django_redis.RedisCache.set_many)
    delete_many = forgiving(lambda *_, **__: None)(django_redis.RedisCache.delete_many)
    clear = forgiving(lambda *_, **__: False)(django_redis.RedisCache.clear)
