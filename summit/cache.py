"""Redis as a cache that may be away: pages are then made anew and limits do not count, but everybody is answered."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends import redis as django_redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Nobody waits longer for what is only there to save time.
TIMEOUT = 1.0
# After a failure nobody asks for this long, or each of a page's questions would wait in turn.
PAUSE = 2.0


def forgiving(answer: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """While Redis is away, answer this instead."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def forgiven(self: "RedisCache", *arguments: Any, **options: Any) -> Any:
            if time.monotonic() < self.away_until:
                return answer(*arguments, **options)
            try:
                return method(self, *arguments, **options)
            except (RedisError, OSError) as error:
                self.away_until = time.monotonic() + PAUSE
                logger.warning("The cache is away: %r", error)
                return answer(*arguments, **options)

        return forgiven

    return decorate


class RedisCache(django_redis.RedisCache):
    """Django's, which would fail every page that asks it for anything."""

    away_until = 0.0

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        waits = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
        super().__init__(server, {**params, "OPTIONS": {**waits, **params.get("OPTIONS", {})}})

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
