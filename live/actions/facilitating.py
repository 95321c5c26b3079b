"""Running a session. Each command carries the version that the facilitator saw; if it moved since, nothing happens."""

import datetime
from collections.abc import Sequence

from django.utils import timezone

from content.text import clean_line
from live.actions.locking import account_id, contribution_of, locked_version
from live.exceptions import NotFound, NotPossible
from live.messages import (
    ModerationChanged,
    PromptAdded,
    PromptClosed,
    PromptEdited,
    PromptMoved,
    PromptRemoved,
    PromptShown,
    SessionClosed,
    SessionOpened,
    SessionPaused,
    SpotlightCleared,
    SpotlightSet,
    TimerExtended,
    TimerStarted,
    TimerStopped,
    WallBlanked,
    WallMessageChanged,
    WallThemesChanged,
)
from live.models import (
    PROMPT_LENGTH,
    TAG_LENGTH,
    Contribution,
    LiveSession,
    ModerationMode,
    Prompt,
    PromptOption,
    SessionState,
)
from live.permissions import Actor, can_facilitate
from realtime.log import LockedStream

LONGEST_TIMER = 24 * 60 * 60
MESSAGE_LENGTH = 200
OPTIONS_AT_MOST = 20
# Three pages of the wall.
THEMES_AT_MOST = 9


# States


def open_session(*, actor: Actor, session: LiveSession, version: int) -> LiveSession:
    """Let people contribute: for the first time, after a pause, or again after closing."""
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        if fresh.state == SessionState.OPEN:
            raise NotPossible("The session is open already.")
        fresh.state = SessionState.OPEN
        fresh.opened_at = fresh.opened_at or timezone.now()
        fresh.closed_at = None
        fresh.save(update_fields=["state", "opened_at", "closed_at", "version"])
        opened = SessionOpened(version=fresh.version, opened_at=_iso(fresh.opened_at), by=account_id(actor))
        stream.append([opened.event()])
    return fresh


def pause_session(*, actor: Actor, session: LiveSession, version: int) -> LiveSession:
    """Stop contributions and votes for a while. Phones keep what is written and send it after."""
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        if fresh.state != SessionState.OPEN:
            raise NotPossible("Only an open session can be paused.")
        fresh.state = SessionState.PAUSED
        fresh.save(update_fields=["state", "version"])
        stream.append([SessionPaused(version=fresh.version, by=account_id(actor)).event()])
    return fresh


def close_session(*, actor: Actor, session: LiveSession, version: int) -> LiveSession:
    """End the session. Its page then shows what was said."""
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        if fresh.state == SessionState.CLOSED:
            raise NotPossible("The session is closed already.")
        fresh.state = SessionState.CLOSED
        fresh.closed_at = timezone.now()
        fresh.save(update_fields=["state", "closed_at", "version"])
        stream.append([SessionClosed(version=fresh.version, by=account_id(actor)).event()])
    return fresh


def set_moderation(*, actor: Actor, session: LiveSession, version: int, moderation: str) -> LiveSession:
    """Say whether contributions are shown at once. What is held already stays held."""
    if moderation not in ModerationMode.values:
        raise NotPossible("Moderation is “show” or “hold”.", field="moderation")
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        fresh.moderation = moderation
        fresh.save(update_fields=["moderation", "version"])
        stream.append([ModerationChanged(version=fresh.version, moderation=moderation, by=account_id(actor)).event()])
    return fresh


# Prompts


def add_prompt(
    *,
    actor: Actor,
    session: LiveSession,
    version: int,
    kind: str,
    text: str,
    options: Sequence[str] = (),
    show: bool = False,
) -> Prompt:
    """Put a prompt at the end of the queue, and before the room at once if asked to."""
    text, options = _clean_prompt(kind, text, options)
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        last = fresh.prompts.order_by("-position").first()
        prompt = Prompt.objects.create(session=fresh, kind=kind, text=text, position=last.position + 1 if last else 0)
        _set_options(prompt, options)
        stream.append([PromptAdded(version=fresh.version, prompt_id=prompt.pk, by=account_id(actor)).event()])
        if show:
            show_at_once(fresh, stream, prompt, actor)
        fresh.save(update_fields=["current_prompt", "spotlight", "version"])
    return prompt


def edit_prompt(
    *,
    actor: Actor,
    session: LiveSession,
    version: int,
    prompt_id: int,
    text: str,
    options: Sequence[str] | None = None,
) -> Prompt:
    """Mend a prompt that the room has not seen."""
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        prompt = _prompt_of(fresh, prompt_id)
        if prompt.state != Prompt.State.QUEUED:
            raise NotPossible("The room has seen this prompt. Add another instead.")
        if prompt.comment_id is not None:
            raise NotPossible("These are somebody's own words. Remove it, and put other words of theirs.")
        kept = [option.text for option in prompt.options.all()] if options is None else options
        prompt.text, cleaned = _clean_prompt(prompt.kind, text, kept)
        prompt.save(update_fields=["text"])
        if options is not None:
            prompt.options.all().delete()
            _set_options(prompt, cleaned)
        fresh.save(update_fields=["version"])
        stream.append([PromptEdited(version=fresh.version, prompt_id=prompt.pk, by=account_id(actor)).event()])
    return prompt


