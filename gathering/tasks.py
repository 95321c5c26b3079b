"""What is done in the background: long looks through the ledger, and messages to those who spoke."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.tasks import task
from django.template.loader import render_to_string
from django.urls import reverse

from content.mail import BULK, send_later
from events.models import EventPage
from gathering.actions import encode_texts, make_link, note_told, run_look, wishes_to_grant
from gathering.models import Entry, Point, Wish

# The worker turns to other tasks after so many texts: letters have come meanwhile.
MOST_TEXTS = 100


@task(priority=BULK)
def encode_event(event_id: int) -> int:
    """Let the optional encoder read what it has not read of an event's ledger. Safe to run again."""
    entries = Entry.objects.filter(event=event_id, erased_at=None).in_order()
    read = encode_texts(
        text_hashes=list(entries.values_list("text_hash", flat=True)),
        titles=list(Point.objects.filter(event=event_id).values_list("working_title", flat=True)),
        most=MOST_TEXTS,
    )
    if read == MOST_TEXTS:
        encode_event.enqueue(event_id)
    return read


# Letters that wait go first.
@task(priority=-10)
def look_through(look_id: int) -> None:
    """Make the look through a desk that an editor asked for. Safe to run again: it is made once."""
    run_look(look_id=look_id)


@task
def tell_contributors(event_id: int, proposition_id: int | None, title: str, address: str) -> int:
    """Tell those who asked that a briefing has come out, once, each in a message of their own.

    `address` is the briefing's, `title` its title. Safe to run again: who was told is not told twice.
    """
    event = EventPage.objects.get(pk=event_id)
    told = 0
    for wish in wishes_to_grant(event=event, proposition_id=proposition_id):
        told += _tell(wish, event, title, address)
    return told


def _tell(wish: Wish, event: EventPage, title: str, address: str) -> int:
    with transaction.atomic():
        email = note_told(wish=wish)
        if email is None:
            return 0
        token = make_link(author_keys=wish.author_keys)
        context = {
            "event": event,
            "title": title,
            "address": address,
            "link": settings.BASE_URL.rstrip("/") + reverse("gathering:words_by_link", args=[token]),
            "site_name": settings.SITE_NAME,
        }
        message = EmailMessage(
            subject=" ".join(f"Where your words went: {event.title}".split())[:120],
            body=render_to_string("gathering/mail/told.txt", context),
            to=[email],
        )
        send_later(message)
    return 1
