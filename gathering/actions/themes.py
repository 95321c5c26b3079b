"""Themes: suggested by the machine, kept or refused by people."""

import uuid
from collections.abc import Mapping

from django.db import transaction

from content.text import clean_line
from events.models import EventPage
from gathering.actions.decisions import Seen, decide
from gathering.actions.desk import lock_desk
from gathering.actions.looks import finish_look, refuse_too_few, teller
from gathering.exceptions import ThemeRefused
from gathering.models import Decision, DeskLook, Entry, RefusedTheme, Theme
from gathering.permissions import require_sorting
from gathering.selectors import entries_to_look_through
from gathering.theming import piles
from gathering.vectors import vectors_of
from people.models import User
from propositions.models import PropositionPage
from realtime.log import LockedStream, NewEvent


def suggest_themes(
    *, actor: User, event: EventPage, proposition: PropositionPage | None = None, look: DeskLook | None = None
) -> list[Theme]:
    """Group what is undecided and stands under no accepted theme. Earlier suggestions make way for the new ones.

    No decision is made about any entry: a theme is where it lies on the desk, not what became of it. As `look`, how far
    it is and that it is done are written down.
    """
    require_sorting(actor, event)
    tell = teller(look)
    wanted = entries_to_look_through(DeskLook.Kind.THEMES, event, proposition)
    last = Decision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    rows = list(wanted.in_order().values_list("pk", "text_hash", "text"))
    refuse_too_few(len(rows))
    # The long part comes before the desk is held.
    tell(0)
    vectors = vectors_of([text_hash for _, text_hash, _ in rows])
    found = piles([text for *_, text in rows], vectors, tell=tell)
    with transaction.atomic():
        stream = lock_desk(event.pk)
        kept = Theme.objects.filter(event=event, proposition=proposition, is_accepted=True).count()
        Theme.objects.filter(event=event, proposition=proposition, is_accepted=False).delete()
        RefusedTheme.objects.filter(event=event, proposition=proposition, is_accepted=False).delete()
        themes = [
            Theme.objects.create(event=event, proposition=proposition, label=pile.label[:120], position=kept + place)
            for place, pile in enumerate(found, start=1)
        ]
        # What somebody has decided about, put into an accepted theme or taken out of one meanwhile stays where they
        # put it.
        moved = Decision.objects.filter(
            pk__gt=last, kind__in=[Decision.Kind.THEMED, Decision.Kind.UNDONE], entry__event=event
        )
        free = wanted.exclude(pk__in=list(moved.values_list("entry_id", flat=True)))
        for theme, pile in zip(themes, found, strict=True):
            free.filter(pk__in=[rows[number][0] for number in pile.members]).update(theme=theme)
        if look:
            finish_look(look=look, found=len(themes))
        # Whoever asked for a look hears of it like everybody else.
        _publish(stream, None if look else actor)
    return themes


def accept_theme(*, actor: User, theme: Theme, label: str = "") -> Theme:
    """Keep a theme, under its own label or a better one."""
    require_sorting(actor, theme.event)
    label = clean_line(label) or theme.label
    if len(label) > 120:
        raise ThemeRefused(f"A theme's name has at most 120 characters; this one has {len(label)}.")
    with transaction.atomic():
        stream = lock_desk(theme.event_id)
        theme = _existing(theme)
        theme.label, theme.is_accepted = label, True
        theme.save(update_fields=["label", "is_accepted"])
        _publish(stream, actor)
    return theme


def refuse_theme(*, actor: User, theme: Theme) -> None:
    """Take a theme away. Its entries lie ungrouped again; nothing else happens to them. It can be brought back."""
    require_sorting(actor, theme.event)
    with transaction.atomic():
        stream = lock_desk(theme.event_id)
        theme = _existing(theme)
        RefusedTheme.objects.create(
            event=theme.event,
            proposition=theme.proposition,
            number=theme.pk,
            label=theme.label,
            position=theme.position,
            is_accepted=theme.is_accepted,
            entries=list(theme.entries.order_by("pk").values_list("pk", flat=True)),
        )
        theme.delete()
        _publish(stream, actor)


def bring_back_theme(*, actor: User, refused: RefusedTheme) -> Theme:
    """Make a theme of what was refused, with those of its entries that lie nowhere else since."""
    require_sorting(actor, refused.event)
    with transaction.atomic():
        stream = lock_desk(refused.event_id)
        found = RefusedTheme.objects.filter(pk=refused.pk).first()
        if found is None:
            raise ThemeRefused("Somebody has brought this theme back, or had others suggested.")
        theme = Theme.objects.create(
            pk=found.number,
            event=found.event,
            proposition=found.proposition,
            label=found.label,
            position=found.position,
            is_accepted=found.is_accepted,
        )
        Entry.objects.filter(pk__in=found.entries, event=found.event, theme=None).update(theme=theme)
        found.delete()
        _publish(stream, actor)
    return theme


def theme_entries(*, actor: User, entries: Seen, theme: Theme | None, batch: uuid.UUID | None = None) -> list[Decision]:
    """Move entries to a theme of their event, or out of any."""
    seen = dict(entries) if isinstance(entries, Mapping) else {entry.pk: entry.version for entry in entries}
    if theme and Entry.objects.filter(pk__in=seen).exclude(event=theme.event_id).exists():
        raise ThemeRefused("This theme belongs to another event.")
    after = {"theme": theme.pk if theme else None}
    return decide(actor=actor, entries=seen, kind=Decision.Kind.THEMED, after=after, batch=batch)


def _existing(theme: Theme) -> Theme:
    found = Theme.objects.filter(pk=theme.pk).first()
    if found is None:
        raise ThemeRefused("Somebody has taken this theme away.")
    return found


def _publish(stream: LockedStream, actor: User | None) -> None:
    stream.append([NewEvent("themes.changed", {"actor": actor.pk if actor else None}, audience="editors")])
