"""The desk itself: its stream, who sits at it, and whether readers see its results."""

from django.db import transaction
from django.utils import timezone

from events.models import EventPage
from gathering.exceptions import NotAnEditor
from gathering.models import Desk, DeskPlace, Entry
from gathering.permissions import can_open_ledger, can_read_ledger
from people.models import User
from propositions.models import PropositionPage
from realtime.log import LockedStream, lock
from realtime.models import Stream


def open_desk(*, event_id: int) -> Desk:
    """The desk of an event, made when it is first asked for."""
    desk = Desk.objects.filter(event_id=event_id).first()
    if desk is None:
        with transaction.atomic():
            # The event's row is held, so that two first visitors share one desk.
            EventPage.objects.select_for_update().only("pk").get(pk=event_id)
            desk = Desk.objects.filter(event_id=event_id).first()
            if desk is None:
                desk = Desk.objects.create(event_id=event_id, stream=Stream.objects.create())
    return desk


def lock_desk(event_id: int) -> LockedStream:
    """Hold the event's desk until the transaction ends: decisions of its editors happen one after the other."""
    return lock(open_desk(event_id=event_id).stream_id)


def keep_place(
    *, user: User, event: EventPage, proposition: PropositionPage | None, entry: Entry | None, filters: str
) -> None:
    """Remember where an editor is, to resume there and to tell the others that somebody is sorting too."""
    if not can_read_ledger(user):
        raise NotAnEditor
    DeskPlace.objects.update_or_create(
        user=user,
        event=event,
        proposition=proposition,
        defaults={"entry": entry, "filters": filters[:500], "seen_at": timezone.now()},
    )


def show_ledger(*, actor: User, event: EventPage, shows: bool) -> Desk:
    """Open or close the public page that says what became of everything."""
    if not can_open_ledger(actor):
        raise NotAnEditor
    with transaction.atomic():
        desk = open_desk(event_id=event.pk)
        desk.shows_ledger = shows
        desk.save(update_fields=["shows_ledger"])
    return desk
