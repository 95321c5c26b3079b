"""Long looks through a desk's entries: asked for, followed, stopped. What they find is written by who looks."""

import time
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from events.models import EventPage
from gathering.actions.desk import lock_desk
from gathering.exceptions import LookEnded, ThemeRefused
from gathering.models import DeskLook
from gathering.permissions import require_sorting
from gathering.selectors import entries_to_look_through
from gathering.theming import LEAST_ENTRIES
from people.models import User
from propositions.models import PropositionPage
from realtime.log import LockedStream, NewEvent

# How far it is, is written down once in so many seconds.
TELL_EVERY = 1.0

State = DeskLook.State


def ask_for_look(
    *, actor: User, event: EventPage, proposition: PropositionPage | None = None, kind: str
) -> tuple[DeskLook, bool]:
    """Have a desk's entries looked through. Answers the look and whether it is new: one of a kind goes on at a time.

    Nobody looks yet: `run_look` does, in the worker. What came of the look before is forgotten, not what it found.
    """
    require_sorting(actor, event)
    count = entries_to_look_through(kind, event, proposition).count()
    if kind == DeskLook.Kind.THEMES:
        refuse_too_few(count)
    with transaction.atomic():
        stream = lock_desk(event.pk)
        earlier = DeskLook.objects.filter(event=event, proposition=proposition, kind=kind)
        going = earlier.first()
        if going and going.is_going:
            return going, False
        # One that stalled finds, should it go on after all, that it is not wanted any more.
        earlier.delete()
        look = DeskLook.objects.create(event=event, proposition=proposition, kind=kind, asked_by=actor, entries=count)
        _publish(stream)
    return look, True


def refuse_too_few(count: int) -> None:
    """Raise if themes are not suggested among so few entries."""
    if count < LEAST_ENTRIES:
        raise ThemeRefused(f"Themes are suggested from {LEAST_ENTRIES} undecided entries on; here are {count}.")


def begin_look(*, look_id: int) -> DeskLook | None:
    """Take on a look that waits. None if it does not wait any more: stopped, taken already, or asked for anew."""
    waiting = DeskLook.objects.filter(pk=look_id, state=State.WAITING)
    if not waiting.update(state=State.RUNNING, moved_at=timezone.now()):
        return None
    return DeskLook.objects.select_related("event", "proposition", "asked_by").filter(pk=look_id).first()


def teller(look: DeskLook | None) -> Callable[[float], None]:
    """What writes down how far a look is, as a share of the whole, and raises `LookEnded` once it is not wanted."""
    told = 0.0

    def tell(share: float) -> None:
        nonlocal told
        if look is None or time.monotonic() - told < TELL_EVERY:
            return
        told = time.monotonic()
        running = DeskLook.objects.filter(pk=look.pk, state=State.RUNNING)
        if not running.update(percent=round(100 * min(share, 1)), moved_at=timezone.now()):
            raise LookEnded

    return tell


def finish_look(*, look: DeskLook, found: int) -> None:
    """Say what a look found, in the transaction that writes it down and holds its desk.

    Raises so that nothing is written: `LookEnded` if it was stopped, a refusal if its editor may not sort any more.
    """
    # As they are now: somebody may have been dismissed, or the event archived, meanwhile.
    require_sorting(User.objects.filter(desk_looks=look).first(), EventPage.objects.get(pk=look.event_id))
    running = DeskLook.objects.filter(pk=look.pk, state=State.RUNNING)
    if not running.update(state=State.DONE, percent=100, found=found, moved_at=timezone.now()):
        raise LookEnded


def fail_look(*, look: DeskLook, failure: str = "") -> None:
    """Say that nothing came of a look, and why if that is a sentence for editors."""
    with transaction.atomic():
        stream = lock_desk(look.event_id)
        going = DeskLook.objects.filter(pk=look.pk, state__in=DeskLook.GOING)
        if going.update(state=State.FAILED, failure=failure[:300], moved_at=timezone.now()):
            _publish(stream)


def stop_look(*, actor: User, event: EventPage, proposition: PropositionPage | None = None, kind: str) -> bool:
    """Stop what is being looked for. Answers whether anything was. What was found before stays."""
    require_sorting(actor, event)
    with transaction.atomic():
        stream = lock_desk(event.pk)
        going = DeskLook.objects.filter(event=event, proposition=proposition, kind=kind, state__in=DeskLook.GOING)
        is_stopped = bool(going.update(state=State.STOPPED, moved_at=timezone.now()))
        if is_stopped:
            _publish(stream)
    return is_stopped


def _publish(stream: LockedStream) -> None:
    stream.append([NewEvent("looks.changed", {"actor": None}, audience="editors")])
