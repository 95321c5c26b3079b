"""Request handling that belongs to no app."""

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
