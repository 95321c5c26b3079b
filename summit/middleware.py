"""Request handling that belongs to no app."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware


class SameOriginCsrfMiddleware(CsrfViewMiddleware):
    """Django's check against forged requests, without a cookie for people who only read.

    Browsers say from which origin a form was sent. A request that names this very origin is accepted as it is;
    one that names another is refused; one that names none must carry Django's token as usual. Pages for
    anonymous readers therefore hold forms without setting a cookie.
    """

    def process_view(self, request, callback, callback_args, callback_kwargs):
        if (
            "HTTP_ORIGIN" in request.META
            and not getattr(request, "_dont_enforce_csrf_checks", False)
            and self._origin_verified(request)
            and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        ):
            return self._accept(request)
        return super().process_view(request, callback, callback_args, callback_kwargs)


class HeadersMiddleware:
    """What browsers are told besides what Django tells them.

    Pages and their parts are for our own pages: no other site may load them. What is meant to be shown elsewhere says
    so itself. No page asks for anybody's camera, microphone or place, and so none can be made to.
    """

    PERMISSIONS = ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "usb",
        )
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", self.PERMISSIONS)
        return response


class NoNulMiddleware:
    """Refuse an address that holds a NUL. No link of ours has one, and PostgreSQL takes no text with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("The address holds a NUL.")
        return self.get_response(request)
