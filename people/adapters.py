"""How sign-in fits this site."""

import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.shortcuts import render

from content.mail import URGENT, send_later
from content.text import clean_line
from people.keys import network_key_as_address
from people.models import User

# A code is good for minutes; a letter that comes later only puzzles.
LETTER_LIFETIME = datetime.timedelta(minutes=30)
# What Django's columns for names take.
NAME_LENGTH = 150


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are known by e-mail address only, and signing in does not wait for a mail server."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": "That is not the code. Take it from the newest e-mail; older ones are good no more.",
        "rate_limited": "That was asked for too often. Wait a minute, then try again.",
        "too_many_login_attempts": "That was tried too often. Wait a few minutes, then ask for a new code.",
    }

    def populate_username(self, request, user):  # type: ignore[no-untyped-def]
        """Nothing to do: there is no username."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Never the address itself: it would be kept with each sign-in, and told in letters. Good for limits."""
        return network_key_as_address(super().get_client_ip(request))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        request = allauth_context.request
        whole = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        send_later(self.render_mail(template_prefix, email, whole), lifetime=LETTER_LIFETIME, priority=URGENT)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """An account elsewhere opens the account here that it was added to, and no other.

    It makes a new one only for an address that its server has confirmed and that nobody has here. Otherwise whoever
    claims an address elsewhere would be let into the account of the person who reads its mail, at once or as soon as
    that person first signs in.
    """

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """The name as it is kept here. Of what else the server tells only the address is kept, to be told apart by."""
        user: User = super().populate_user(request, sociallogin, data)
        user.first_name = clean_line(user.first_name)[:NAME_LENGTH]
        user.last_name = clean_line(user.last_name)[:NAME_LENGTH]
        sociallogin.account.extra_data = {"userinfo": {"email": user.email}}
        for address in sociallogin.email_addresses:
            # Some servers send the word instead of the value, and "false" would pass for true.
            address.verified = address.verified in (True, "true")
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.is_existing or sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        confirmed = [address.email for address in sociallogin.email_addresses if address.verified]
        if not confirmed or any(filter_users_by_email(email) for email in confirmed):
            words = {"provider": sociallogin.provider}
            raise ImmediateHttpResponse(render(request, "socialaccount/first_by_code.html", words))