def show_prompt(*, actor: Actor, session: LiveSession, version: int, prompt_id: int) -> Prompt:
    """Put a prompt before the room. The one before it closes; a closed one may be shown again.

    What stood in the spotlight leaves the wall.
    """
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        prompt = _prompt_of(fresh, prompt_id)
        if fresh.current_prompt_id == prompt.pk:
            raise NotPossible("The room has this prompt already.")
        show_at_once(fresh, stream, prompt, actor)
        fresh.save(update_fields=["current_prompt", "spotlight", "version"])
    return prompt


def close_prompt(*, actor: Actor, session: LiveSession, version: int, prompt_id: int) -> Prompt:
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        prompt = _prompt_of(fresh, prompt_id)
        if fresh.current_prompt_id != prompt.pk:
            raise NotPossible("This prompt is not before the room.")
        prompt.state = Prompt.State.CLOSED
        prompt.save(update_fields=["state"])
        fresh.current_prompt = None
        fresh.save(update_fields=["current_prompt", "version"])
        stream.append([PromptClosed(version=fresh.version, prompt_id=prompt.pk, by=account_id(actor)).event()])
    return prompt


def move_prompt(*, actor: Actor, session: LiveSession, version: int, prompt_id: int, position: int) -> list[int]:
    """Give a prompt another place, counted from 0. Answers with the new order."""
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        prompts = list(fresh.prompts.all())
        moved = next((prompt for prompt in prompts if prompt.pk == prompt_id), None)
        if moved is None:
            raise NotFound
        prompts.remove(moved)
        prompts.insert(max(0, min(position, len(prompts))), moved)
        for place, prompt in enumerate(prompts):
            prompt.position = place
        Prompt.objects.bulk_update(prompts, ["position"])
        order = [prompt.pk for prompt in prompts]
        fresh.save(update_fields=["version"])
        stream.append([PromptMoved(version=fresh.version, order=order, by=account_id(actor)).event()])
    return order


def remove_prompt(*, actor: Actor, session: LiveSession, version: int, prompt_id: int) -> None:
    """Drop a prompt that the room has not seen."""
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        prompt = _prompt_of(fresh, prompt_id)
        if prompt.state != Prompt.State.QUEUED or prompt.contributions.exists():
            raise NotPossible("The room has seen this prompt, so it stays.")
        prompt.delete()
        fresh.save(update_fields=["version"])
        stream.append([PromptRemoved(version=fresh.version, prompt_id=prompt_id, by=account_id(actor)).event()])


def _prompt_of(session: LiveSession, prompt_id: int) -> Prompt:
    prompt = Prompt.objects.filter(session=session, pk=prompt_id).first()
    if prompt is None:
        raise NotFound
    return prompt


def show_at_once(session: LiveSession, stream: LockedStream, prompt: Prompt, actor: Actor) -> None:
    """Put a prompt before the room within another command, which saves the session."""
    Prompt.objects.filter(session=session, state=Prompt.State.CURRENT).update(state=Prompt.State.CLOSED)
    prompt.state = Prompt.State.CURRENT
    prompt.shown_at = timezone.now()
    prompt.save(update_fields=["state", "shown_at"])
    session.current_prompt = prompt
    stream.append([PromptShown(version=session.version, prompt_id=prompt.pk, by=account_id(actor)).event()])
    if session.spotlight_id:
        # It answered something else, and would hide what is asked now.
        session.spotlight = None
        stream.append([SpotlightCleared(version=session.version, by=account_id(actor)).event()])


def _clean_prompt(kind: str, text: str, options: Sequence[str]) -> tuple[str, list[str]]:
    text = clean_line(text)
    cleaned = [clean_line(option) for option in options]
    cleaned = [option for option in cleaned if option]
    if kind not in Prompt.Kind.values:
        raise NotPossible("There is no such kind of prompt.", field="kind")
    if not text or len(text) > PROMPT_LENGTH:
        raise NotPossible(f"A prompt has 1 to {PROMPT_LENGTH} characters.", field="text")
    if any(len(option) > PROMPT_LENGTH for option in cleaned) or len(cleaned) > OPTIONS_AT_MOST:
        raise NotPossible(f"At most {OPTIONS_AT_MOST} options of {PROMPT_LENGTH} characters.", field="options")
    if kind == Prompt.Kind.POLL and len(cleaned) < 2:
        raise NotPossible("A poll has at least two options.", field="options")
    if kind == Prompt.Kind.STATEMENTS and not cleaned:
        raise NotPossible("Give at least one statement to weigh.", field="options")
    if kind in (Prompt.Kind.IDEAS, Prompt.Kind.QUESTIONS):
        cleaned = []
    return text, cleaned


