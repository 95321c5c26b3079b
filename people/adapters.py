"""How sign-in fits this site."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are known by e-mail address only."""

    def populate_username(self, request, user):  # type: ignore[no-untyped-def]
        """Nothing to do: there is no username."""
