"""Pages about the installation itself."""

import sys

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.urls import reverse


def sign_in_to_edit(request: HttpRequest) -> HttpResponse:
    """Where the admin sends whoever may not enter: to sign in, or, if they have, to a page that says so.

    The sign-in page itself would send them straight back to the admin, and round again.
    """
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", reverse("wagtailadmin_home")), reverse("account_login"))


def no_passwords(request: HttpRequest, rest: str) -> HttpResponse:
    raise Http404("Accounts have no passwords.")


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an error of ours, which must not depend on whatever has just failed.

    A database that is away, or has no connection left, comes back: readers and proxies are told to ask again.
    """
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})
    return HttpResponseServerError(render_to_string("500.html"))
