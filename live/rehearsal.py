"""Simulated phones that talk to a running server, and the proof that nothing they said was lost or doubled.

**How a room talks.** The shape below was measured on the 896 statements that 403 of 2,031 people wrote in a public
conversation in Bowling Green, Kentucky, in February 2018 (gathered with Polis; CC BY 4.0, The Computational Democracy
Project): the moments of its statements in order, each gap divided by the mean gap. Half of all gaps are shorter than a
sixth of the mean, one in twenty is longer than three and a half times the mean, one in a hundred longer than fourteen:
people write in bursts, between silences. One person in five wrote at all; of those 61 in 100 wrote once, one wrote 92
times. Squeezed into minutes, that is harder on a server than an even stream.
"""

import asyncio
import bisect
import contextlib
import dataclasses
import itertools
import json
import math
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import websockets

from live.devices import cookie_name

# Gap between two statements as a share of the mean gap, by quantile.
GAPS = (
    (0.0, 0.0005), (0.05, 0.0082), (0.10, 0.0144), (0.25, 0.0454), (0.50, 0.162),
    (0.75, 0.647), (0.90, 1.86), (0.95, 3.47), (0.99, 13.96), (1.0, 20.0),
)  # fmt: skip
# How many times somebody who writes at all does so, by share of those people.
TIMES = ((0.613, 1), (0.801, 2), (0.891, 3), (0.921, 4), (0.943, 5), (0.980, 7), (1.0, 11))
SHARE_WHO_WRITE = 0.2
STATEMENTS_A_PERSON = 896 / 2031
# Length in characters, by quantile.
LENGTHS = ((0.0, 12), (0.10, 42), (0.25, 67), (0.50, 98), (0.75, 130), (1.0, 140))

# A session takes twenty a minute from one device; a simulated one stays below it.
PER_MINUTE_AT_MOST = 15
SETTLE_SECONDS = 30.0
LONGEST_WAIT = 3.0
LOST = (OSError, websockets.WebSocketException, TimeoutError)

WORDS = (
    "lamps along the towpath", "the ferry after dark", "benches by the lock", "a desk that is open late",
    "the number 9 bus", "one name to call", "pay that rises with the patch", "keys to the reading room",
    "a warden who stays", "the notice board", "pairs instead of posts", "a handover year", "the Tuesday market",
    "minutes people can read", "a kitchen for the street",
)  # fmt: skip
VERBS = ("Keep", "Mend", "Begin with", "Ask again about", "Pay for", "Count", "Share", "Stop closing", "Publish", "Try")


def at_quantile(table: Sequence[tuple[float, float]], share: float) -> float:
    """A value of a measured distribution, between its steps by straight lines."""
    place = min(bisect.bisect_left([step for step, _ in table], share), len(table) - 1)
    if place == 0:
        return float(table[0][1])
    (low, before), (high, after) = table[place - 1], table[place]
    return before + (after - before) * (share - low) / (high - low)


def moments_like_a_room(count: int, seconds: float, chance: random.Random) -> list[float]:
    """When `count` things are said within so many seconds, in bursts as in the file."""
    gaps = [at_quantile(GAPS, chance.random()) for _ in range(count + 1)]
    whole = math.fsum(gaps)
    return [seconds * passed / whole for passed in itertools.accumulate(gaps[:-1])]


def moments_at_random(count: int, seconds: float, chance: random.Random) -> list[float]:
    return sorted(chance.uniform(0, seconds) for _ in range(count))


def speakers(count: int, phones: int, minutes: float, chance: random.Random) -> list[int]:
    """Who says each of `count` things: a few people much, most of those who speak once."""
    most = max(1, int(PER_MINUTE_AT_MOST * minutes))
    order = chance.sample(range(phones), phones)
    turns: list[int] = []
    for phone in order:
        if len(turns) >= count:
            break
        share = chance.random()
        times = next(times for upto, times in TIMES if share <= upto)
        turns += [phone] * min(times, most)
    while len(turns) < count:
        turns.append(chance.choice(order))
    chance.shuffle(turns)
    return turns[:count]


