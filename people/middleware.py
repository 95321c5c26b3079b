"""What must be true of somebody before they may use the power that an account gives."""

import re
from collections.abc import Callable

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode

from people.models import User
from people.permissions import has_role
from people.roles import ALL

# The admin, and what takes everything that was said in a room out of it.
GUARDED = re.compile(r"/(?:admin|live/[^/]+/export)/")
PROOFS = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)


class SecondFactorMiddleware:
    """Send staff who have no second factor to where they set one up, before they enter the admin or export a session.

    On where `STAFF_NEED_SECOND_FACTOR` is set. A passkey counts, and so does an app's codes: the e-mail code alone
    is as safe as the mailbox. To have one is not enough: this session must have shown it, or whoever signed in by the
    mailbox before its owner set one up would be let in ever after. Delegates are never asked.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if (
            not settings.STAFF_NEED_SECOND_FACTOR
            or not GUARDED.match(request.path)
            or not isinstance(user, User)
            or not has_role(user, *ALL)
        ):
            return self.get_response(request)
        factors = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        if factors.isdisjoint(PROOFS):
            messages.warning(request, "Your role needs a second way to prove that it is you. Add a passkey or an app.")
            return HttpResponseRedirect(reverse("mfa_index"))
        if not has_shown_one(request, user):
            page = "mfa_reauthenticate" if Authenticator.Type.TOTP in factors else "mfa_reauthenticate_webauthn"
            back = request.get_full_path() if request.method == "GET" else reverse("wagtailadmin_home")
            return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'next': back})}")
        return self.get_response(request)


def has_shown_one(request: HttpRequest, user: User) -> bool:
    """Whether this session has shown a second factor: when it began, since then, or by adding it."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, user))
