"""Long polls: one answer of the hub's frames and counts, as soon as there is something to say."""

import asyncio
import hashlib
import json
import time
from typing import Any

from live.selectors import Viewer
from realtime import hub, presenters
from realtime.hub import Reader

POLL_SECONDS = 25.0
# What a phone may claim to have waiting.
UNSENT_AT_MOST = 1000
# The counts that are worth an answer by themselves. The others change as people read and come, and travel along.
VOTES = ("support", "options", "together")


async def poll(viewer: Viewer, after: int, unsent: int = 0, votes: str | None = None) -> str:
    """Wait for the first frame that says something, up to a while; then answer with whatever came, counts inside.

    `unsent` is how many contributions wait on the phone that asks; `votes` the mark of the counts that it knows, as
    the last answer gave it. Other counts than those end the wait: so often at most as the hub tells of them.
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
    begun = time.monotonic()
    try:
        async with asyncio.timeout(POLL_SECONDS):
            while not gathered.says_something:
                gathered.add(await frames.get())
                while not frames.empty():
                    gathered.add(frames.get_nowait())
                # Until it has been sent all of them, counts are no whole to be compared.
                if votes is not None and reader.knows_tallies and gathered.votes != votes:
                    # Processes that have not counted at the same time may differ: nobody asks in a circle for that.
                    await asyncio.sleep(begun + hub.TALLY_INTERVAL - time.monotonic())
                    break
    except TimeoutError:
        pass
    finally:
        # Its next poll may be here before this one is gone.
        if reader.unsent and any(one.person == reader.person for one in listening.readers if one is not reader):
            reader.unsent = 0
        listening.remove(reader)
    while not frames.empty():
        gathered.add(frames.get_nowait())
    return gathered.text(after, gathered.votes if reader.knows_tallies else votes)


class _Gathered:
    """Messages of one poll, put together into one answer."""

    def __init__(self) -> None:
        self.frame: dict[str, Any] | None = None
        self.tallies: dict[str, Any] = {}
        self.resync: dict[str, Any] | None = None

    @property
    def says_something(self) -> bool:
        return self.resync is not None or bool(self.frame and self.frame["events"])

    @property
    def votes(self) -> str:
        """A mark of how votes stand: the same in every process. What nobody votes for counts as not there."""
        standing: dict[str, dict[str, Any]] = {}
        for name in VOTES:
            for key, value in self.tallies.get(name, {}).items():
                given = (
                    {choice: value[choice] for choice in value if choice != "seen"}
                    if isinstance(value, dict)
                    else value
                )
                if any(given.values()) if isinstance(given, dict) else given:
                    standing.setdefault(name, {})[key] = given
        return hashlib.blake2s(json.dumps(standing, sort_keys=True).encode(), digest_size=8).hexdigest()

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

    def text(self, after: int, votes: str | None) -> str:
        if self.resync is not None:
            return presenters.encode(self.resync)
        frame = self.frame or {"type": "frame", "from": after, "to": after, "now": presenters.now(), "events": []}
        return presenters.encode({**frame, "tallies": self.tallies, "votes": votes or ""})
