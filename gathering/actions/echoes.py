"""What was said in the same words: found by the machine, collapsed into one or kept apart by people."""

import uuid
from collections.abc import Iterable

from django.db import transaction

from content.text import clean_line
from events.models import EventPage
from gathering.actions.decisions import merge_entries, unplace_entries
from gathering.actions.desk import lock_desk
from gathering.actions.looks import finish_look, teller
from gathering.echoes import groups_of, name_of, plain
from gathering.exceptions import EchoRefused
from gathering.models import Decision, DeskLook, Echo, Entry
from gathering.permissions import require_sorting
from gathering.querysets import EntryQuerySet
from gathering.selectors import count_people, entries_to_look_through, head_of_echo
from people.models import User
from propositions.models import PropositionPage
from realtime.log import LockedStream, NewEvent

# The same words from this many people are a campaign, if there are enough words to be anybody's in particular.
CAMPAIGN_PEOPLE = 5
CAMPAIGN_WORDS = 3


def find_echoes(
    *, actor: User, event: EventPage, proposition: PropositionPage | None = None, look: DeskLook | None = None
) -> list[Echo]:
    """Look for entries in the same words, among those that are undecided or stand under a point.

    Nothing is decided: proposals of before make way for the new ones, what was kept gathers what came since, what was
    refused stays refused. What was kept or refused on another desk of the event, a proposition's or that of all, stays
    there. Answers the proposals. As `look`, how far it is and that it is done are written down.
    """
    require_sorting(actor, event)
    tell = teller(look)
    wanted = entries_to_look_through(DeskLook.Kind.ECHOES, event, proposition)
    entries = list(wanted.in_order().only("pk", "text", "text_hash", "author_key", "headcount"))
    # The long part comes before the desk is held.
    groups = [[entries[number] for number in group] for group in groups_of([entry.text for entry in entries], tell)]
    with transaction.atomic():
        stream = lock_desk(event.pk)
        about = Echo.objects.filter(event=event, proposition=proposition)
        about.filter(state=Echo.State.PROPOSED).delete()
        standing = dict(about.values_list("pk", "state"))
        elsewhere = Echo.objects.filter(event=event).exclude(state=Echo.State.PROPOSED).exclude(pk__in=standing)
        now = wanted.values_list("pk", "text_hash", "disposition", "echo_id")
        groups = _as_they_are_now(groups, now, held=set(elsewhere.values_list("pk", flat=True)))
        proposed = []
        for group in groups:
            earlier = {entry.echo_id for entry in group if entry.echo_id in standing}
            kept = sorted(pk for pk in earlier if standing[pk] == Echo.State.KEPT)
            if kept:
                newcomers = [entry.pk for entry in group if entry.echo_id not in standing]
                Entry.objects.filter(pk__in=newcomers).update(echo=kept[0])
                _weigh(Echo.objects.get(pk=kept[0]))
                continue
            if len(earlier) == 1 and all(entry.echo_id in earlier for entry in group):
                continue
            if any(entry.disposition == Entry.Disposition.UNDECIDED for entry in group):
                proposed.append(group)
        proposals = Echo.objects.bulk_create(
            Echo(event=event, proposition=proposition, is_campaign=_is_campaign(group), label=name_of(group[0].text))
            for group in proposed
        )
        for echo, group in zip(proposals, proposed, strict=True):
            Entry.objects.filter(pk__in=[entry.pk for entry in group]).update(echo=echo)
        # Proposals of another desk whose entries are all proposed here now.
        Echo.objects.filter(event=event, state=Echo.State.PROPOSED, entries=None).delete()
        if look:
            finish_look(look=look, found=len(proposals))
        # Whoever asked for a look hears of it like everybody else.
        _publish(stream, None if look else actor)
    return proposals


def collapse_echo(
    *, actor: User, echo: Echo, into: Entry | None = None, batch: uuid.UUID | None = None
) -> list[Decision]:
    """Merge what is undecided of an echo into one entry of it: the one given, or the one that leads it.

    One undo takes it back; `expand_echo` does so at any time later, whoever collapsed it.
    """
    require_sorting(actor, echo.event)
    with transaction.atomic():
        lock_desk(echo.event_id)
        echo = _existing(echo)
        head = into or head_of_echo(echo)
        if head is None or head.echo_id != echo.pk:
            raise EchoRefused("The entry to collapse into is not one of these.")
        others = {
            pk: version
            for pk, version in _members(echo).undecided().exclude(pk=head.pk).values_list("pk", "version")
            if pk != head.merged_into_id
        }
        if not others:
            raise EchoRefused("Nothing of this is left to collapse.")
        decisions = merge_entries(actor=actor, entries=others, into=head, batch=batch)
        _keep(echo)
        # Held again: the decisions took the stream's next numbers.
        _publish(lock_desk(echo.event_id), actor)
    return decisions


