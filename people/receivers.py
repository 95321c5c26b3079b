"""What follows from how people prove who they are."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.dispatch import receiver
from django.http import HttpRequest

from people.models import User

PROOFS = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)


@receiver(authenticator_added, dispatch_uid="people.adding_is_using")
def adding_is_using(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Whoever adds a passkey or an app has just used it, and is not asked for it again to read the recovery codes."""
    if authenticator.type in PROOFS:
        extra = {"id": authenticator.pk, "type": authenticator.type, "reauthenticated": True}
        record_authentication(request, user, "mfa", **extra)
