"""What Wagtail's admin lets people do with live sessions. A session's page makes it and takes it away."""

from collections.abc import Iterable
from typing import Any

from wagtail.permission_policies.base import BasePermissionPolicy

from live.permissions import can_moderate, can_organise
from people.models import User
from people.permissions import is_moderator


class LiveSessionPermissionPolicy(BasePermissionPolicy):
    def user_has_permission(self, user: User, action: str) -> bool:
        if action == "change":
            return can_organise(user)
        if action == "view":
            return can_organise(user) or is_moderator(user) or user.facilitated_sessions.exists()
        return False

    def user_has_any_permission(self, user: User, actions: Iterable[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: User, action: str, instance: Any) -> bool:
        if action == "view":
            return can_moderate(user, instance)
        return self.user_has_permission(user, action)

    def users_with_any_permission(self, actions: Iterable[str]) -> Any:
        return User.objects.filter(is_active=True, is_superuser=True)
