"""One hub per process and stream: reads the log once for all local readers and sends each of them the same frames.

A hub is the only one that moves its readers' cursors, in one loop: it looks in the database when rung or now and then,
then sends every reader that is ready what lies between their cursor and the end. It never waits for a reader. One that
has not taken its last frame is passed over, catches up when it is ready again, and is closed if that takes too long.
"""

import asyncio
import logging
import random
import time
import weakref
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from django.utils import timezone

from realtime import doorbell, groups, log, presenters, tallies, threads
from realtime.lines import Line, Message
from realtime.presenters import Entry

logger = logging.getLogger(__name__)

# Less than this apart, events travel in one frame.
FRAME_INTERVAL = 0.05
# A room so full that sending takes long is sent to less often, so that sending takes at most this share of the loop.
# More events then travel in one frame; acknowledgements find the loop free.
SENDING_SHARE = 1 / 8
LONGEST_INTERVAL = 0.4
# Where sending to all takes long, a frame that would carry few events waits for more of them, this long at most.
FEW_EVENTS = 4
PATIENCE = 0.15
PATIENT_SHARE = 1 / 25
FRAME_BYTES = 64 * 1024
TALLY_INTERVAL = 0.5
# Lost hints are found by looking this often.
POLL_INTERVAL = 2.0
# Readers further behind than this fetch a snapshot instead.
REACH = 500
# Readers who take every frame are not outrun by a burst: for so many turns at most, reading waits for them.
WAITS_AT_MOST = 20
SLOW_SECONDS = 10.0
PRESENCE_INTERVAL = 1.0
PRESENCE_REPEAT = 10.0
PRESENCE_EXPIRES = 30.0
# Sends between two chances for everything else in this process to run.
SENDS_PER_TURN = 200
# Somebody who reloads a page, or asks the next long poll, has not left meanwhile.
STILL_HERE = 4.0
# A hub whose readers have left stays this long, so that a page reload finds it warm.
LINGER = 30.0

TOO_SLOW = 1013
SERVICE_RESTART = 1012

# What consoles are told of the connections.
HEALTH = ("connected", "behind", "offline_unsent", "unsent")


class Reader:
    """Somebody connected to this process: how to reach them, who they are to presenters, how far they have read."""

    __slots__ = (
        "audiences",
        "awaits_answer",
        "behind_since",
        "close",
        "cursor",
        "everyones",
        "is_gone",
        "knows_tallies",
        "line",
        "person",
        "send",
        "sending",
        "unsent",
        "watches_health",
    )

    def __init__(
        self,
        *,
        send: Callable[[str], Awaitable[None]],
        close: Callable[[int], Awaitable[None]],
        audiences: frozenset[str],
        person: str | None = None,
        watches_health: bool = False,
        line: Line | None = None,
    ) -> None:
        self.send = send
        self.close = close
        # Where the server offers one: frames go there, until it does not take one.
        self.line = line
        self.everyones = _shared(frozenset(name for name in audiences if presenters.PERSONAL not in name))
        self.audiences = audiences
        self.person = person
        self.watches_health = watches_health
        self.unsent = 0
        # None: not to be sent frames until it says from where.
        self.cursor: int | None = None
        # Asked from where, and not answered yet: even nothing new is an answer, which shows that the line lives.
        self.awaits_answer = False
        self.knows_tallies = False
        self.sending: asyncio.Task[None] | None = None
        self.behind_since: float | None = None
        self.is_gone = False


_known_sets: dict[frozenset[str], frozenset[str]] = {}


def _shared(audiences: frozenset[str]) -> frozenset[str]:
    """One object for equal sets. There are few, and thousands of readers compare theirs many times a second."""
    return _known_sets.setdefault(audiences, audiences)


@dataclass
class Presence:
    """How many are connected to one process, as it last said: `people` are persons, the rest are devices."""

    people: int = 0
    connected: int = 0
    behind: int = 0
    offline_unsent: int = 0
    unsent: int = 0
    heard_at: float = field(default=0.0, compare=False)

    def as_hint(self) -> dict[str, int]:
        return {
            "people": self.people,
            "connected": self.connected,
            "behind": self.behind,
            "offline_unsent": self.offline_unsent,
            "unsent": self.unsent,
        }


