"""The e-mails a discussion sends: plain text, in our words."""

import hashlib
import secrets

from django.conf import settings
from django.core.mail import EmailMessage
from django.tasks import task
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from content.mail import URGENT, send_later
from discussion.models import PendingComment

SUBJECT_LENGTH = 120


def subject_line(text: str) -> str:
    """A subject on one line, whatever stands in a title."""
    line = " ".join(text.split())
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1] + "…"


def hash_token(token: str) -> str:
    """Tokens are long and random: a plain hash keeps them."""
    return hashlib.sha256(token.encode()).hexdigest()


@task
def send_confirmation(pending_id: str) -> None:
    """Write the e-mail with the link that publishes a pending comment.

    The token is made here and stored hashed, so that it stands nowhere but in the letter; writing again makes a new
    one. A comment that was confirmed meanwhile gets no e-mail.
    """
    pending = PendingComment.objects.select_related("page").filter(pk=pending_id, confirmed_at=None).first()
    if pending is None:
        return
    token = secrets.token_urlsafe(32)
    pending.token_hash = hash_token(token)
    pending.save(update_fields=["token_hash"])
    context = {
        "pending": pending,
        "page": pending.page,
        "link": settings.BASE_URL.rstrip("/") + reverse("comments-confirm", args=[token]),
        "site_name": settings.SITE_NAME,
    }
    message = EmailMessage(
        subject=subject_line(f"Confirm your comment on “{pending.page.title}”"),
        body=render_to_string("discussion/mail/confirmation.txt", context),
        to=[pending.email],
    )
    send_later(message, lifetime=pending.expires_at - timezone.now(), priority=URGENT)
