"""Wagtail's way of asking who may do what, answered by roles instead of by Django's permissions."""

from typing import Any

from django.db.models import Q, QuerySet
from wagtail.permission_policies import BasePermissionPolicy

from people.models import User
from people.permissions import is_editor, is_moderator
from people.roles import EDITORS, MODERATORS, ORGANISERS


class ModeratorsPolicy(BasePermissionPolicy):
    """Moderators may do the actions named; nobody may do any other."""

    def __init__(self, model: Any, actions: set[str]) -> None:
        super().__init__(model)
        self.actions = actions

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in self.actions and is_moderator(user)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return self.user_has_permission(user, action)

    def user_has_any_permission_for_instance(self, user: Any, actions: Any, instance: Any) -> bool:
        return self.user_has_any_permission(user, actions)

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> QuerySet[Any]:
        instances = self.model._default_manager
        return instances.all() if self.user_has_any_permission(user, actions) else instances.none()

    def users_with_any_permission(self, actions: Any) -> QuerySet[User]:
        users = User.objects.filter(is_active=True)
        if not self.actions.intersection(actions):
            return users.none()
        return users.filter(Q(is_superuser=True) | Q(groups__name__in=[MODERATORS, ORGANISERS])).distinct()


class LookersPolicy(ModeratorsPolicy):
    """Editors may too: injected text stands in what they publish."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in self.actions and (is_moderator(user) or is_editor(user))

    def users_with_any_permission(self, actions: Any) -> QuerySet[User]:
        users = User.objects.filter(is_active=True)
        if not self.actions.intersection(actions):
            return users.none()
        return users.filter(Q(is_superuser=True) | Q(groups__name__in=[MODERATORS, ORGANISERS, EDITORS])).distinct()
