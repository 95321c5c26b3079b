"""Telling people what became of their words: links to keep, and one message to those who asked."""

import hashlib
import secrets
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from events.models import EventPage
from gathering.exceptions import WishRefused
from gathering.models import Entry, Wish, WishContact, WordsLink

# A person has few keys: an account, some devices. Whoever sends more is not a person.
MOST_KEYS = 40


def hash_of_token(token: str) -> str:
    """Tokens are long and random: a plain hash keeps them."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def make_link(*, author_keys: Sequence[str]) -> str:
    """Make a link to somebody's words and answer its token, which is stored nowhere."""
    token = secrets.token_urlsafe(24)
    WordsLink.objects.create(token_hash=hash_of_token(token), author_keys=list(author_keys)[:MOST_KEYS])
    return token


def wish_to_be_told(*, author_keys: Sequence[str], event: EventPage, email: str) -> Wish:
    """Note that somebody who said something at an event wants one message about it, and where to send it.

    Wishing again changes the address. The message is sent once; then the address is deleted.
    """
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise WishRefused("Give an e-mail address, such as name@example.org.") from error
    keys = list(author_keys)[:MOST_KEYS]
    if not Entry.objects.filter(event=event, author_key__in=keys).exists():
        raise WishRefused("Nothing was said from here at this event.")
    with transaction.atomic():
        wish, _ = Wish.objects.select_for_update().get_or_create(
            event=event, author_key=keys[0], defaults={"author_keys": keys}
        )
        if wish.told_at:
            raise WishRefused("You were told already, on " + f"{timezone.localtime(wish.told_at):%-d %B %Y}.")
        wish.author_keys = keys
        wish.save(update_fields=["author_keys"])
        WishContact.objects.update_or_create(wish=wish, defaults={"email": email})
    return wish


def wishes_to_grant(*, event: EventPage, proposition_id: int | None) -> list[Wish]:
    """The wishes of those who spoke about what a briefing is about, and have not been told."""
    about = Q(event=event) if proposition_id is None else Q(event=event, proposition=proposition_id)
    said = set(Entry.objects.filter(about).values_list("author_key", flat=True))
    open_wishes = Wish.objects.filter(event=event, told_at=None, contact__isnull=False).select_related("contact")
    return [wish for wish in open_wishes if not said.isdisjoint(wish.author_keys)]


def note_told(*, wish: Wish) -> str | None:
    """Take a wish in hand: answers its address once, and deletes it. None if somebody has told them already.

    Called inside the transaction of the task that sends the message, so that a failure leaves the wish open.
    """
    wish = Wish.objects.select_for_update(of=("self",)).get(pk=wish.pk)
    contact = WishContact.objects.filter(wish=wish).first()
    if wish.told_at or contact is None:
        return None
    wish.told_at = timezone.now()
    wish.save(update_fields=["told_at"])
    contact.delete()
    return contact.email