def expand_echo(*, actor: User, echo: Echo, batch: uuid.UUID | None = None) -> list[Decision]:
    """Put what was merged within an echo back among the undecided, each entry on its own again."""
    require_sorting(actor, echo.event)
    with transaction.atomic():
        lock_desk(echo.event_id)
        echo = _existing(echo)
        merged = dict(_members(echo).filter(merged_into__echo=echo).values_list("pk", "version"))
        if not merged:
            raise EchoRefused("Nothing of this is collapsed.")
        decisions = unplace_entries(actor=actor, entries=merged, batch=batch)
        # Held again: the decisions took the stream's next numbers.
        _publish(lock_desk(echo.event_id), actor)
    return decisions


def keep_echo(*, actor: User, echo: Echo, label: str = "", is_campaign: bool | None = None) -> Echo:
    """Agree that these are the same words without merging them; name the campaign, or say whether it is one."""
    require_sorting(actor, echo.event)
    label = clean_line(label)
    if len(label) > 120:
        raise EchoRefused(f"A name has at most 120 characters; this one has {len(label)}.")
    with transaction.atomic():
        stream = lock_desk(echo.event_id)
        echo = _existing(echo)
        echo.label = label or echo.label
        _keep(echo, is_campaign=is_campaign)
        _publish(stream, actor)
    return echo


def refuse_echo(*, actor: User, echo: Echo) -> Echo:
    """Say that these are not the same. They are not proposed together again. Refused while some are collapsed."""
    require_sorting(actor, echo.event)
    with transaction.atomic():
        stream = lock_desk(echo.event_id)
        echo = _existing(echo)
        if _members(echo).filter(merged_into__echo=echo).exists():
            raise EchoRefused("Some of these are collapsed. Expand them first.")
        echo.state, echo.is_campaign = Echo.State.REFUSED, False
        echo.save(update_fields=["state", "is_campaign"])
        _publish(stream, actor)
    return echo


def bring_back_echo(*, actor: User, echo: Echo) -> Echo:
    """Propose again what was refused as not the same."""
    require_sorting(actor, echo.event)
    with transaction.atomic():
        stream = lock_desk(echo.event_id)
        echo = _existing(echo)
        if echo.state == Echo.State.REFUSED:
            echo.state, echo.is_campaign = Echo.State.PROPOSED, _is_campaign(_members(echo).in_order())
            echo.save(update_fields=["state", "is_campaign"])
            _publish(stream, actor)
    return echo


def _as_they_are_now(
    groups: list[list[Entry]], now: Iterable[tuple[int, str, str, int | None]], *, held: set[int]
) -> list[list[Entry]]:
    """Groups without what somebody has erased, merged, set aside or put into other words while they were looked for.

    Without what is held by some echoes, too.
    """
    standing = {pk: (text_hash, disposition, echo) for pk, text_hash, disposition, echo in now}
    left = []
    for group in groups:
        some = []
        for entry in group:
            text_hash, disposition, echo = standing.get(entry.pk, ("", "", None))
            if text_hash == entry.text_hash and echo not in held:
                entry.disposition, entry.echo_id = disposition, echo
                some.append(entry)
        if len(some) > 1:
            left.append(some)
    return left


def _members(echo: Echo) -> EntryQuerySet:
    return Entry.objects.filter(echo=echo)


def _keep(echo: Echo, *, is_campaign: bool | None = None) -> None:
    echo.state = Echo.State.KEPT
    if is_campaign is not None:
        echo.is_campaign = is_campaign
    echo.save(update_fields=["label", "state", "is_campaign"])


def _weigh(echo: Echo) -> None:
    """Newcomers may make a campaign of what was kept; they never unmake what somebody said is one."""
    echo.is_campaign = echo.is_campaign or _is_campaign(list(_members(echo)))
    echo.save(update_fields=["is_campaign"])


def _is_campaign(entries: Iterable[Entry]) -> bool:
    entries = list(entries)
    return (
        count_people(entries) >= CAMPAIGN_PEOPLE
        and len({entry.author_key for entry in entries}) >= CAMPAIGN_PEOPLE
        and len(plain(entries[0].text).split()) >= CAMPAIGN_WORDS
    )


def _existing(echo: Echo) -> Echo:
    found = Echo.objects.select_related("event").filter(pk=echo.pk).first()
    if found is None:
        raise EchoRefused("Somebody has looked for the same words anew. Look again.")
    return found


def _publish(stream: LockedStream, actor: User | None) -> None:
    stream.append([NewEvent("echoes.changed", {"actor": actor.pk if actor else None}, audience="editors")])