def words(number: int, chance: random.Random) -> str:
    """Something to say, as long as people's statements are, and unlike any other."""
    length = at_quantile(LENGTHS, chance.random())
    text = f"Rehearsal {number}:"
    while len(text) < length:
        text += f" {chance.choice(VERBS)} {chance.choice(WORDS)}."
    return text


@dataclasses.dataclass
class Saying:
    """One thing a phone says, and when things happened to it, by this process's clock."""

    number: int
    client_id: str
    body: str
    at: float
    sent_at: float = 0.0
    acknowledged_at: float = 0.0
    contribution: int = 0
    seq: int = 0


@dataclasses.dataclass(frozen=True)
class Plan:
    """What each phone will say, and which will lose their signal, when and for how long (in seconds)."""

    sayings: dict[int, list[Saying]]
    cuts: dict[int, tuple[float, float]]

    @classmethod
    def make(
        cls, *, phones: int, seconds: float, contributions: int, is_even: bool, cut_off: float, chance: random.Random
    ) -> "Plan":
        spread = moments_at_random if is_even else moments_like_a_room
        moments = spread(contributions, seconds, chance)
        who = speakers(contributions, phones, seconds / 60, chance)
        sayings: dict[int, list[Saying]] = {phone: [] for phone in range(phones)}
        for number, (at, phone) in enumerate(zip(moments, who, strict=True), start=1):
            client_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
            sayings[phone].append(Saying(number, client_id, words(number, chance), at))
        losing = chance.sample(range(phones), round(phones * cut_off))
        cuts = {phone: (chance.uniform(0.1, 0.6) * seconds, chance.uniform(0.05, 0.2) * seconds) for phone in losing}
        return cls(sayings, cuts)


class Phone:
    """One simulated device: keeps what it says until it is acknowledged, follows the log by its cursor."""

    def __init__(self, room: "Room", number: int, token: str, cursor: int) -> None:
        self.room = room
        self.number = number
        self.token = token
        self.cursor = cursor
        self.waiting: dict[str, Saying] = {}
        self.heard: list[tuple[int, int]] = []
        self.heard_at: dict[str, float] = {}
        self.refusals: Counter[str] = Counter()
        self.connections = 0
        self.socket: websockets.ClientConnection | None = None
        self.cut_until = 0.0

    async def live(self) -> None:
        """Stay connected until the rehearsal is over, coming back with full jitter."""
        failures = 0
        while not self.room.is_over:
            away = self.cut_until - self.room.now()
            if away > 0:
                await asyncio.sleep(away)
            try:
                await self._talk()
                failures = 0
            except LOST:
                failures += 1
            if not self.room.is_over:
                await asyncio.sleep(random.uniform(0, min(LONGEST_WAIT, 0.25 * 2**failures)))  # noqa: S311 jitter

    async def _talk(self) -> None:
        async with websockets.connect(
            self.room.socket_address,
            origin=websockets.Origin(self.room.origin),
            additional_headers={"Cookie": f"{cookie_name()}={self.token}"},
            open_timeout=20,
            ping_interval=None,
            compression=None,
        ) as socket:
            self.socket = socket
            self.connections += 1
            await socket.send(json.dumps({"type": "hello", "after": self.cursor}))
            for saying in tuple(self.waiting.values()):
                await self._send(saying)
            try:
                async for text in socket:
                    self._take(json.loads(text))
            finally:
                self.socket = None

    async def say(self, saying: Saying) -> None:
        saying.sent_at = self.room.now()
        self.waiting[saying.client_id] = saying
        if self.socket is not None:
            # Lost with the line, it is sent again when that is back.
            with contextlib.suppress(*LOST):
                await self._send(saying)

    async def _send(self, saying: Saying) -> None:
        if self.socket is not None:
            command = {"type": "contribution.add", "id": saying.client_id, "client_id": saying.client_id}
            await self.socket.send(json.dumps({**command, "body": saying.body}))

    async def lose_signal(self, seconds: float) -> None:
        self.cut_until = self.room.now() + seconds
        if self.socket is not None:
            self.socket.transport.abort()

    def _take(self, message: dict[str, Any]) -> None:
        now = self.room.now()
        match message["type"]:
            case "frame" if message["from"] <= self.cursor:
                for event in message["events"]:
                    if event["seq"] > self.cursor:
                        self._hear(event, now)
                self.cursor = max(self.cursor, message["to"])
            case "ack" if message.get("re") in self.waiting:
                saying = self.waiting.pop(message["re"])
                saying.acknowledged_at = now
                saying.contribution, saying.seq = message["contribution"], message["seq"]
            case "error":
                self.refusals[message["code"]] += 1
            case "resync":
                raise ConnectionError("told to fetch a snapshot: this phone fell too far behind")

    def _hear(self, event: dict[str, Any], now: float) -> None:
        if event["kind"] == "contribution.added" and event.get("contribution"):
            contribution = event["contribution"]
            self.heard.append((event["seq"], contribution["id"]))
            self.heard_at.setdefault(contribution["client_id"], now)


