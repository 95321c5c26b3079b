"""What must be true of somebody before they may use the power that an account gives."""

from collections.abc import Callable

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from people.models import User
from people.permissions import has_role
from people.roles import ALL

GUARDED = ("/admin/",)


class SecondFactorMiddleware:
    """Send staff who have no second factor to where they set one up, before they enter the admin.

    On where `STAFF_NEED_SECOND_FACTOR` is set. A passkey counts, and so does an app's codes: the e-mail code alone
    is as safe as the mailbox. Delegates are never asked.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.STAFF_NEED_SECOND_FACTOR and request.path.startswith(GUARDED) and _lacks_one(request):
            messages.warning(request, "Your role needs a second way to prove that it is you. Add a passkey or an app.")
            return HttpResponseRedirect(reverse("mfa_index"))
        return self.get_response(request)


def _lacks_one(request: HttpRequest) -> bool:
    user = request.user
    proofs = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return isinstance(user, User) and has_role(user, *ALL) and not get_adapter().is_mfa_enabled(user, types=proofs)
