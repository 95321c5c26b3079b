"""A room that keeps talking while its servers fail: phones that resend until acknowledged, a wall that reads."""

import asyncio
import contextlib
import json
import random
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import httpx
import websockets
from asgiref.sync import sync_to_async

from live.devices import cookie_name
from live.models import Contribution, LiveSession, Participant
from realtime.models import Event
from tests.factories.live import live_session, participant
from tests.live_site import LiveSite

LOST = (OSError, websockets.WebSocketException, TimeoutError)

# Faster than real phones, which wait up to half a minute: the faults here last seconds.
LONGEST_WAIT = 0.5
PATIENCE = 60


class Broken(AssertionError):
    """The guarantee does not hold. What negative controls expect, and nothing else."""


def hold(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Broken(otherwise)


async def until(condition: Callable[[], Any], *, seconds: float = 30, otherwise: str = "") -> None:
    """Wait for something to become true. With words in `otherwise` it is part of the guarantee that it does."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        if otherwise:
            raise Broken(otherwise) from None
        raise


class Phone:
    """One participant. Keeps every text until it is acknowledged, whatever happens to the connection."""

    def __init__(
        self, who: Participant, sites: Iterable[LiveSite], bodies: Iterable[str] = (), *, pause: float = 0
    ) -> None:
        self.code = who.session.code
        self.cookie = f"{cookie_name()}={who.device_token}"
        self.sites = list(sites)
        # Between two things said, on average.
        self.pause = pause
        self.unsent = {str(uuid.uuid4()): body for body in bodies}
        self.bodies = dict(self.unsent)
        self.acknowledged: dict[str, int] = {}
        self.refusals: list[dict[str, Any]] = []
        self.more: dict[str, Any] = {}

    async def say_everything(self) -> None:
        while self.unsent:
            try:
                await self._talk(random.choice(self.sites))
            except LOST:
                await asyncio.sleep(random.uniform(0, LONGEST_WAIT))

    def connect(self, site: LiveSite) -> websockets.connect:
        return websockets.connect(
            f"{site.websocket_address}/ws/live/{self.code}/",
            origin=site.address,
            additional_headers={"Cookie": self.cookie},
            open_timeout=20,
            compression=None,
        )

    async def _talk(self, site: LiveSite) -> None:
        async with self.connect(site) as socket:
            while self.unsent:
                client_id, body = next(iter(self.unsent.items()))
                answer = await ask(socket, "contribution.add", client_id=client_id, body=body, **self.more)
                if answer["type"] == "ack":
                    self.acknowledged[client_id] = answer["contribution"]
                    del self.unsent[client_id]
                    await asyncio.sleep(random.uniform(0, 2 * self.pause))
                else:
                    self.refusals.append(answer)
                    assert answer["retry"], answer
                    await asyncio.sleep(min(answer.get("retry_after", 0.1), 5))


async def ask(socket: websockets.ClientConnection, command: str, **fields: Any) -> dict[str, Any]:
    """Send a command and wait for its answer."""
    ticket = uuid.uuid4().hex
    await socket.send(json.dumps({"type": command, "id": ticket, **fields}))
    async with asyncio.timeout(30):
        while True:
            message = json.loads(await socket.recv())
            if message.get("re") == ticket:
                return message


class Wall:
    """A reader who comes back by cursor and must end with every event, once and in order."""

    def __init__(self, session: LiveSession, site: LiveSite) -> None:
        self.code, self.site = session.code, site
        self.cursor = 0
        self.events: list[dict[str, Any]] = []
        self.closings: list[int | None] = []
        self.is_in = False

    async def read(self) -> None:
        while True:
            try:
                async with websockets.connect(
                    f"{self.site.websocket_address}/ws/live/{self.code}/?as=wall",
                    origin=self.site.address,
                    open_timeout=20,
                    compression=None,
                ) as socket:
                    await socket.send(json.dumps({"type": "hello", "after": self.cursor}))
                    async for text in socket:
                        message = json.loads(text)
                        if message["type"] == "resync":
                            await self._start_afresh()
                            await socket.send(json.dumps({"type": "hello", "after": self.cursor}))
                        self._take(message)
                    self.closings.append(socket.close_code)
            except LOST as error:
                if isinstance(error, websockets.ConnectionClosed):
                    self.closings.append(error.rcvd.code if error.rcvd else None)
            self.is_in = False
            await asyncio.sleep(0.1)

    async def _start_afresh(self) -> None:
        """Too far behind for frames: take what a snapshot shows, with all that came before its newest."""
        address = f"{self.site.address}/live/{self.code}/snapshot/?as=wall"
        async with httpx.AsyncClient(timeout=20) as client:
            snapshot = (await client.get(address)).json()
            said = part = snapshot["contributions"]
            while part and part[0]["seq"] > self.cursor + 1:
                part = (await client.get(f"{address}&before={part[0]['seq']}")).json()["contributions"]
                said = part + said
        self.events += [
            {"seq": one["seq"], "kind": "contribution.added", "contribution": one}
            for one in said
            if one["seq"] > self.cursor
        ]
        self.cursor = max(self.cursor, snapshot["to"])

    async def read_to(self, seq: int, *, seconds: float = 30) -> None:
        await until(
            lambda: self.cursor >= seq, seconds=seconds, otherwise=f"the wall does not come from {self.cursor} to {seq}"
        )

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] != "frame" or message["from"] > self.cursor:
            return
        self.is_in = True
        self.events += [event for event in message["events"] if event["seq"] > self.cursor]
        self.cursor = max(self.cursor, message["to"])


@sync_to_async
def make_room(
    *sites: LiveSite, phones: int = 8, each: int = 12, pause: float = 0, length: int = 0
) -> tuple[LiveSession, list[Phone]]:
    """An open session and people with something to say. Nobody may say more than twenty things a minute."""
    session = live_session()
    talkers = []
    for person in range(phones):
        bodies = [f"Thought {number} of person {person}".ljust(length, ".") for number in range(each)]
        talkers.append(Phone(participant(session), sites, bodies, pause=pause))
    return session, talkers


@contextlib.asynccontextmanager
async def talking(phones: list[Phone], *walls: Wall) -> AsyncIterator[asyncio.Future[list[None]]]:
    """The room while it talks; what it yields is done when everybody has been acknowledged."""
    reading = [asyncio.create_task(wall.read()) for wall in walls]
    everybody = asyncio.gather(*(phone.say_everything() for phone in phones))
    try:
        yield everybody
        async with asyncio.timeout(PATIENCE):
            await everybody
    finally:
        everybody.cancel()
        for task in reading:
            task.cancel()
        await asyncio.gather(everybody, *reading, return_exceptions=True)


@contextlib.asynccontextmanager
async def reading(*walls: Wall) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(wall.read()) for wall in walls]
    try:
        await until(lambda: all(wall.is_in for wall in walls))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def said_by(phones: Iterable[Phone]) -> int:
    return sum(len(phone.acknowledged) for phone in phones)


async def until_acknowledged(phones: list[Phone], count: int) -> None:
    await until(lambda: said_by(phones) >= count, seconds=PATIENCE)


@sync_to_async
def last_seq(session: LiveSession) -> int:
    return Event.objects.filter(stream=session.stream).order_by("seq").last().seq


@sync_to_async
def hold_that_acknowledged_is_stored(session: LiveSession, phones: Iterable[Phone]) -> None:
    """Also while some are still talking: whatever has been acknowledged is there, as it was said."""
    acknowledged = {client_id: phone for phone in phones for client_id in tuple(phone.acknowledged)}
    stored = {str(row.client_id): row for row in Contribution.objects.filter(session=session)}
    lost = acknowledged.keys() - stored.keys()
    hold(not lost, f"{len(lost)} acknowledged, and not stored")
    for client_id, phone in acknowledged.items():
        hold(stored[client_id].body == phone.bodies[client_id], "stored with other words")
        hold(stored[client_id].pk == phone.acknowledged[client_id], "acknowledged as another one")


async def hold_that_nothing_is_lost(session: LiveSession, phones: Iterable[Phone], *walls: Wall) -> None:
    """Acknowledged is stored, once and as it was said; numbers have no gap; walls have read what is stored."""
    await hold_that_acknowledged_is_stored(session, phones)
    for phone in phones:
        assert phone.unsent == {}
    said = sum(len(phone.bodies) for phone in phones)
    stored = await sync_to_async(Contribution.objects.filter(session=session).count)()
    hold(stored == said, f"{said} said, {stored} stored")

    log = await sync_to_async(lambda: list(Event.objects.filter(stream=session.stream).order_by("seq")))()
    hold([event.seq for event in log] == list(range(1, len(log) + 1)), "numbers have gaps")
    added = [event.seq for event in log if event.kind == "contribution.added"]
    hold(len(added) == said, f"{said} said, {len(added)} in the log")
    for wall in walls:
        read = [event["seq"] for event in wall.events if event["kind"] == "contribution.added"]
        hold(read == added, "a wall has not read the log")
