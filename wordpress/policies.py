"""Wagtail's way of asking who may do what with imports: organisers, and they may look, run and undo."""

from typing import Any

from django.db.models import Q, QuerySet
from wagtail.permission_policies import BasePermissionPolicy

from people.models import User
from people.permissions import is_organiser
from people.roles import ORGANISERS


class OrganisersPolicy(BasePermissionPolicy):
    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in ("view", "add") and is_organiser(user)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return self.user_has_permission(user, action)

    def users_with_any_permission(self, actions: Any) -> QuerySet[User]:
        users = User.objects.filter(is_active=True)
        return users.filter(Q(is_superuser=True) | Q(groups__name=ORGANISERS)).distinct()