class Hub:
    def __init__(self, stream_id: UUID, house: "House") -> None:
        self.stream_id = stream_id
        self.house = house
        self.seq = 0
        self.readers: set[Reader] = set()
        self.presences: dict[str, Presence] = {}
        self.counted: tallies.Tallies = {}
        self._recent: deque[Entry] = deque()
        # Events after this number are in `_recent`.
        self._floor = 0
        self._rung = asyncio.Event()
        self._counts_rung = True
        self._told_presence = Presence()
        self._told_presence_at = 0.0
        # As last counted by the loop, for other threads to read.
        self.known_people = 0
        self.known_health = dict.fromkeys(HEALTH, 0)
        self._told_people: dict[str, Any] = {}
        self._told_health: dict[str, Any] = {}
        self._counted_at = 0.0
        self._tallied_at = 0.0
        self._looked_at = 0.0
        self._must_look = True
        self._knows_seq = False
        self._empty_since: float | None = None
        # The last number that a hint named; the hint of another process may have been lost.
        self._heard = 0
        # What the last turn of sending took of the loop.
        self._spent = 0.0
        # Turns in a row in which nothing was read.
        self._waited = 0
        # Counted again only after somebody came, went, fell behind or caught up.
        self._here: Presence | None = None
        # Readers who stand for more than themselves: person -> how many.
        self._heads: tallies.Heads = {}
        # People whose last connection ended just now -> until when they count.
        self._leaving: dict[str, float] = {}
        # Phones that left with words unsent: person -> (how many, when).
        self._left_unsent: dict[str, tuple[int, float]] = {}
        self._task: asyncio.Task[None] | None = None

    # From outside, on this loop

    def add(self, reader: Reader) -> None:
        self.readers.add(reader)
        if reader.person:
            self._left_unsent.pop(reader.person, None)
        self._here = None
        self._start()
        self._rung.set()

    def remove(self, reader: Reader) -> None:
        reader.is_gone = True
        self.readers.discard(reader)
        if reader.person and reader.unsent:
            self._left_unsent[reader.person] = (reader.unsent, time.monotonic())
        if reader.person and STILL_HERE:
            self._leaving[reader.person] = time.monotonic() + STILL_HERE
        self._here = None
        self._rung.set()

    def report_unsent(self, reader: Reader, count: int) -> None:
        """Take a phone's word for how many contributions wait on it."""
        reader.unsent = count
        self._here = None
        self._rung.set()

    def read_from(self, reader: Reader, after: int) -> None:
        """Send the reader everything after a cursor, and all counts, from the next turn on."""
        reader.cursor = max(after, 0)
        reader.awaits_answer = True
        reader.knows_tallies = False
        if reader.cursor > self.seq:
            self._must_look = True
        self._rung.set()

    def hear(self, hint: dict[str, Any]) -> None:
        """Take a hint: there is something new, or another process says who is connected there."""
        if hint.get("seq", 0) > self.seq:
            self._heard = max(self._heard, hint["seq"])
            self._must_look = True
            self._rung.set()
        if hint.get("tallies"):
            self._counts_rung = True
            self._rung.set()
        if "presence" in hint:
            self.presences[hint["process"]] = Presence(**hint["presence"], heard_at=time.monotonic())
            self._rung.set()

    def people(self) -> int:
        """People connected here and, as far as heard, to other processes; some devices stand for several."""
        return self._presence().people + sum(presence.people for presence in self._others())

    def health(self) -> dict[str, int]:
        everybody = [self._presence(), *self._others()]
        return {name: sum(getattr(presence, name) for presence in everybody) for name in HEALTH}

    async def stop(self, code: int | None = None) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if code is not None:
            for reader in tuple(self.readers):
                self._close(reader, code)

    # The loop

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while True:
            try:
                await self._turn()
            except asyncio.CancelledError:
                raise
            except Exception:  # a database that is away comes back; readers keep what they have until then
                logger.exception("The hub of stream %s could not read.", self.stream_id)
                await asyncio.sleep(0.5 + random.random())  # noqa: S311 spreads load, keeps no secret
            if self._is_deserted():
                self.house.forget(self)
                return
            await self._let_events_gather()
            if not self._has_work():
                timeout = self._next_due()
                try:
                    async with asyncio.timeout(timeout):
                        await self._rung.wait()
                except TimeoutError:
                    pass

    async def _turn(self) -> None:
        self._rung.clear()
        now = time.monotonic()
        if (self._must_look or now - self._looked_at >= POLL_INTERVAL) and not self._waits_for_readers():
            self._must_look = False
            self._looked_at = now
            await self._look()
        begun = time.thread_time()
        await self._send_frames()
        self._spent = time.thread_time() - begun
        await self._send_tallies()
        self._tell_presence()

    async def _let_events_gather(self) -> None:
        interval = interval_after(self._spent)
        await asyncio.sleep(interval)
        longer = patience_after(self._spent) - interval
        if longer > 0 and self._heard - self.seq < FEW_EVENTS:
            await asyncio.sleep(longer)

    def _has_work(self) -> bool:
        return self._must_look or any(reader.sending is None and self._is_due(reader) for reader in self.readers)

    def _next_due(self) -> float:
        now = time.monotonic()
        due = self._looked_at + POLL_INTERVAL
        if self._counts_rung or self._people_changed():
            due = min(due, self._tallied_at + TALLY_INTERVAL)
        return max(due - now, 0.001)

    def _is_deserted(self) -> bool:
        now = time.monotonic()
        if self.readers:
            self._empty_since = None
            return False
        self._empty_since = self._empty_since or now
        return now - self._empty_since > LINGER

    # Reading

    def _waits_for_readers(self) -> bool:
        """Whether to send what has been read before reading more, so that nobody falls out of reach by our doing."""
        waits = self._waited < WAITS_AT_MOST and any(
            reader.sending is None
            and reader.cursor is not None
            and self._floor <= reader.cursor < self.seq - REACH // 2
            for reader in self.readers
        )
        self._waited = self._waited + 1 if waits else 0
        return waits

    async def _look(self) -> None:
        """Take what is new in the log. One query when there is nothing."""
        if not self._knows_seq:
            self.seq = self._floor = await threads.reading.run(log.last_seq, self.stream_id)
            self._knows_seq = True
            return
        entries = await threads.reading.run(self._read, self.seq, None)
        if not entries:
            return
        if any(entry.revokes for entry in entries):
            # What is kept may show what may no longer be seen. Whoever needs it again has it read again.
            self._recent.clear()
            self._floor = self.seq
        self._recent.extend(entries)
        self.seq = entries[-1].seq
        while len(self._recent) > 2 * REACH:
            self._floor = self._recent.popleft().seq
        self._counts_rung = True
        if len(entries) == REACH:
            self._must_look = True

    def _read(self, after: int, upto: int | None) -> list[Entry]:
        events = log.read(self.stream_id, after=after, upto=upto, limit=REACH)
        return presenters.present(self.stream_id, events)

    async def _reach_back(self, after: int) -> None:
        """Read again what lies before the events kept, for readers who come back."""
        floor = self._floor
        entries = await threads.reading.run(self._read, after, floor)
        self._recent.extendleft(reversed(entries))
        self._floor = after

    # Sending

    async def _send_frames(self) -> None:
        ready = [reader for reader in tuple(self.readers) if reader.sending is None or self._is_ready(reader)]
        for reader in ready:
            if self._is_out_of_reach(reader):
                reader.cursor = None
                self._send(reader, Message(presenters.encode({"type": "resync", "to": self.seq})))
        due = [reader for reader in ready if self._is_due(reader)]
        if not due:
            return
        lowest = min(reader.cursor or 0 for reader in due)
        if lowest < self._floor:
            await self._reach_back(lowest)
        now = presenters.encode(timezone.now())
        frames: dict[tuple[int, frozenset[str]], tuple[Message, int, frozenset[str]]] = {}
        for place, reader in enumerate(due, start=1):
            cursor = reader.cursor
            if cursor is None or reader.is_gone:
                continue
            key = (cursor, reader.everyones)
            if key not in frames:
                frames[key] = self._frame(cursor, reader.everyones, now)
            message, upto, personal = frames[key]
            if personal and not personal.isdisjoint(reader.audiences):
                message, upto, _ = self._frame(cursor, reader.audiences, now)
            reader.cursor = upto
            reader.awaits_answer = False
            line = reader.line
            if line is None or not line.write(message.frame):
                self._send_plainly(reader, message)
            if place % SENDS_PER_TURN == 0:
                await asyncio.sleep(0)

    def _is_due(self, reader: Reader) -> bool:
        if reader.cursor is None or reader.cursor > self.seq:
            return False
        return reader.cursor < self.seq or reader.awaits_answer

    def _is_out_of_reach(self, reader: Reader) -> bool:
        """Whether frames would not bring the reader up: too far behind, or ahead of a log that was set back."""
        if reader.cursor is None:
            return False
        if reader.cursor > self.seq:
            return not self._must_look
        return reader.cursor < self._floor and self.seq - reader.cursor > REACH

    def _frame(self, after: int, audiences: frozenset[str], now: str) -> tuple[Message, int, frozenset[str]]:
        """A frame from a cursor on, how far it reaches, and the single readers it differs for."""
        texts: list[str] = []
        upto, size = after, 0
        personal: set[str] = set()
        for entry in self._entries_after(after):
            text = entry.text_for(audiences)
            if text is not None:
                # Characters stand for bytes: most text here is Latin, and the bound is a courtesy, not a contract.
                size += len(text) + 1
                if texts and size > FRAME_BYTES:
                    break
                texts.append(text)
            personal |= entry.personal
            upto = entry.seq
        text = f'{{"type":"frame","from":{after},"to":{upto},"now":{now},"events":[{",".join(texts)}]}}'
        return Message(text), upto, frozenset(personal)

    def _entries_after(self, after: int) -> list[Entry]:
        # Numbers have no gap, so the place of an event follows from its number.
        skip = after - self._floor
        if skip > len(self._recent) // 2:
            tail: list[Entry] = []
            for entry in reversed(self._recent):
                if entry.seq <= after:
                    break
                tail.append(entry)
            return tail[::-1]
        return [entry for entry in self._recent if entry.seq > after]

    def _is_ready(self, reader: Reader) -> bool:
        """Whether the reader has taken what it was sent. One that has not for too long is closed."""
        if reader.sending is None:
            return True
        if reader.sending.done():
            reader.sending = None
            reader.behind_since = None
            self._here = None
            return not reader.is_gone
        if reader.behind_since is not None and time.monotonic() - reader.behind_since > SLOW_SECONDS:
            self._close(reader, TOO_SLOW)
        return False

    def _send(self, reader: Reader, message: Message) -> None:
        if reader.line is None or not reader.line.write(message.frame):
            self._send_plainly(reader, message)

    def _send_plainly(self, reader: Reader, message: Message) -> None:
        """Send at once if the connection takes it; else leave it to a task, and the reader counts as behind."""
        task = asyncio.Task(self._send_to(reader, message.text), loop=asyncio.get_running_loop(), eager_start=True)
        if not task.done():
            reader.sending = task
            reader.behind_since = time.monotonic()
            self._here = None

    async def _send_to(self, reader: Reader, text: str) -> None:
        try:
            await reader.send(text)
        except Exception as error:  # noqa: BLE001 servers raise what they like when a peer has gone
            logger.debug("A reader went away: %r", error)
            self.remove(reader)

    def _close(self, reader: Reader, code: int) -> None:
        if reader.sending is not None:
            reader.sending.cancel()
        self.remove(reader)
        self.house.keep(asyncio.get_running_loop().create_task(_close_quietly(reader, code)))

    # Counts and presence

    async def _send_tallies(self) -> None:
        now = time.monotonic()
        newcomers = [
            reader
            for reader in self.readers
            if not reader.knows_tallies and reader.cursor is not None and reader.sending is None
        ]
        due = now - self._tallied_at >= TALLY_INTERVAL
        if not due and not newcomers:
            return
        changes: dict[str, Any] = {}
        if due and (self._counts_rung or now - self._counted_at >= POLL_INTERVAL * 2):
            self._counts_rung = False
            self._counted_at = now
            counted, heads = await threads.reading.run(self._count)
            changes = tallies.changes(self.counted, counted)
            self.counted = counted
            if heads != self._heads:
                self._heads = heads
                self._here = None
        self.known_people, self.known_health = self.people(), self.health()
        people, health = {"people": self.known_people}, self.known_health
        if due and people != self._told_people:
            changes.update(people)
            self._told_people = people
        health_changed = due and health != self._told_health
        if health_changed:
            self._told_health = health
        if due and (changes or health_changed):
            self._tallied_at = now
            self._spread_tallies(changes, health if health_changed else None, newcomers)
        everything: dict[bool, Message] = {}
        for reader in newcomers:
            if reader.is_gone or reader.sending is not None:
                continue
            kind = reader.watches_health
            if kind not in everything:
                more = {"health": health} if kind else {}
                everything[kind] = Message(presenters.encode({"type": "tallies", **people, **self.counted, **more}))
            reader.knows_tallies = True
            self._send(reader, everything[kind])

    def _count(self) -> tuple[tallies.Tallies, tallies.Heads]:
        return tallies.count(self.stream_id), tallies.heads(self.stream_id)

    def _spread_tallies(self, changes: dict[str, Any], health: dict[str, int] | None, newcomers: list[Reader]) -> None:
        for_all = Message(presenters.encode({"type": "tallies", **changes})) if changes else None
        for_watchers = for_all
        if health:
            for_watchers = Message(presenters.encode({"type": "tallies", **changes, "health": health}))
        new = set(newcomers)
        for reader in tuple(self.readers):
            message = for_watchers if reader.watches_health else for_all
            if message is None or reader.cursor is None or reader in new:
                continue
            if reader.sending is None:
                self._send(reader, message)
            else:
                # It missed a change; it gets all counts when it is ready.
                reader.knows_tallies = False

    def _presence(self) -> Presence:
        now = time.monotonic()
        if any(until <= now for until in self._leaving.values()):
            self._leaving = {person: until for person, until in self._leaving.items() if until > now}
            self._here = None
        if self._here is not None:
            return self._here
        hour_ago = now - 3600
        self._left_unsent = {person: left for person, left in self._left_unsent.items() if left[1] > hour_ago}
        phones = [reader for reader in self.readers if reader.person]
        persons = {reader.person for reader in phones if reader.person} | self._leaving.keys()
        self._here = Presence(
            people=sum(self._heads.get(person, 1) for person in persons),
            connected=len(phones),
            behind=sum(reader.sending is not None for reader in phones),
            offline_unsent=len(self._left_unsent),
            unsent=sum(reader.unsent for reader in phones) + sum(left[0] for left in self._left_unsent.values()),
        )
        return self._here

    def _others(self) -> list[Presence]:
        oldest = time.monotonic() - PRESENCE_EXPIRES
        self.presences = {name: presence for name, presence in self.presences.items() if presence.heard_at > oldest}
        return list(self.presences.values())

    def _people_changed(self) -> bool:
        return {"people": self.people()} != self._told_people or self.health() != self._told_health

    def _tell_presence(self) -> None:
        now = time.monotonic()
        since = now - self._told_presence_at
        if since < PRESENCE_INTERVAL:
            return
        presence = self._presence()
        if presence != self._told_presence or since >= PRESENCE_REPEAT:
            self._told_presence, self._told_presence_at = presence, now
            doorbell.send_to_others(self.stream_id, {"presence": presence.as_hint()})


