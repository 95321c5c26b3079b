"""A room that keeps talking while its servers fail: phones that resend until acknowledged, a wall that reads."""

import asyncio
import json
import random
import uuid
from collections.abc import Iterable
from typing import Any

import websockets
from asgiref.sync import sync_to_async

from live.devices import cookie_name
from live.models import Contribution, LiveSession, Participant
from realtime.models import Event
from tests.live_site import LiveSite

LOST = (OSError, websockets.WebSocketException, TimeoutError)

# Faster than real phones, which wait up to half a minute: the faults here last seconds.
LONGEST_WAIT = 0.5


class Phone:
    """One participant. Keeps every text until it is acknowledged, whatever happens to the connection."""

    def __init__(self, who: Participant, sites: Iterable[LiveSite], bodies: Iterable[str]) -> None:
        self.code = who.session.code
        self.cookie = f"{cookie_name()}={who.device_token}"
        self.sites = list(sites)
        self.unsent = {str(uuid.uuid4()): body for body in bodies}
        self.bodies = dict(self.unsent)
        self.acknowledged: dict[str, int] = {}
        self.refusals: list[dict[str, Any]] = []

    async def say_everything(self) -> None:
        while self.unsent:
            try:
                await self._talk(random.choice(self.sites))
            except LOST:
                await asyncio.sleep(random.uniform(0, LONGEST_WAIT))

    async def _talk(self, site: LiveSite) -> None:
        async with websockets.connect(
            f"{site.websocket_address}/ws/live/{self.code}/",
            origin=site.address,
            additional_headers={"Cookie": self.cookie},
            open_timeout=10,
        ) as socket:
            while self.unsent:
                client_id, body = next(iter(self.unsent.items()))
                command = {"type": "contribution.add", "id": client_id, "client_id": client_id, "body": body}
                await socket.send(json.dumps(command))
                answer = await self._answer(socket, client_id)
                if answer["type"] == "ack":
                    self.acknowledged[client_id] = answer["contribution"]
                    del self.unsent[client_id]
                else:
                    self.refusals.append(answer)
                    assert answer["retry"], answer
                    await asyncio.sleep(answer.get("retry_after", 0.1))

    @staticmethod
    async def _answer(socket: websockets.ClientConnection, client_id: str) -> dict[str, Any]:
        async with asyncio.timeout(15):
            while True:
                message = json.loads(await socket.recv())
                if message.get("re") == client_id:
                    return message


class Wall:
    """A reader who comes back by cursor and must end with every event, once and in order."""

    def __init__(self, session: LiveSession, site: LiveSite) -> None:
        self.code, self.site = session.code, site
        self.cursor = 0
        self.events: list[dict[str, Any]] = []
        self.closings: list[int | None] = []

    async def read(self) -> None:
        while True:
            try:
                async with websockets.connect(
                    f"{self.site.websocket_address}/ws/live/{self.code}/?as=wall", origin=self.site.address
                ) as socket:
                    await socket.send(json.dumps({"type": "hello", "after": self.cursor}))
                    async for message in socket:
                        self._take(json.loads(message))
                    self.closings.append(socket.close_code)
            except LOST as error:
                if isinstance(error, websockets.ConnectionClosed):
                    self.closings.append(error.rcvd.code if error.rcvd else None)
            await asyncio.sleep(0.1)

    async def read_to(self, seq: int, *, seconds: float = 15) -> None:
        async with asyncio.timeout(seconds):
            while self.cursor < seq:
                await asyncio.sleep(0.02)

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] != "frame" or message["from"] > self.cursor:
            return
        self.events += [event for event in message["events"] if event["seq"] > self.cursor]
        self.cursor = max(self.cursor, message["to"])


@sync_to_async
def last_seq(session: LiveSession) -> int:
    return Event.objects.filter(stream=session.stream).order_by("seq").last().seq


@sync_to_async
def assert_nothing_is_lost(session: LiveSession, phones: Iterable[Phone], wall: Wall) -> None:
    """Acknowledged is stored, once and as it was said; numbers have no gap; the wall has read what is stored."""
    stored = {str(row.client_id): row for row in Contribution.objects.filter(session=session)}
    for phone in phones:
        assert phone.unsent == {}
        for client_id, contribution_id in phone.acknowledged.items():
            assert stored[client_id].pk == contribution_id
            assert stored[client_id].body == phone.bodies[client_id]
    said = sum(len(phone.bodies) for phone in phones)
    assert Contribution.objects.filter(session=session).count() == said

    log = list(Event.objects.filter(stream=session.stream).order_by("seq"))
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    added = [event.seq for event in log if event.kind == "contribution.added"]
    assert len(added) == said
    assert [event["seq"] for event in wall.events if event["kind"] == "contribution.added"] == added