async def knock(address: str) -> None:
    """See whether a server takes connections there, instead of letting every phone try for a minute."""
    parts = urlsplit(address)
    port = parts.port or {"https": 443}.get(parts.scheme, 80)
    async with asyncio.timeout(10):
        _, writer = await asyncio.open_connection(parts.hostname, port)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


class Room:
    """A room full of simulated phones, played against a server."""

    def __init__(self, *, address: str, code: str, tokens: Sequence[str], cursor: int, plan: Plan) -> None:
        self.origin = address.rstrip("/")
        self.socket_address = f"{self.origin.replace('http', 'ws', 1)}/ws/live/{code}/"
        self.plan = plan
        self.phones = [Phone(self, number, token, cursor) for number, token in enumerate(tokens)]
        self.is_over = False
        self.started_at = time.monotonic()

    def now(self) -> float:
        return time.monotonic() - self.started_at

    @property
    def sayings(self) -> list[Saying]:
        return [saying for sayings in self.plan.sayings.values() for saying in sayings]

    async def play(self, *, connect_seconds: float = 2.0) -> None:
        """Let everybody come in, say what is planned, and stay until all of it has arrived everywhere, or too long."""
        lives = [asyncio.create_task(self._come_in(phone, connect_seconds)) for phone in self.phones]
        async with asyncio.timeout(max(60.0, connect_seconds * 4)):
            while not all(phone.connections for phone in self.phones):
                await asyncio.sleep(0.05)
        self.started_at = time.monotonic()
        turns = [
            *(
                self._speak(self.phones[number], saying)
                for number, said in self.plan.sayings.items()
                for saying in said
            ),
            *(self._cut(self.phones[number], at, seconds) for number, (at, seconds) in self.plan.cuts.items()),
        ]
        await asyncio.gather(*turns)
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while not self._has_settled():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pass  # what has not arrived by now is what the verdict is about
        self.is_over = True
        for phone in self.phones:
            if phone.socket is not None:
                await phone.socket.close()
        await asyncio.wait(lives, timeout=10)
        for life in lives:
            life.cancel()

    async def _come_in(self, phone: Phone, connect_seconds: float) -> None:
        await asyncio.sleep(random.uniform(0, connect_seconds))  # noqa: S311 spreads load, keeps no secret
        await phone.live()

    async def _speak(self, phone: Phone, saying: Saying) -> None:
        await asyncio.sleep(max(0.0, saying.at - self.now()))
        await phone.say(saying)

    async def _cut(self, phone: Phone, at: float, seconds: float) -> None:
        await asyncio.sleep(max(0.0, at - self.now()))
        await phone.lose_signal(seconds)

    def _has_settled(self) -> bool:
        acknowledged = {saying.client_id for saying in self.sayings if saying.acknowledged_at}
        if len(acknowledged) < len(self.sayings):
            return False
        shown = acknowledged - self._never_shown()
        return all(shown <= phone.heard_at.keys() for phone in self.phones)

    def _never_shown(self) -> set[str]:
        """What nobody but its author was told of: the session holds everything first."""
        heard = Counter(client_id for phone in self.phones for client_id in phone.heard_at)
        own = {saying.client_id for saying in self.sayings if heard[saying.client_id] == 1}
        return own if len(self.phones) > 1 else set()


