"""What the gallery shows of a live room: one of everything, in the shapes of the protocol."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from events.models import EventPage
from propositions.models import PropositionPage

LONG = "The last boat leaves before the late shift ends. " * 12


def _said(pk: int, body: str, **fields: Any) -> dict[str, Any]:
    plain = {"author": "Ward clerk", "table": "", "headcount": 1, "tags": [], "starred": False, "support": 0}
    return {"id": pk, "client_id": f"sample-{pk}", "body": body, "state": "shown", "reason": "", **plain, **fields}


def _own(pk: int, body: str, icon: str, words: str, **fields: Any) -> dict[str, Any]:
    mark = {"icon": f"components/icons/{icon}.svg", "words": words, "tone": fields.pop("tone", "")}
    return _said(pk, body, mark={**mark, "url": fields.pop("url", "")}, received_at="", **fields)


def live_room() -> dict[str, Any]:
    return {
        "command_url": "",
        "room": {"state": "open", "edit_seconds": 900},
        "snapshot": {"session": {"version": 4, "code": "KFM7RD", "spotlight": 2}},
        "said": [
            _said(1, "Run it until midnight.", support=17, starred=True, tags=["boats"]),
            _said(2, "Nobody asked the night shift.", table="Table 3", headcount=6, support=4),
            _said(3, LONG, author="No name given"),
        ],
        "own": [
            _own(4, "Two keepers, for one year.", "status_received", "Received"),
            _own(5, "Lend the reading rooms.", "status_shown", "Shown, 10.42"),
            _own(6, "Ask Ms Quill.", "status_held", "Held", tone="held", state="held", reason="It names a person."),
            _own(7, "Write it down.", "status_used", "Used in point 3", tone="used", url="#own-title"),
            _own(8, "Never mind.", "status_shown", "Withdrawn", state="withdrawn"),
        ],
        "held": [_said(9, "Ask Ms Quill.", reason="It names a person"), _said(10, "See harbour.example")],
        "prompts": [
            {"id": 1, "number": 1, "state": "closed", "kind": "ideas", "text": "What would you lend?", "options": []},
            {"id": 2, "number": 2, "state": "current", "kind": "questions", "text": "Who pays?", "options": []},
            {"id": 3, "number": 3, "state": "queued", "kind": "poll", "text": "Which?", "options": [{"text": "Boats"}]},
        ],
        "tables": [
            {"id": 1, "name": "Table 1", "headcount": 6, "has_scribe": True, "key": "PQR", "last_said_at": "10.42"},
            {"id": 2, "name": "By the door", "headcount": 4, "has_scribe": False, "key": "TVW", "last_said_at": None},
        ],
        "tags": [{"text": "boats", "said": 4, "on_wall": True}, {"text": "keys", "said": 1, "on_wall": False}],
        "options": [
            {"id": 1, "text": "A year with two keepers.", "vote": "support", "tally": {"support": 40, "seen": 51}},
            {"id": 2, "text": "Keys for everybody.", "vote": "", "tally": {"support": 3, "concern": 9, "seen": 30}},
        ],
    }


# The wall

# All that is timed on the sample walls is timed by this clock, which they are told.
NOW = datetime.datetime(2026, 10, 13, 9, 42, tzinfo=datetime.UTC)
CODE = "KFM7RD"
STATEMENTS, POLL = 2, 3
SHORT = "Two keepers, for one year."
FULL = (
    "The sluices were opened by feel, and nobody had ever thought to ask her to write it down. We lost two winters "
    "learning what she knew in her hands, and a third undoing what we had learned wrongly from the only plan there was."
)


@dataclass(frozen=True)
class WallState:
    """One picture of the wall: what it is called, what differs in its snapshot, whose turn it is, how the line is."""

    words: str
    session: Mapping[str, Any] = field(default_factory=dict)
    turn: str = ""
    line: str = "open"


WALL_STATES = {
    "arrival": WallState("arrival", {"state": "waiting", "prompt": None}),
    "prompt": WallState("a prompt and the way in", turn="call"),
    "spotlight": WallState("spotlight, short", {"spotlight": 12}),
    "spotlight-long": WallState("spotlight, long", {"spotlight": 13}),
    "spotlight-longest": WallState("spotlight, longer than the wall", {"spotlight": 14}),
    "newest": WallState("newest", turn="newest"),
    "top": WallState("most supported", turn="top"),
    "themes": WallState("themes", turn="themes"),
    "statements": WallState("statements", {"prompt": STATEMENTS}),
    "poll": WallState("a poll", {"prompt": POLL}),
    "results": WallState("results of an earlier poll", turn="results"),
    "message": WallState("a message", {"message": "Lunch is in the Customs House. We go on at two."}),
    "timer": WallState("timer", {"timer_ends_at": (NOW + datetime.timedelta(minutes=6, seconds=12)).isoformat()}),
    "paused": WallState("paused", {"state": "paused"}),
    "rehearsal": WallState("rehearsal", {"is_rehearsal": True, "spotlight": 12}),
    "closed": WallState("closed", {"state": "closed"}),
    "blank": WallState("blank", {"blank": True}),
    "cut-off": WallState("cut off: the last good frame", {"spotlight": 12}, line="cut"),
}


def _heard(pk: int, body: str, **fields: Any) -> dict[str, Any]:
    return {**_said(pk, body), "seq": pk, "merged_into": None, **fields}


def wall(name: str) -> dict[str, Any]:
    """A wall in one of its states, as its own view would give it."""
    state = WALL_STATES[name]
    proposition = {"id": 1, "number": 3, "title": "Memory is a public asset", "url": "#"}
    session = {
        "code": CODE,
        "state": "open",
        "version": 4,
        "title": "Whose memory?",
        "is_rehearsal": False,
        "prompt": 1,
        "prompt_count": 3,
        "spotlight": None,
        "message": "",
        "blank": False,
        "timer_ends_at": None,
        "propositions": [proposition],
        **state.session,
    }
    page = SimpleNamespace(
        title=session["title"],
        starts_at=NOW + datetime.timedelta(minutes=18),
        get_parent=SimpleNamespace(
            specific=EventPage(title="The Estuary Summit", strapline="<p>taking <i>the long view</i> together</p>")
        ),
        published_propositions=[PropositionPage(title=proposition["title"], number=proposition["number"])],
    )
    return {
        "state": state,
        "session": SimpleNamespace(code=CODE, is_rehearsal=session["is_rehearsal"], page=page),
        "snapshot": {
            "type": "snapshot",
            "to": 0,
            "earlier": 0,
            "earlier_shown": 0,
            "now": NOW.isoformat(),
            "session": session,
            "prompts": _prompts(),
            "contributions": [
                _heard(11, "Nobody asked the night shift.", table="Table 3", headcount=6),
                _heard(12, SHORT),
                _heard(13, FULL, author="Town clerk"),
                _heard(14, LONG * 3, author="No name given"),
            ],
            "tallies": {
                "people": 84,
                "support": {"11": 4, "12": 17, "13": 9},
                "options": {
                    "21": {"support": 40, "concern": 6, "pass": 2, "seen": 51},
                    "22": {"support": 3, "concern": 19, "pass": 4, "seen": 30},
                    "31": {"support": 31, "concern": 0, "pass": 0, "seen": 0},
                    "32": {"support": 12, "concern": 0, "pass": 0, "seen": 0},
                    "33": {"support": 0, "concern": 0, "pass": 0, "seen": 0},
                },
            },
            "you": {"role": "wall"},
            "themes": [
                {"tag": "keepers", "people": 31, "said": [{"id": 12, "body": SHORT}]},
                {"tag": "written down", "people": 12, "said": [{"id": 13, "body": FULL}]},
                {"tag": "night shift", "people": 6, "said": [{"id": 11, "body": "Nobody asked the night shift."}]},
            ],
        },
    }


def _prompts() -> list[dict[str, Any]]:
    def prompt(number: int, kind: str, text: str, *options: str) -> dict[str, Any]:
        shapes = [{"id": 10 * number + place, "text": words} for place, words in enumerate(options, start=1)]
        state = {"number": number, "state": "closed", "kind": kind, "text": text, "options": shapes, "comment": None}
        return {"id": number, **state}

    return [
        prompt(1, "ideas", "What did only one person know, and how did you find out?"),
        prompt(
            STATEMENTS,
            "statements",
            "What would you sign?",
            "A year with two keepers is worth the money.",
            "Whoever leaves writes it down first.",
        ),
        prompt(POLL, "poll", "Where would you begin?", "With the oldest post", "With the newest", "With mine"),
    ]
