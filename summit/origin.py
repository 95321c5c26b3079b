"""Which web pages may open a socket."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

Application = Callable[[dict[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[Any]]

DEFAULT_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]
"""Scheme, host and port, each as a browser compares them."""


class SameOriginValidator:
    """Refuse sockets opened by pages of other sites.

    Browsers send a site's cookies with any socket, whoever's page opens it, and name that page's origin. Channels' own
    validator looks at the host alone; here scheme, host and port must be those at which this site is being asked, or
    one of `CSRF_TRUSTED_ORIGINS`. A client that names no origin is refused too.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> Any:
        if is_allowed(scope):
            return await self.application(scope, receive, send)
        # Closed before it is accepted: the server answers the handshake with 403.
        await receive()
        await send({"type": "websocket.close", "code": 4403})
        return None


async def refuse_unknown(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Where no socket is: closed before it is accepted, and no fault of ours to be logged."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


def is_allowed(scope: dict[str, Any]) -> bool:
    """Whether the page that opens this socket is one of the site's own."""
    sent = [value for name, value in scope["headers"] if name == b"origin"]
    if len(sent) != 1:
        return False
    origin = parse_origin(sent[0].decode("latin-1"))
    if origin is None:
        return False
    trusted = (parse_origin(value) for value in settings.CSRF_TRUSTED_ORIGINS)
    return origin == own_origin(scope) or origin in trusted


def own_origin(scope: dict[str, Any]) -> Origin | None:
    """The origin of the site as this client addressed it; None for a host that is not ours."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get(b"host", "")
    if settings.USE_X_FORWARDED_HOST:
        host = headers.get(b"x-forwarded-host", host)
    allowed = settings.ALLOWED_HOSTS or ([".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
    domain, _ = split_domain_port(host)
    if not domain or not validate_host(domain, allowed):
        return None
    is_secure = scope.get("scheme") in ("wss", "https")
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        if (sent := headers.get(name.removeprefix("HTTP_").replace("_", "-").lower().encode())) is not None:
            is_secure = sent.split(",", 1)[0].strip() == value
    return parse_origin(f"{'https' if is_secure else 'http'}://{host}")


def parse_origin(value: str) -> Origin | None:
    """Scheme, host and port of an origin, the default port filled in; None for "null" and whatever else is none."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        return None
    if parts.path or parts.query or parts.fragment:
        return None
    return parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme]
