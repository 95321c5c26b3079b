"""What live sessions show on pages of lower apps."""

import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from content.slots import SlotContent, register
from discussion.models import Comment
from events.models import EventPage, Phase
from live import selectors
from live.models import LiveSession, Prompt, SessionState
from propositions.models import PropositionPage


@register("proposition.margin", order=10)
def session_in_margin(request: HttpRequest, proposition: PropositionPage) -> SlotContent | None:
    """The session that runs now, or the next one to come."""
    sessions = _sessions_of(request, proposition)
    running = next((session for session in sessions if session.is_running), None)
    # A session whose time has come may open any minute; one forgotten last week is not coming.
    since = timezone.now() - datetime.timedelta(hours=12)
    coming = (session for session in sessions if session.is_waiting and session.page.starts_at > since)
    session = running or next(coming, None)
    if session is None:
        return None
    return SlotContent("live/slots/proposition_margin.html", {"session": session, "is_running": running is not None})


@register("proposition.margin", order=40)
def archive_in_margin(request: HttpRequest, proposition: PropositionPage) -> SlotContent | None:
    """Sessions whose words can be read."""
    closed = [session for session in _sessions_of(request, proposition) if session.state == SessionState.CLOSED]
    return SlotContent("live/slots/proposition_archive.html", {"sessions": closed}) if closed else None


@register("event.programme", order=10)
def programme(request: HttpRequest, event: EventPage) -> SlotContent | None:
    """The sessions by day; those of days gone by come last."""
    sessions = selectors.programme(event)
    if not sessions:
        return None
    today = timezone.localdate()
    is_over = event.phase in (Phase.AFTER, Phase.ARCHIVED)
    days: list[dict[str, Any]] = []
    earlier: list[dict[str, Any]] = []
    for session in sessions:
        day = timezone.localdate(session.page.starts_at)
        if day < today and not is_over and not session.is_running:
            earlier.append(_row(session))
            continue
        heading = date_format(day, "l j F")
        if not days or days[-1]["heading"] != heading:
            days.append({"heading": heading, "rows": [], "is_past": False})
        days[-1]["rows"].append(_row(session))
    if earlier:
        days.append({"heading": "Earlier", "rows": earlier, "is_past": True})
    return SlotContent("live/slots/event_programme.html", {"days": days, "event": event})


@register("event.during_words", order=10)
def kept_words(request: HttpRequest, event: EventPage) -> SlotContent | None:
    """Once the event is over: that its sessions can be read, if it had any."""
    return SlotContent("live/slots/event_during_words.html", {}) if selectors.programme(event) else None


@register("event.phase_actions", order=10)
def join_a_session(request: HttpRequest, event: EventPage) -> SlotContent | None:
    """While the event is on, and whenever a session of it runs."""
    sessions = selectors.programme(event)
    is_on = event.phase == Phase.DURING and any(session.state != SessionState.CLOSED for session in sessions)
    if not is_on and not any(session.is_running for session in sessions):
        return None
    today = timezone.localdate()
    is_today = any(timezone.localdate(session.page.starts_at) == today for session in sessions)
    return SlotContent("live/slots/event_phase_actions.html", {"is_today": is_today})


@register("proposition.row_state", order=10)
def live_now(request: HttpRequest, proposition: PropositionPage) -> SlotContent | None:
    """“Live now” beside a proposition. Asked for each row, so the event's answer is kept with the request."""
    event_path = proposition.path[: -proposition.steplen]
    known: dict[str, set[int]] = request.__dict__.setdefault("_live_propositions", {})
    if event_path not in known:
        known[event_path] = selectors.running_proposition_ids(event_path)
    if proposition.pk not in known[event_path]:
        return None
    return SlotContent("live/slots/proposition_row_state.html", {})


@register("comment.footer", order=40)
def put_to_a_room(request: HttpRequest, comment: Comment) -> SlotContent | None:
    """Where a comment was put to a room. One lookup for all that are shown."""
    known: dict[int, Prompt | None] = request.__dict__.setdefault("_live_prompts_of_comments", {})
    if comment.pk not in known:
        shown = getattr(comment, "shown_with", (comment.pk,))
        found = selectors.prompts_of_comments(shown)
        known.update({pk: found.get(pk) for pk in shown})
    prompt = known[comment.pk]
    return SlotContent("live/slots/comment_put.html", {"prompt": prompt}) if prompt else None


def _sessions_of(request: HttpRequest, proposition: PropositionPage) -> list[LiveSession]:
    """Both places in the margin ask for the same."""
    known: dict[int, list[LiveSession]] = request.__dict__.setdefault("_live_sessions", {})
    if proposition.pk not in known:
        known[proposition.pk] = selectors.sessions_of_proposition(proposition)
    return known[proposition.pk]


def _row(session: LiveSession) -> dict[str, Any]:
    return {
        "session": session,
        "propositions": session.page.published_propositions,
        "is_running": session.is_running,
        "people": selectors.people_in(session) if session.is_running else 0,
    }
