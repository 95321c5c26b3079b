"""What live sessions show on pages of lower apps."""

from django.http import HttpRequest
from django.utils import timezone

from content.slots import SlotContent, register
from events.models import EventPage
from live import selectors
from live.models import SessionState
from propositions.models import PropositionPage


@register("proposition.margin", order=10)
def session_in_margin(request: HttpRequest, proposition: PropositionPage) -> SlotContent | None:
    """Live now, or when it will be; after it, where to read what was said."""
    sessions = selectors.sessions_of_proposition(proposition)
    if not sessions:
        return None
    now = timezone.now()
    running = next((one for one in sessions if one.state in (SessionState.OPEN, SessionState.PAUSED)), None)
    coming = next((one for one in sessions if one.state == SessionState.WAITING and one.page.starts_at > now), None)
    waiting = next((one for one in sessions if one.state == SessionState.WAITING), None)
    session = running or coming or waiting or sessions[-1]
    return SlotContent("live/slots/proposition_margin.html", {"session": session, "is_running": running is not None})


@register("event.programme", order=10)
def programme(request: HttpRequest, event: EventPage) -> SlotContent | None:
    sessions = selectors.programme(event)
    if not sessions:
        return None
    rows = [
        {
            "session": session,
            "propositions": list(session.page.propositions.all()),
            "is_running": session.state in (SessionState.OPEN, SessionState.PAUSED),
            "people": selectors.people_in(session),
        }
        for session in sessions
    ]
    return SlotContent("live/slots/event_programme.html", {"rows": rows})


@register("event.phase_actions", order=10)
def join_a_session(request: HttpRequest, event: EventPage) -> SlotContent | None:
    sessions = selectors.programme(event)
    if not any(session.state != SessionState.CLOSED for session in sessions):
        return None
    return SlotContent("live/slots/event_phase_actions.html", {})


@register("proposition.row_state", order=10)
def live_now(request: HttpRequest, proposition: PropositionPage) -> SlotContent | None:
    # Asked for each row of one page: the event's answer is kept with the request.
    event_path = proposition.path[: -proposition.steplen]
    known: dict[str, set[int]] = request.__dict__.setdefault("_live_propositions", {})
    if event_path not in known:
        known[event_path] = selectors.running_proposition_ids(event_path)
    if proposition.pk not in known[event_path]:
        return None
    return SlotContent("live/slots/proposition_row_state.html", {})
