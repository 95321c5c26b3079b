"""Who may read and sort the ledger."""

from events.models import EventPage, Phase
from gathering.exceptions import EventIsArchived, NotAnEditor
from people.permissions import AnyUser, is_editor, is_organiser


def can_read_ledger(user: AnyUser | None) -> bool:
    """May see every entry with its text, whatever became of its source."""
    return is_editor(user)


def can_sort(user: AnyUser | None, event: EventPage) -> bool:
    """May decide about entries and shape the points of an event."""
    return is_editor(user) and event.phase != Phase.ARCHIVED


def can_open_ledger(user: AnyUser | None) -> bool:
    """May decide whether readers see what became of everything."""
    return is_organiser(user)


def require_sorting(user: AnyUser | None, event: EventPage) -> None:
    """Raise unless this account may sort this event's ledger now."""
    if not is_editor(user):
        raise NotAnEditor
    if event.phase == Phase.ARCHIVED:
        raise EventIsArchived
