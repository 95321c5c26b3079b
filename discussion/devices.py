"""A token that tells one browser from another, set only when somebody says something. Nobody is followed by it."""

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from people.keys import author_key_of_user

COOKIE_AGE = 365 * 24 * 60 * 60
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
    return secrets.token_urlsafe(32)


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
    return salted_hmac("summit.discussion.network", request.META.get("REMOTE_ADDR", ""), algorithm="sha256").hexdigest()


def voter_key(request: HttpRequest) -> str:
    """Who supports or flags: the account, else the browser; empty for a browser without a token."""
    if request.user.is_authenticated:
        return author_key_of_user(request.user)
    return device_key(request)