@dataclasses.dataclass(frozen=True)
class Stored:
    """A contribution as the database has it."""

    pk: int
    seq: int
    client_id: str
    body: str
    # Shown from the first, and left alone by facilitators: every phone must have been told of it, in its place.
    is_for_all: bool
    # Said by one of the simulated phones, not by somebody who is practising too.
    is_simulated: bool = True


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether guarantee G held, clause by clause: (what, whether, by which numbers)."""

    clauses: list[tuple[str, bool, str]]

    @property
    def holds(self) -> bool:
        return all(held for _, held, _ in self.clauses)


def verify(room: Room, stored: Sequence[Stored], seqs: Sequence[int], *, since: int) -> Verdict:
    """Hold what the phones know against the database. `seqs` are the numbers of the session's log after `since`."""
    sent = {saying.client_id: saying for saying in room.sayings if saying.sent_at or saying.acknowledged_at}
    acknowledged = {client_id for client_id, saying in sent.items() if saying.acknowledged_at}
    kept = {one.client_id: one for one in stored}
    others = {one.client_id for one in stored if not one.is_simulated}
    same_words = all(kept[client_id].body == sent[client_id].body for client_id in acknowledged & kept.keys())
    same_place = all(kept[client_id].seq == sent[client_id].seq for client_id in acknowledged & kept.keys())
    unknown = kept.keys() - sent.keys() - others
    shown = [(one.seq, one.pk) for one in sorted(stored, key=lambda one: one.seq) if one.is_for_all]
    wrong = [phone.number for phone in room.phones if _public(phone.heard, stored) != shown]
    expected = list(range(since + 1, since + 1 + len(seqs)))
    return Verdict(
        [
            ("everything said was acknowledged", len(acknowledged) == len(sent), f"{len(acknowledged)} of {len(sent)}"),
            (
                "everything acknowledged is stored, with its words and its place",
                acknowledged <= kept.keys() and same_words and same_place,
                f"{len(acknowledged & kept.keys())} of {len(acknowledged)}",
            ),
            ("nothing is stored that nobody said", not unknown, _stored_words(stored, others, unknown)),
            ("each was stored once", len(kept) == len(stored), f"{len(stored)} rows, {len(kept)} ids"),
            ("the log's numbers have no gap", list(seqs) == expected, f"{len(seqs)} events"),
            (
                "every phone ended with the same log, in the order of the database",
                not wrong,
                f"{len(room.phones) - len(wrong)} of {len(room.phones)} phones",
            ),
        ]
    )


def _stored_words(stored: Sequence[Stored], others: set[str], unknown: set[str]) -> str:
    from_others = f"{len(others)} from other phones, " if others else ""
    return f"{len(stored)} stored, {from_others}{len(unknown)} unknown"


def _public(heard: Iterable[tuple[int, int]], stored: Sequence[Stored]) -> list[tuple[int, int]]:
    """What a phone heard, without what was for it alone, or moderated meanwhile."""
    shown = {one.pk for one in stored if one.is_for_all}
    return [pair for pair in heard if pair[1] in shown]


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and the largest, in milliseconds."""
    ordered = sorted(values)
    if not ordered:
        return {}
    at = lambda share: ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] * 1000  # noqa: E731 short
    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": ordered[-1] * 1000}


def latencies(room: Room) -> dict[str, dict[str, float]]:
    """How long it took, from pressing Send: to the acknowledgement, and to each phone that had its signal meanwhile."""
    said = {saying.client_id: saying for saying in room.sayings if saying.acknowledged_at}
    cut = room.plan.cuts
    connected = [phone for phone in room.phones if phone.number not in cut]
    steady = [saying for number, sayings in room.plan.sayings.items() for saying in sayings if number not in cut]
    return {
        "to acknowledgement": percentiles([one.acknowledged_at - one.sent_at for one in steady if one.acknowledged_at]),
        "to every phone": percentiles(
            [
                phone.heard_at[one.client_id] - one.sent_at
                for phone in connected
                for one in steady
                if one.client_id in said and one.client_id in phone.heard_at
            ]
        ),
        "after a lost signal": percentiles(
            [
                one.acknowledged_at - one.sent_at
                for number in cut
                for one in room.plan.sayings[number]
                if one.acknowledged_at
            ]
        ),
    }