@dataclass(frozen=True)
class State:
    """A hub as it stands, for those who look from outside."""

    stream_id: UUID
    # Of the last event read; None before the first look.
    seq: int | None
    readers: int
    behind: int
    unsent: int


def states() -> list[State]:
    """Every hub of this process. May be asked in any thread."""
    found = []
    for house in list(_houses.values()):
        for hub in list(house.hubs.values()):
            readers = tuple(hub.readers)
            found.append(
                State(
                    stream_id=hub.stream_id,
                    seq=hub.seq if hub._knows_seq else None,
                    readers=len(readers),
                    behind=sum(reader.sending is not None for reader in readers),
                    unsent=sum(reader.unsent for reader in readers),
                )
            )
    return found


def interval_after(spent: float) -> float:
    """How long to let events gather after a turn of sending that kept the loop busy for so many seconds."""
    return min(max(FRAME_INTERVAL, spent / SENDING_SHARE), max(FRAME_INTERVAL, LONGEST_INTERVAL))


def patience_after(spent: float) -> float:
    """How long to let them gather where there are few."""
    return min(max(FRAME_INTERVAL, spent / PATIENT_SHARE), max(FRAME_INTERVAL, PATIENCE))


async def _close_quietly(reader: Reader, code: int) -> None:
    try:
        await reader.close(code)
    except Exception as error:  # noqa: BLE001 it may have gone already
        logger.debug("A reader was gone before it was closed: %r", error)


