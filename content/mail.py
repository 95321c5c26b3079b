"""Sending mail without waiting for a mail server, and without losing it when there is none.

A letter is a row until the server has taken it. A page never fails because mail does; a task tries, and tries again.
"""

import datetime
import logging
import smtplib
import uuid

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db.models import F
from django.tasks import Task, task
from django.utils import timezone

from content.models import Letter

logger = logging.getLogger(__name__)

# After each attempt that failed, how long until the next; the last is repeated until the letter is of no use.
PAUSES = [datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]
# Longer than a mail server keeps us waiting: whoever died while trying has died by then.
ATTEMPT_TIME = datetime.timedelta(minutes=2)
USUAL_LIFETIME = datetime.timedelta(days=2)

# The mailer that hands letters over, where the usual one only takes them (`content.mail_backend`).
SERVER = "server"

# Somebody stands before the page that says "look in your e-mail"; a digest may come at any time of the day.
URGENT = 50
USUAL = 0
BULK = -50


def send_later(
    message: EmailMessage, *, lifetime: datetime.timedelta = USUAL_LIFETIME, priority: int = USUAL
) -> list[Letter]:
    """Have a message sent by a task: one letter for each recipient, who learn nothing of each other.

    Called inside a transaction it goes out only if the transaction does, where tasks are rows too.
    """
    html = next(
        (part.content for part in getattr(message, "alternatives", []) if part.mimetype == "text/html"),
        "",
    )
    letters = [
        Letter(
            to=address,
            from_email=message.from_email,
            subject=" ".join(str(message.subject).split())[:200],
            body=str(message.body),
            html=html,
            headers=_headers(message),
            expires_at=timezone.now() + lifetime,
        )
        for address in message.recipients()
    ]
    Letter.objects.bulk_create(letters)
    for letter in letters:
        _at(deliver, priority=priority).enqueue(str(letter.pk))
    return letters


@task
def deliver(letter_id: str) -> str:
    """Hand a letter to the mail server. Answers what became of it.

    One attempt at a time, whoever calls; no transaction is open while the server is spoken to. What the server refuses
    for good is not tried again.
    """
    now = timezone.now()
    key = uuid.UUID(letter_id)
    taken = Letter.objects.filter(pk=key, next_attempt_at__lte=now).update(
        next_attempt_at=now + ATTEMPT_TIME, attempts=F("attempts") + 1
    )
    if not taken:
        return "not now"
    letter = Letter.objects.get(pk=key)
    if letter.expires_at <= now:
        letter.delete()
        return "too late"
    try:
        _message(letter).send(using=SERVER if SERVER in settings.MAILERS else None)
    except (OSError, smtplib.SMTPException) as trouble:
        if _is_final(trouble):
            logger.warning("A letter was refused for good: %s", type(trouble).__name__)
            letter.delete()
            return "refused"
        pause = PAUSES[min(letter.attempts, len(PAUSES)) - 1]
        again_at = timezone.now() + pause
        Letter.objects.filter(pk=key).update(next_attempt_at=again_at)
        logger.warning("The mail server did not take a letter (%s); trying again later", type(trouble).__name__)
        if deliver.get_backend().supports_defer:
            _at(deliver, run_after=again_at).enqueue(letter_id)
        return "later"
    letter.delete()
    return "sent"


def send_waiting(*, moment: datetime.datetime | None = None) -> int:
    """Try every letter that is due: what a worker left when it was stopped. Answers how many were due."""
    moment = moment or timezone.now()
    due = list(Letter.objects.filter(next_attempt_at__lte=moment - ATTEMPT_TIME).values_list("pk", flat=True))
    for key in due:
        deliver.enqueue(str(key))
    return len(due)


def _headers(message: EmailMessage) -> dict[str, str]:
    headers = {name: str(value) for name, value in message.extra_headers.items()}
    if message.reply_to:
        headers["Reply-To"] = ", ".join(message.reply_to)
    return headers


def _message(letter: Letter) -> EmailMessage:
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.body,
        from_email=letter.from_email,
        to=[letter.to],
        headers={"Auto-Submitted": "auto-generated", **letter.headers},
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    return message


def _is_final(trouble: Exception) -> bool:
    """Whether the server says that it will never take this letter: an address that is none, for one."""
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in trouble.recipients.values())
    # Signing in to the server, and the server's own greeting, fail for us and not for the letter.
    return isinstance(trouble, smtplib.SMTPDataError) and 500 <= trouble.smtp_code < 600


def _at(what: Task, *, priority: int = USUAL, run_after: datetime.datetime | None = None) -> Task:
    """A task with a priority and a time where the backend knows such things; one that runs at once knows neither."""
    backend = what.get_backend()
    if backend.supports_priority and priority:
        what = what.using(priority=priority)
    if backend.supports_defer and run_after:
        what = what.using(run_after=run_after)
    return what