def _set_options(prompt: Prompt, options: Sequence[str]) -> None:
    PromptOption.objects.bulk_create(
        PromptOption(prompt=prompt, text=text, position=place) for place, text in enumerate(options)
    )


# The wall


def set_spotlight(*, actor: Actor, session: LiveSession, version: int, contribution_id: int) -> Contribution:
    """Show one contribution large on the wall. Never one that the room may not see."""
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        contribution = contribution_of(fresh, contribution_id)
        if contribution.state != Contribution.State.SHOWN:
            raise NotPossible("Release it before it goes on the wall.")
        fresh.spotlight = contribution
        fresh.save(update_fields=["spotlight", "version"])
        stream.append(
            [SpotlightSet(version=fresh.version, contribution_id=contribution.pk, by=account_id(actor)).event()]
        )
    return contribution


def clear_spotlight(*, actor: Actor, session: LiveSession, version: int) -> LiveSession:
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        fresh.spotlight = None
        fresh.save(update_fields=["spotlight", "version"])
        stream.append([SpotlightCleared(version=fresh.version, by=account_id(actor)).event()])
    return fresh


def set_wall_message(*, actor: Actor, session: LiveSession, version: int, text: str) -> LiveSession:
    """Write across the wall; nothing clears it."""
    text = clean_line(text)
    if len(text) > MESSAGE_LENGTH:
        raise NotPossible(f"At most {MESSAGE_LENGTH} characters fit on the wall.", field="text")
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        fresh.wall_message = text
        fresh.save(update_fields=["wall_message", "version"])
        stream.append([WallMessageChanged(version=fresh.version, message=text, by=account_id(actor)).event()])
    return fresh


def blank_wall(*, actor: Actor, session: LiveSession, version: int, blank: bool) -> LiveSession:
    """Empty the wall at once, but for its code; or bring it back."""
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        fresh.is_blank = blank
        fresh.save(update_fields=["is_blank", "version"])
        stream.append([WallBlanked(version=fresh.version, blank=blank, by=account_id(actor)).event()])
    return fresh


def set_wall_themes(*, actor: Actor, session: LiveSession, version: int, tags: Sequence[str]) -> LiveSession:
    """Choose the tags that the wall shows as themes, for the room to read; none takes them down."""
    chosen = {tag.casefold(): tag for tag in map(clean_line, tags) if tag}
    if any(len(tag) > TAG_LENGTH for tag in chosen.values()) or len(chosen) > THEMES_AT_MOST:
        raise NotPossible(f"At most {THEMES_AT_MOST} tags of {TAG_LENGTH} characters fit on the wall.", field="tags")
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        fresh.wall_tags = list(chosen.values())
        fresh.save(update_fields=["wall_tags", "version"])
        stream.append([WallThemesChanged(version=fresh.version, tags=fresh.wall_tags, by=account_id(actor)).event()])
    return fresh


# The timer: an end in server time. Screens count down to it by the server's clock, which frames carry.


def start_timer(*, actor: Actor, session: LiveSession, version: int, seconds: int) -> LiveSession:
    if not 0 < seconds <= LONGEST_TIMER:
        raise NotPossible("A timer runs from one second to a day.", field="seconds")
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        _set_timer(fresh, timezone.now() + datetime.timedelta(seconds=seconds))
        stream.append(
            [TimerStarted(version=fresh.version, timer_ends_at=_iso(fresh.timer_ends_at), by=account_id(actor)).event()]
        )
    return fresh


def extend_timer(*, actor: Actor, session: LiveSession, version: int, seconds: int) -> LiveSession:
    """Move the end. A timer that has run out starts again from now."""
    if not 0 < abs(seconds) <= LONGEST_TIMER:
        raise NotPossible("A timer moves by one second to a day.", field="seconds")
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        if fresh.timer_ends_at is None:
            raise NotPossible("No timer is running.")
        now = timezone.now()
        end = max(fresh.timer_ends_at, now) + datetime.timedelta(seconds=seconds)
        _set_timer(fresh, min(max(end, now), now + datetime.timedelta(seconds=LONGEST_TIMER)))
        stream.append(
            [
                TimerExtended(
                    version=fresh.version, timer_ends_at=_iso(fresh.timer_ends_at), by=account_id(actor)
                ).event()
            ]
        )
    return fresh


def stop_timer(*, actor: Actor, session: LiveSession, version: int) -> LiveSession:
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        _set_timer(fresh, None)
        stream.append([TimerStopped(version=fresh.version, timer_ends_at=None, by=account_id(actor)).event()])
    return fresh


def _set_timer(session: LiveSession, end: datetime.datetime | None) -> None:
    # Whole milliseconds, as the protocol writes them: a snapshot and an event name the same moment.
    session.timer_ends_at = end.replace(microsecond=end.microsecond // 1000 * 1000) if end else None
    session.save(update_fields=["timer_ends_at", "version"])


def _iso(moment: datetime.datetime | None) -> str | None:
    return moment.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
