"""What follows from how people prove who they are, and what of it stands in the record of who did what.

Delegates' sign-ins are nobody's business.
"""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.http import HttpRequest
from wagtail.log_actions import get_active_log_context, log

from people.models import User
from people.permissions import has_role
from people.roles import ALL

PROOFS = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)


@receiver(authenticator_added, dispatch_uid="people.adding_is_using")
def adding_is_using(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Whoever adds a passkey or an app has just used it, and is not asked for it again to read the recovery codes."""
    if authenticator.type in PROOFS:
        extra = {"id": authenticator.pk, "type": authenticator.type, "reauthenticated": True}
        record_authentication(request, user, "mfa", **extra)


@receiver(user_logged_in)
def record_sign_in(sender: Any, user: User, **kwargs: Any) -> None:
    if has_role(user, *ALL):
        log(instance=user, action="people.sign_in", user=user)


@receiver(user_logged_out)
def record_sign_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None and has_role(user, *ALL):
        log(instance=user, action="people.sign_out", user=user)


@receiver([authenticator_added, authenticator_removed])
def record_factor(sender: Any, signal: Any, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    if has_role(user, *ALL):
        action = "people.add_factor" if signal is authenticator_added else "people.remove_factor"
        log(instance=user, action=action, user=user, data={"reason": authenticator.get_type_display()})


@receiver(m2m_changed, sender=User.groups.through)
def record_roles(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any
) -> None:
    """Roles given and taken, by whichever way: the admin, a command, another program."""
    if reverse or action not in ("post_add", "post_remove", "pre_clear"):
        return
    groups = instance.groups.all() if action == "pre_clear" else Group.objects.filter(pk__in=pk_set or ())
    names = ", ".join(sorted(groups.values_list("name", flat=True)))
    # What is remembered of the account's roles for the request is not so any more.
    instance.__dict__.pop("_role_names", None)
    if names:
        done = "people.give_role" if action == "post_add" else "people.take_role"
        log(instance=instance, action=done, user=get_active_log_context().user, data={"reason": names})
