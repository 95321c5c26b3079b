"""Mail leaves in the background, once, and survives a mail server that is away."""

import datetime
import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.management import call_command
from django.tasks import default_task_backend
from django.utils import timezone
from wagtail.admin.mail import send_notification
from wagtail.models import Page

from content.mail import ATTEMPT_TIME, deliver, send_later, send_waiting
from content.models import Letter
from people.models import User

pytestmark = pytest.mark.django_db


def message(**values):
    return EmailMessage(**{"subject": "News\r\nBcc: x", "body": "Two sheds.", "to": ["odile@example.org"], **values})


@pytest.fixture
def server(monkeypatch):
    """A mail server that answers as the test says: with an error, or by taking the message."""

    class Server:
        answers: list[Exception] = []

    real = EmailMessage.send

    def send(self, *args, **kwargs):
        if Server.answers:
            raise Server.answers.pop(0)
        return real(self, *args, **kwargs)

    Server.answers = []
    monkeypatch.setattr(EmailMessage, "send", send)
    return Server


def later(letter, **ago):
    Letter.objects.filter(pk=letter.pk).update(next_attempt_at=timezone.now() - datetime.timedelta(**ago))


def test_letter_is_sent_and_forgotten():
    send_later(message(to=["a@example.org", "b@example.org"], headers={"List-Id": "x"}))

    assert [sent.to for sent in mail.outbox] == [["a@example.org"], ["b@example.org"]]
    assert mail.outbox[0].subject == "News Bcc: x"
    assert mail.outbox[0].extra_headers == {"Auto-Submitted": "auto-generated", "List-Id": "x"}
    assert Letter.objects.count() == 0


def test_letter_keeps_its_second_shape():
    both = EmailMultiAlternatives("News", "Plain.", to=["a@example.org"])
    both.attach_alternative("<p>Rich.</p>", "text/html")
    send_later(both)

    assert mail.outbox[0].alternatives[0].content == "<p>Rich.</p>"


@pytest.mark.parametrize("trouble", [ConnectionRefusedError(), TimeoutError(), smtplib.SMTPServerDisconnected()])
def test_letter_waits_while_the_server_is_away(server, trouble):
    server.answers = [trouble]
    (letter,) = send_later(message())
    letter.refresh_from_db()
    assert letter.attempts == 1
    assert deliver.call(str(letter.pk)) == "not now"

    later(letter, minutes=0)
    assert deliver.call(str(letter.pk)) == "sent"
    assert len(mail.outbox) == 1
    assert deliver.call(str(letter.pk)) == "not now"


def test_pauses_between_attempts_grow(server):
    server.answers = [ConnectionRefusedError() for _ in range(7)]
    (letter,) = send_later(message())
    pauses = []
    for _ in range(6):
        letter.refresh_from_db()
        pauses.append(round((letter.next_attempt_at - timezone.now()).total_seconds() / 60))
        later(letter, minutes=0)
        deliver.call(str(letter.pk))

    assert pauses == [1, 5, 15, 60, 240, 240]


def test_letter_that_the_server_refuses_for_good_goes(server):
    server.answers = [smtplib.SMTPRecipientsRefused({"odile@example.org": (550, b"no such person")})]
    send_later(message())

    assert Letter.objects.count() == 0
    assert mail.outbox == []


def test_letter_that_is_of_no_use_any_more_goes_unsent():
    (letter,) = Letter.objects.bulk_create([Letter(to="a@example.org", subject="Code", expires_at=timezone.now())])

    assert deliver.call(str(letter.pk)) == "too late"
    assert mail.outbox == []
    assert Letter.objects.count() == 0


def test_what_a_stopped_worker_left_is_sent_by_the_clock():
    left, fresh = Letter.objects.bulk_create(
        Letter(to=f"{name}@example.org", expires_at=timezone.now() + datetime.timedelta(days=1)) for name in "ab"
    )
    later(left, minutes=ATTEMPT_TIME.total_seconds() // 60 + 1)

    call_command("send_waiting_mail")

    assert [sent.to for sent in mail.outbox] == [["a@example.org"]]
    assert send_waiting() == 0
    assert Letter.objects.get().pk == fresh.pk


def test_worker_is_told_when_to_try_again(settings, server, django_capture_on_commit_callbacks):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415 the table of a backend that only this test uses

    (letter,) = send_later(message())
    server.answers = [ConnectionRefusedError()]
    assert deliver.call(str(letter.pk)) == "later"

    letter.refresh_from_db()
    waiting = DBTaskResult.objects.get(run_after=letter.next_attempt_at)
    assert waiting.args_kwargs["args"] == [str(letter.pk)]
    assert default_task_backend.supports_defer


@pytest.fixture
def only_taken(settings):
    """The usual mailer only takes letters, as in production; tasks wait. Answers what lets them run."""
    settings.MAILERS = {
        "default": {"BACKEND": "content.mail_backend.LaterBackend"},
        "server": settings.MAILERS["default"],
    }
    usual, settings.TASKS = settings.TASKS, {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}

    def let_run():
        settings.TASKS = usual

    return let_run


def test_notices_that_wagtail_writes_leave_by_a_task(only_taken):
    editor = User.objects.create(email="editor@example.org")
    page = Page.objects.get(depth=1)

    assert send_notification([editor], "updated_comments", {"page": page, "editor": editor})
    assert mail.outbox == []
    only_taken()
    letter = Letter.objects.get()
    assert deliver.call(str(letter.pk)) == "sent"

    assert [sent.to for sent in mail.outbox] == [["editor@example.org"]]
    assert mail.outbox[0].subject == letter.subject != ""
    assert Letter.objects.count() == 0


def test_letter_keeps_where_answers_go(only_taken):
    message(reply_to=["desk@example.org", "b@example.org"]).send()

    only_taken()
    deliver.call(str(Letter.objects.get().pk))

    assert mail.outbox[0].message()["Reply-To"] == "desk@example.org, b@example.org"


def test_message_with_a_file_is_refused_rather_than_sent_without_it(only_taken):
    with_file = message()
    with_file.attach("minutes.txt", "Two sheds.", "text/plain")

    with pytest.raises(ValueError, match="no files"):
        with_file.send()

    assert Letter.objects.count() == 0
