"""Who is signed in, and as whom readers know them: both are asked for on every page, so both come in one query."""

from allauth.account.auth_backends import AuthenticationBackend as StockCodeBackend
from django.contrib.auth.backends import ModelBackend as StockPasswordBackend

from people.models import User


class PersonMixin:
    def get_user(self, user_id: int | str) -> User | None:
        user = User.objects.select_related("person").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None  # type: ignore[attr-defined]


class PasswordBackend(PersonMixin, StockPasswordBackend):
    """Django's own."""


class CodeBackend(PersonMixin, StockCodeBackend):
    """allauth's: codes by e-mail, passkeys, other sites."""
