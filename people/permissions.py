"""Who may do what across the whole installation. Facilitators are named per session, in `live`."""

from django.contrib.auth.models import AnonymousUser

from people.models import User
from people.roles import EDITORS, MODERATORS, ORGANISERS

AnyUser = User | AnonymousUser


def has_role(user: AnyUser | None, *roles: str) -> bool:
    """Whether the account has one of the roles. Superusers have all; inactive accounts none."""
    if user is None or not user.is_authenticated or not user.is_active:
        return False
    if user.is_superuser:
        return True
    names: set[str] | None = getattr(user, "_role_names", None)
    if names is None:
        names = set(user.groups.values_list("name", flat=True))
        user._role_names = names  # type: ignore[attr-defined]
    return not names.isdisjoint(roles)


def is_moderator(user: AnyUser | None) -> bool:
    """May hold, release and hide what delegates say. Organisers may too."""
    return has_role(user, MODERATORS, ORGANISERS)


def is_editor(user: AnyUser | None) -> bool:
    """May sort the ledger and write briefings. Organisers may too."""
    return has_role(user, EDITORS, ORGANISERS)


def is_organiser(user: AnyUser | None) -> bool:
    """May put on an event."""
    return has_role(user, ORGANISERS)
