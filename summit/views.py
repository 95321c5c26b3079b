"""Pages about the installation itself."""

import logging
import uuid

from channels.layers import get_channel_layer
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def health_live(request: HttpRequest) -> HttpResponse:
    """The process answers. Ask this to decide whether to restart it."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def health_ready(request: HttpRequest) -> HttpResponse:
    """Everything that pages need answers. Ask this to decide whether to send readers here."""
    checks = {"database": _check_database, "cache": _check_cache, "channel_layer": _check_channel_layer}
    states = {}
    for name, check in checks.items():
        try:
            check()
        except Exception:
            logger.warning("Health check %s failed", name, exc_info=True)
            states[name] = "failed"
        else:
            states[name] = "ok"
    return JsonResponse(states, status=200 if set(states.values()) == {"ok"} else 503)


def sign_in_to_edit(request: HttpRequest) -> HttpResponse:
    """Where the admin sends whoever may not enter: to sign in, or, if they have, to a page that says so.

    The sign-in page itself would send them straight back to the admin, and round again.
    """
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", reverse("wagtailadmin_home")), reverse("account_login"))


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an error of ours, which must not depend on whatever has just failed."""
    return HttpResponseServerError(render_to_string("500.html"))


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _check_cache() -> None:
    value = uuid.uuid4().hex
    cache.set("summit:health", value, 10)
    if cache.get("summit:health") is None:
        raise RuntimeError("The cache forgets at once.")


def _check_channel_layer() -> None:
    if get_channel_layer() is None:
        raise RuntimeError("No channel layer is configured.")
