"""Addresses of blogs that were imported go on leading somewhere."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from wordpress.old_addresses import QUERIES, destination, is_withdrawn


class OldAddressMiddleware:
    """Where nothing stands, lead from an address of an imported blog to what became of it.

    A short address as "/?p=11" is the front page for everybody else, so it is looked at before that answers. One of a
    text that came in as a draft is not found, as on the old site.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        if request.path == "/" and any(name in request.GET for name in QUERIES):
            if address := destination(request):
                return HttpResponsePermanentRedirect(address)
            if is_withdrawn(request):
                raise Http404
        response = self.get_response(request)
        if response.status_code == 404 and (address := destination(request)):
            return HttpResponsePermanentRedirect(address)
        return response
