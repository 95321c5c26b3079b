"""Long polls: one answer of the hub's frames and counts, as soon as there is something to say."""

import asyncio
from typing import Any

from live.selectors import Viewer
from realtime import hub, presenters
from realtime.hub import Reader

POLL_SECONDS = 25.0
# What a phone may claim to have waiting.
UNSENT_AT_MOST = 1000


async def poll(viewer: Viewer, after: int, unsent: int = 0) -> str:
    """Wait for the first frame that says something, up to a while; then answer with whatever came, counts inside.

    `unsent` is how many contributions wait on the phone that asks.
    """
    frames: asyncio.Queue[str] = asyncio.Queue()

    async def take(text: str) -> None:
        frames.put_nowait(text)

    async def close(code: int) -> None:
        frames.put_nowait(presenters.encode({"type": "resync", "to": after}))

    reader = Reader(
        send=take,
        close=close,
        audiences=viewer.audiences,
        person=viewer.participant.author_key if viewer.participant else None,
        watches_health=viewer.is_console,
    )
    listening = hub.house().hub(viewer.session.stream_id)
    listening.add(reader)
    if viewer.participant:
        listening.report_unsent(reader, max(0, min(unsent, UNSENT_AT_MOST)))
    listening.read_from(reader, after)
    gathered = _Gathered()
    try:
        async with asyncio.timeout(POLL_SECONDS):
            while not gathered.says_something:
                gathered.add(await frames.get())
    except TimeoutError:
        pass
    finally:
        # Its next poll may be here before this one is gone.
        if reader.unsent and any(one.person == reader.person for one in listening.readers if one is not reader):
            reader.unsent = 0
        listening.remove(reader)
    while not frames.empty():
        gathered.add(frames.get_nowait())
    return gathered.text(after)


class _Gathered:
    """Messages of one poll, put together into one answer."""

    def __init__(self) -> None:
        self.frame: dict[str, Any] | None = None
        self.tallies: dict[str, Any] = {}
        self.resync: dict[str, Any] | None = None
        self.knows_first_tallies = False

    @property
    def says_something(self) -> bool:
        return self.resync is not None or bool(self.frame and self.frame["events"])

    def add(self, text: str) -> None:
        message = presenters.decode(text)
        match message["type"]:
            case "resync":
                self.resync = message
            case "tallies":
                for name, counts in message.items():
                    if isinstance(counts, dict):
                        self.tallies.setdefault(name, {}).update(counts)
                    elif name != "type":
                        self.tallies[name] = counts
            case "frame" if self.frame is None:
                self.frame = message
            case "frame":
                self.frame["to"] = message["to"]
                self.frame["now"] = message["now"]
                self.frame["events"] += message["events"]

    def text(self, after: int) -> str:
        if self.resync is not None:
            return presenters.encode(self.resync)
        frame = self.frame or {"type": "frame", "from": after, "to": after, "now": presenters.now(), "events": []}
        return presenters.encode({**frame, "tallies": self.tallies})
