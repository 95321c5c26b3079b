"""A token that tells one browser from another, set only when somebody says something. Nobody is followed by it."""

import ipaddress
import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from people.keys import author_key_of_user

COOKIE_AGE = 365 * 24 * 60 * 60
SECRET_LENGTH, SEAL_LENGTH = 22, 21
_token = re.compile(r"^[A-Za-z0-9_-]{43}$")


def cookie_name() -> str:
    """Browsers refuse a name that begins with __Host- unless the cookie is secure."""
    return "__Host-device" if settings.SESSION_COOKIE_SECURE else "device"


def device_key(request: HttpRequest) -> str:
    """The stored form of the browser's token; empty if it has none. The token itself is never stored."""
    token = request.COOKIES.get(cookie_name(), "")
    return key_of_token(token) if _token.match(token) else ""


def key_of_token(token: str) -> str:
    return salted_hmac("summit.discussion.device", token, algorithm="sha256").hexdigest()


def new_token() -> str:
    """A token that says of itself that it came from here."""
    secret = secrets.token_urlsafe(16)
    return secret + _seal(secret)


def has_token_of_ours(request: HttpRequest) -> bool:
    """Whether the browser's token was made here. One that somebody makes up works as well, but not for many voices."""
    token = request.COOKIES.get(cookie_name(), "")
    secret, seal = token[:SECRET_LENGTH], token[SECRET_LENGTH:]
    return bool(_token.match(token)) and constant_time_compare(seal, _seal(secret))


def _seal(secret: str) -> str:
    return salted_hmac("summit.discussion.device-seal", secret, algorithm="sha256").hexdigest()[:SEAL_LENGTH]


def remember(response: HttpResponse, token: str) -> None:
    response.set_cookie(
        cookie_name(),
        token,
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path="/",
    )


def network_key(request: HttpRequest) -> str:
    """A keyed hash of the network address, good for limits and for nothing else."""
    network = _network(request.META.get("REMOTE_ADDR", ""))
    return salted_hmac("summit.discussion.network", network, algorithm="sha256").hexdigest()


def _network(address: str) -> str:
    """Whoever has an address of version 6 has as many as they like, all in one network of 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((int(found), 64), strict=False))
    return str(found)


def voter_key(request: HttpRequest) -> str:
    """Who supports or flags: the account, else the browser; empty for a browser without a token."""
    if request.user.is_authenticated:
        return author_key_of_user(request.user)
    return device_key(request)
