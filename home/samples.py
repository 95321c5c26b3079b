"""What the gallery shows of a live room: one of everything, in the shapes of the protocol."""

from typing import Any

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
