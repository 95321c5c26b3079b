"""What the people of a workflow read in their mail: our words, the page's title as it is, and where to go."""

import pytest
from django.core import mail
from django.template.loader import render_to_string
from wagtail.models import Workflow

from people import roles
from tests.factories.briefings import make_event
from tests.factories.discussion import member

pytestmark = pytest.mark.django_db

TITLE = "Ferries & roads: who pays?"


@pytest.fixture
def people():
    return {
        "editor": member(roles.EDITORS, email="editor@example.org"),
        "organiser": member(roles.ORGANISERS, email="organiser@example.org"),
    }


@pytest.fixture
def handed_in(people):
    event = make_event(TITLE)
    event.save_revision(user=people["editor"])
    state = Workflow.objects.get(name="Approval by an organiser").start(event, people["editor"])
    return event, state


def sent_to(address):
    return [message for message in mail.outbox if message.to == [address]]


def test_organiser_reads_what_waits_and_where(handed_in, people):
    event, _ = handed_in

    (message,) = sent_to("organiser@example.org")

    assert message.subject == f"“{TITLE}” waits for you"
    assert f"The event “{TITLE}” is waiting for approval" in message.body
    assert f"/admin/pages/{event.pk}/edit/" in message.body
    assert "/admin/account/#tab-notifications" in message.body
    assert "moderation stage" not in message.body
    assert sent_to("editor@example.org") == []


def test_editor_reads_what_to_change(handed_in, people):
    event, state = handed_in
    mail.outbox.clear()

    state.current_task_state.reject(user=people["organiser"], comment="Say whose ferries & when.")

    (message,) = sent_to("editor@example.org")
    assert message.subject == f"“{TITLE}” came back with a request for changes"
    assert "Say whose ferries & when." in message.body
    assert f"/admin/pages/{event.pk}/edit/" in message.body


def test_editor_reads_where_it_is_published(handed_in, people):
    event, state = handed_in
    mail.outbox.clear()

    state.current_task_state.approve(user=people["organiser"])

    (message,) = sent_to("editor@example.org")
    assert message.subject == f"“{TITLE}” was approved"
    assert event.full_url in message.body


def test_notes_in_the_margin_are_told(handed_in, people):
    event, _ = handed_in
    context = {
        "page": event,
        "editor": people["editor"],
        "user": people["organiser"],
        "new_comments": [{"text": "Whose & when?"}],
        "replied_comments": [{"comment": {"text": "Too long"}, "replies": [{"text": "Cut it"}]}],
        "resolved_comments": [],
        "deleted_comments": [],
    }

    words = render_to_string("wagtailadmin/notifications/updated_comments.txt", context)

    assert "New:\n  – Whose & when?" in words
    assert "Answered:\n  – Too long\n      Cut it" in words
    assert "Settled" not in words
    assert "Taken away" not in words
