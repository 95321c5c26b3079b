"""Headers that tell other sites where to say that they link to a page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from wagtail.models import Page

from discussion.models import DiscussedPageMixin

Serve = Callable[[Page, HttpRequest, Any, dict[str, Any]], HttpResponse]


def with_endpoints(next_serve_page: Serve) -> Serve:
    """For Wagtail's hook `on_serve_page`."""

    def serve(page: Page, request: HttpRequest, args: Any, kwargs: dict[str, Any]) -> HttpResponse:
        response = next_serve_page(page, request, args, kwargs)
        if isinstance(page, DiscussedPageMixin) and page.live and response.status_code == 200:
            link = f'<{request.build_absolute_uri(reverse("mentions:webmention"))}>; rel="webmention"'
            others = response.headers.get("Link")
            response.headers["Link"] = f"{others}, {link}" if others else link
            response.headers["X-Pingback"] = request.build_absolute_uri(reverse("mentions:pingback"))
        return response

    return serve
