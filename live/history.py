"""What was done to a session since somebody last looked, in words: for whoever was about to do something else."""

from typing import Any

from content.text import shorten
from live.models import Contribution, LiveSession, Prompt, Table
from people.models import User
from realtime.models import Event

LAST = 3
WORDS_SHOWN = 50


def changes_since(session: LiveSession, version: int, *, reader: int | None = None) -> list[dict[str, str]]:
    """The last commands since a version: who and what, newest last. `reader` is told of themselves as “You”."""
    events = list(
        Event.objects.filter(stream=session.stream_id, payload__version__gt=version).order_by("-seq")[: LAST * 2]
    )[::-1]
    # One command may have written several events: a prompt is added and shown, and the spotlight leaves with it.
    by_version: dict[int, Event] = {}
    for event in events:
        if event.payload["version"] not in by_version or event.kind != "spotlight.cleared":
            by_version[event.payload["version"]] = event
    told = [by_version[key] for key in sorted(by_version)][-LAST:]
    people = User.objects.in_bulk([event.payload["by"] for event in told if event.payload.get("by")])
    return [
        {"by": _who(event, people, reader), "did": what(event.kind, event.payload), "kind": event.kind}
        for event in told
    ]


def _who(event: Event, people: dict[int, User], reader: int | None) -> str:
    by = event.payload.get("by")
    if by is not None and by == reader:
        return "You, on another screen,"
    person = people.get(by) if by is not None else None
    return person.display_name if person else "Somebody"


def what(kind: str, payload: dict[str, Any]) -> str:
    """What an event did, to stand behind a name."""
    match kind:
        case "session.opened":
            return "opened the session"
        case "session.paused":
            return "paused the session"
        case "session.closed":
            return "closed the session"
        case "session.cleared":
            return "cleared the rehearsal"
        case "session.rehearsal_started":
            return "started a rehearsal"
        case "session.moderation_changed":
            held = payload.get("moderation") == "hold"
            return "has everything held first" if held else "has contributions shown at once"
        case "prompt.added":
            return f"added a prompt{_prompt(payload)}"
        case "prompt.edited":
            return f"changed a prompt{_prompt(payload)}"
        case "prompt.shown":
            return f"put a prompt to the room{_prompt(payload)}"
        case "prompt.closed":
            return f"closed a prompt{_prompt(payload)}"
        case "prompt.moved":
            return "put the prompts in another order"
        case "prompt.removed":
            return "removed a prompt"
        case "spotlight.set":
            return f"put something on the wall{_contribution(payload)}"
        case "spotlight.cleared":
            return "took the wall's spotlight down"
        case "timer.started":
            return "started the timer"
        case "timer.extended":
            return "moved the timer"
        case "timer.stopped":
            return "stopped the timer"
        case "wall.message_changed":
            message = payload.get("message", "")
            return f"wrote on the wall{_quoted(message)}" if message else "took the message off the wall"
        case "wall.blanked":
            return "blanked the wall" if payload.get("blank") else "brought the wall back"
        case "wall.themes_changed":
            tags = ", ".join(payload.get("tags", ()))
            return f"put themes on the wall{_quoted(tags)}" if tags else "took the themes off the wall"
        case "table.added":
            return f"set up a table{_table(payload)}"
        case "table.renamed":
            return f"renamed a table{_table(payload)}"
        case "table.removed":
            return "took a table away"
    return "changed the session"


def _prompt(payload: dict[str, Any]) -> str:
    return _quoted(Prompt.objects.filter(pk=payload.get("prompt_id")).values_list("text", flat=True).first())


def _contribution(payload: dict[str, Any]) -> str:
    shown = Contribution.objects.shown().filter(pk=payload.get("contribution_id"))
    return _quoted(shown.values_list("body", flat=True).first())


def _table(payload: dict[str, Any]) -> str:
    return _quoted(Table.objects.filter(pk=payload.get("table_id")).values_list("name", flat=True).first())


def _quoted(text: str | None) -> str:
    if not text:
        return ""
    return f": “{shorten(text, WORDS_SHOWN)}”"
