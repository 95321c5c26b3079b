"""Pages that were taken down say so."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from discussion.models import GoneAddress


class GoneMiddleware:
    """Where a page of ours stood that was taken down, answer 410 instead of 404.

    Other sites that mention it, and search engines, then forget it at once instead of asking for months.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code == 404
            and request.method in ("GET", "HEAD")
            and len(request.path) <= 500
            and GoneAddress.objects.filter(path=request.path).exists()
        ):
            response.status_code = 410
        return response
