"""The token by which a device is known. The device keeps it in a cookie; only its hash is stored."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

LIFETIME = 180 * 24 * 60 * 60
LONGEST_TOKEN = 100


def cookie_name() -> str:
    # The prefix makes browsers refuse it from a plain connection or another host; it needs https.
    return "__Host-device" if settings.SESSION_COOKIE_SECURE else "device"


def token_of(cookies: Mapping[str, str]) -> str:
    """The device's token, or nothing."""
    token = cookies.get(cookie_name(), "")
    return token if len(token) <= LONGEST_TOKEN else ""


def remember(response: HttpResponse, request: HttpRequest, token: str) -> None:
    response.set_cookie(
        cookie_name(),
        token,
        max_age=LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE or request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
