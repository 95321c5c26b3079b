"""Before a briefing is printed, those whom it quotes may object, while the organiser keeps a window open for it."""

import datetime
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from briefings.exceptions import BriefingError, NotAllowed
from briefings.models import BriefingPage, Objection, ObjectionWindow
from briefings.selectors import is_quoted_in_draft
from gathering.models import Entry
from people.models import User
from people.permissions import is_organiser


def open_objections(*, actor: User, briefing: BriefingPage, closes_on: datetime.date) -> ObjectionWindow:
    """Let those whom the draft quotes object until the end of a day. Opening again changes the day."""
    _require_organiser(actor)
    if closes_on < timezone.localdate():
        raise BriefingError("The last day cannot be in the past.")
    window, _ = ObjectionWindow.objects.update_or_create(
        briefing=briefing, defaults={"closes_on": closes_on, "opened_by": actor, "opened_at": timezone.now()}
    )
    return window


def close_objections(*, actor: User, briefing: BriefingPage) -> None:
    """Take no more objections. Those that were made stand."""
    _require_organiser(actor)
    ObjectionWindow.objects.filter(briefing=briefing).delete()


def object_to_quoting(*, author_keys: Collection[str], briefing: BriefingPage, entry: Entry) -> Objection:
    """Note that the author of an entry does not want its words in a briefing. The editor sees it in the checks.

    Refuses what is not one's own, what the draft does not quote, and what comes after the window has closed.
    """
    _require_author(author_keys, entry)
    with transaction.atomic():
        window = ObjectionWindow.objects.select_for_update().filter(briefing=briefing).first()
        if window is None or not window.is_open:
            raise BriefingError("Objections to this briefing are no longer taken. You can still withdraw your words.")
        if not is_quoted_in_draft(briefing, entry):
            raise BriefingError("The briefing does not quote these words any more.")
        objection, was_made = Objection.objects.get_or_create(briefing=briefing, entry=entry)
        if not was_made and objection.taken_back_at is not None:
            objection.made_at, objection.taken_back_at = timezone.now(), None
            objection.save(update_fields=["made_at", "taken_back_at"])
    return objection


def take_objection_back(*, author_keys: Collection[str], briefing: BriefingPage, entry: Entry) -> None:
    """Let one's words be quoted after all. Possible at any time, and harmless twice."""
    _require_author(author_keys, entry)
    Objection.objects.filter(briefing=briefing, entry=entry, taken_back_at=None).update(taken_back_at=timezone.now())


def _require_organiser(actor: User) -> None:
    if not is_organiser(actor):
        raise NotAllowed("Only organisers open and close objections.")


def _require_author(author_keys: Collection[str], entry: Entry) -> None:
    if entry.author_key not in author_keys:
        raise NotAllowed("Only those who said something object to its being quoted.")
