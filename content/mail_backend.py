"""What takes the mail that others write while somebody waits for a page: Wagtail's notices, for one."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from content.mail import send_later


class LaterBackend(BaseEmailBackend):
    """Keeps each message as letters for a task, so that a page waits for no mail server and fails with none.

    Meant to be the default mailer, beside one named `server` by which letters leave. A letter carries no files: a
    message that has some is refused rather than sent without them.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if any(message.attachments for message in email_messages):
            raise ValueError("A letter carries no files.")
        for message in email_messages:
            send_later(message)
        return len(email_messages)
