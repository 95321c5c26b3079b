"""Whether somebody who may act as staff has yet to show a second factor. Everything that asks for one asks here."""

from collections.abc import Callable
from dataclasses import dataclass

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from people.models import User
from people.permissions import has_role
from people.roles import ALL

PROOFS = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)
WORDS = "Your role needs a second way to prove that it is you. Add a passkey or an app."
# Where somebody was going when they were sent to set one up, in their session.
BACK = "second_factor_back"

Way = Callable[[User], bool]
_ways: list[Way] = []


def counts_as_staff(way: Way) -> Way:
    """Register one more way of being staff, for apps above this one: being named for something, say."""
    _ways.append(way)
    return way


def is_staff(user: User) -> bool:
    """Whether the account may act as staff in any way: by a role, as a superuser, in the admin, or by being named."""
    return (
        has_role(user, *ALL)
        or user.is_superuser
        or user.has_perm("wagtailadmin.access_admin")
        or any(way(user) for way in _ways)
    )


def is_owed(request: HttpRequest) -> bool:
    """Whether this request is made by staff whose session has not shown a second factor, where that is asked for.

    To have one is not enough: this session must have shown it, or whoever signed in by the mailbox before its owner
    set one up would be let in ever after. Delegates owe none.
    """
    if not settings.STAFF_NEED_SECOND_FACTOR:
        return False
    user = request.user
    if not isinstance(user, User) or not user.is_active or not is_staff(user):
        return False
    return not (_factors(user) and _has_shown_one(request, user))


def lead_to_it(request: HttpRequest) -> HttpResponseRedirect:
    """To where this account shows its second factor, or sets one up first; from both the way leads back here."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("wagtailadmin_home")
    factors = _factors(request.user)
    if not factors:
        request.session[BACK] = back
        messages.warning(request, WORDS)
        return HttpResponseRedirect(reverse("mfa_index"))
    page = "mfa_reauthenticate" if Authenticator.Type.TOTP in factors else "mfa_reauthenticate_webauthn"
    return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'next': back})}")


@dataclass(frozen=True)
class Errand:
    """Why somebody is on the pages about second factors: to go on to `back`."""

    back: str
    is_done: bool


def errand_of(request: HttpRequest) -> Errand | None:
    """What brought somebody to the pages about second factors, if they were sent there."""
    back = request.session.get(BACK)
    return Errand(back, is_done=not is_owed(request)) if back and request.user.is_authenticated else None


def _factors(user: object) -> set[str]:
    return set(Authenticator.objects.filter(user=user, type__in=PROOFS).values_list("type", flat=True))


def _has_shown_one(request: HttpRequest, user: User) -> bool:
    """Whether this session has shown a second factor: when it began, since then, or by adding it."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, user))
