"""How sign-in fits this site."""

import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib.sites.shortcuts import get_current_site

from content.mail import URGENT, send_later

# A code is good for minutes; a letter that comes later only puzzles.
LETTER_LIFETIME = datetime.timedelta(minutes=30)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are known by e-mail address only, and signing in does not wait for a mail server."""

    def populate_username(self, request, user):  # type: ignore[no-untyped-def]
        """Nothing to do: there is no username."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        request = allauth_context.request
        whole = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        send_later(self.render_mail(template_prefix, email, whole), lifetime=LETTER_LIFETIME, priority=URGENT)
