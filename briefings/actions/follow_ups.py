"""You said, we did: what is done about a point, and reminding those who said they would."""

import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from briefings.exceptions import BriefingError, NotAllowed
from briefings.models import BriefingPage, FollowUp, FollowUpChange
from gathering.models import Point
from people.models import User
from people.permissions import is_editor

# Owners are reminded a week before the day, and every fortnight after that until it is done or dropped.
REMIND_BEFORE = datetime.timedelta(days=7)
REMIND_EVERY = datetime.timedelta(days=14)

CHANGEABLE = frozenset({"promise", "owner", "owner_email", "due_on", "state", "note"})


def add_follow_up(
    *,
    actor: User,
    briefing: BriefingPage,
    point: Point,
    promise: str,
    owner: str,
    owner_email: str = "",
    due_on: datetime.date | None = None,
    state: str = FollowUp.State.PLANNED,
    note: str = "",
    moment: datetime.datetime | None = None,
) -> FollowUp:
    """Note what is to be done about a point of a briefing, by whom and when. Readers see it at once."""
    _require_editor(actor)
    if point.event_id != briefing.event.pk:
        raise BriefingError("This point belongs to another event.")
    _refuse_silent_end(state, note)
    made_at = moment or timezone.now()
    with transaction.atomic():
        follow_up = FollowUp.objects.create(
            briefing=briefing,
            point=point,
            promise=promise,
            owner=owner,
            owner_email=owner_email,
            due_on=due_on,
            state=state,
            note=note,
            created_at=made_at,
            changed_at=made_at,
        )
        _note_change(follow_up, actor)
    return follow_up


def change_follow_up(
    *, actor: User, follow_up: FollowUp, moment: datetime.datetime | None = None, **changes: Any
) -> FollowUp:
    """Change how a follow-up stands. How it stood before is kept. What was not done needs a reason in its note."""
    _require_editor(actor)
    if unknown := changes.keys() - CHANGEABLE:
        raise TypeError(f"A follow-up has no {', '.join(sorted(unknown))} to change.")
    with transaction.atomic():
        kept = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up.pk)
        before = (kept.state, kept.due_on, kept.note)
        for name, value in changes.items():
            setattr(kept, name, value)
        _refuse_silent_end(kept.state, kept.note)
        if (kept.state, kept.due_on, kept.note) != before:
            kept.changed_at = moment or timezone.now()
            if not changes.keys().isdisjoint({"due_on", "state"}):
                kept.reminded_at = None
            _note_change(kept, actor)
        kept.save()
    return kept


def remind_owners(*, moment: datetime.datetime | None = None) -> list[FollowUp]:
    """Write to the owners of what is due within a week or overdue, each at most once a fortnight. Safe to run again.

    Answers those that somebody was reminded of. A message that cannot be sent leaves its follow-up to the next run.
    """
    now = moment or timezone.now()
    due = FollowUp.objects.filter(
        Q(reminded_at=None) | Q(reminded_at__lte=now - REMIND_EVERY),
        state__in=[FollowUp.State.PLANNED, FollowUp.State.UNDER_WAY],
        due_on__lte=timezone.localdate(now) + REMIND_BEFORE,
        briefing__live=True,
    ).exclude(owner_email="")
    reminded = []
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            # Two runs at once: the second finds nothing left to do.
            follow_up = due.select_for_update(of=("self",)).filter(pk=pk).select_related("briefing", "point").first()
            if follow_up is None:
                continue
            follow_up.reminded_at = now
            follow_up.save(update_fields=["reminded_at"])
            _remind(follow_up, timezone.localdate(now))
            reminded.append(follow_up)
    return reminded


def _remind(follow_up: FollowUp, today: datetime.date) -> None:
    base = settings.BASE_URL.rstrip("/")
    context = {
        "follow_up": follow_up,
        "briefing": follow_up.briefing,
        # As readers know it; the desk's numbers move with every draft.
        "point": follow_up.briefing.published_points.filter(point=follow_up.point_id).first(),
        "is_overdue": follow_up.due_on is not None and follow_up.due_on < today,
        "address": base + reverse("briefings:follow_ups", args=[follow_up.briefing.short_address]),
        "site_name": settings.SITE_NAME,
    }
    EmailMessage(
        subject=" ".join(f"{'Overdue' if context['is_overdue'] else 'Due soon'}: {follow_up.promise}".split())[:120],
        body=render_to_string("briefings/mail/reminder.txt", context),
        to=[follow_up.owner_email],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()


def _note_change(follow_up: FollowUp, actor: User) -> None:
    FollowUpChange.objects.create(
        follow_up=follow_up,
        state=follow_up.state,
        due_on=follow_up.due_on,
        note=follow_up.note,
        actor=actor,
        made_at=follow_up.changed_at,
    )


def _require_editor(actor: User) -> None:
    if not is_editor(actor):
        raise NotAllowed("Only editors and organisers keep follow-ups.")


def _refuse_silent_end(state: str, note: str) -> None:
    if state == FollowUp.State.DROPPED and not note.strip():
        raise BriefingError("Say why it was not done: those who asked for it will read this.")
