"""A briefing that may not be published, whichever way was tried, leads back to its editor with the reasons."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages

from briefings.exceptions import BriefingNotReady


class BriefingNotReadyMiddleware:
    """Approval in a workflow and publishing in bulk know of no checks: what they raise is answered here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, BriefingNotReady) or exception.page_id is None:
            return None
        messages.error(request, str(exception))
        return redirect("wagtailadmin_pages:edit", exception.page_id)