class House:
    """The hubs of one event loop, and its one ear on the channel layer."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.hubs: dict[UUID, Hub] = {}
        self._ear: asyncio.Task[None] | None = None
        self._channel: str | None = None
        self._kept: set[asyncio.Task[Any]] = set()
        doorbell.listen(self._on_hint)
        doorbell.use_loop(loop)

    def hub(self, stream_id: UUID) -> Hub:
        hub = self.hubs.get(stream_id)
        if hub is None:
            hub = self.hubs[stream_id] = Hub(stream_id, self)
            if doorbell.reaches_other_processes():
                self.keep(self.loop.create_task(self._join(stream_id)))
        return hub

    def forget(self, hub: Hub) -> None:
        if self.hubs.get(hub.stream_id) is hub:
            del self.hubs[hub.stream_id]
            if self._channel:
                self.keep(self.loop.create_task(self._leave(hub.stream_id)))

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Hold a task until it is done; the loop itself holds tasks only weakly."""
        self._kept.add(task)
        task.add_done_callback(self._kept.discard)

    async def stop(self, code: int | None = None) -> None:
        """End every hub, closing its readers with the code if one is given."""
        doorbell.unlisten(self._on_hint)
        doorbell.use_loop(None)
        hubs, self.hubs = list(self.hubs.values()), {}
        for hub in hubs:
            await hub.stop(code)
        tasks = [*self._kept, *([self._ear] if self._ear else [])]
        if code is None:
            for task in tasks:
                task.cancel()
        elif self._ear:
            self._ear.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        _houses.pop(self.loop, None)

    def _on_hint(self, stream_id: UUID, hint: dict[str, Any]) -> None:
        """In whichever thread rang."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._hear, stream_id, hint)

    def _hear(self, stream_id: UUID, hint: dict[str, Any]) -> None:
        hub = self.hubs.get(stream_id)
        if hub is not None:
            hub.hear(hint)

    async def _join(self, stream_id: UUID) -> None:
        """Hear other processes' hints for a stream. While the layer is away, the slow poll has to do."""
        while stream_id in self.hubs:
            try:
                layer = get_channel_layer()
                if self._channel is None:
                    self._channel = await layer.new_channel("hubs")
                    self._ear = self.loop.create_task(self._listen(self._channel))
                await layer.group_add(groups.stream_group(stream_id), self._channel)
            except Exception as error:  # noqa: BLE001 whatever a layer raises, try again
                logger.warning("The channel layer is away: %r", error)
                await asyncio.sleep(1 + random.random())  # noqa: S311 spreads load, keeps no secret
            else:
                return

    async def _leave(self, stream_id: UUID) -> None:
        try:
            await get_channel_layer().group_discard(groups.stream_group(stream_id), self._channel)
        except Exception as error:  # noqa: BLE001 a hint too many is harmless
            logger.debug("Could not leave a group: %r", error)

    async def _listen(self, channel: str) -> None:
        while True:
            try:
                message = await get_channel_layer().receive(channel)
                if message.get("process") != doorbell.PROCESS:
                    self._hear(UUID(hex=message["stream"]), message)
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 whatever a layer raises, listen again
                logger.warning("A hint could not be heard: %r", error)
                await asyncio.sleep(1)


_houses: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, House]" = weakref.WeakKeyDictionary()


def house() -> House:
    """The hubs of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _houses:
        _houses[loop] = House(loop)
    return _houses[loop]


def health_of(stream_id: UUID) -> dict[str, int]:
    """How the readers of a stream fare, as this process knows. From any thread."""
    for known in tuple(_houses.values()):
        hub = known.hubs.get(stream_id)
        if hub is not None:
            return hub.known_health
    return dict.fromkeys(HEALTH, 0)


def people_here(stream_id: UUID) -> int | None:
    """People connected to a stream as this process knows; None where it has no reader. From any thread."""
    for known in tuple(_houses.values()):
        hub = known.hubs.get(stream_id)
        if hub is not None and hub.readers:
            return hub.known_people
    return None
