"""People at their sockets, in the loop of the test."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from asgiref.sync import SyncToAsync, sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connections
from django.http import HttpRequest
from django.test import Client

from live.devices import cookie_name
from live.models import LiveSession, Participant
from live.selectors import Viewer, snapshot
from people.models import User
from realtime import hub, threads
from summit.asgi import application

PATIENCE = 20


@pytest.fixture(autouse=True)
def _quick_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests wait for what happens, not for intervals meant for a full room."""
    monkeypatch.setattr(hub, "FRAME_INTERVAL", 0.005)
    monkeypatch.setattr(hub, "TALLY_INTERVAL", 0.02)
    monkeypatch.setattr(hub, "STILL_HERE", 0)


@pytest.fixture(scope="session", autouse=True)
def _end_threads(django_db_setup: None) -> Iterator[None]:
    """PostgreSQL lets nobody drop a database that some thread still has open."""
    yield
    threads.close_all()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


class Socket:
    """Somebody connected. Keeps every message that came, in order."""

    def __init__(self, session: LiveSession, role: str, cookies: dict[str, str]) -> None:
        query = "" if role == "participant" else f"?as={role}"
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers = [(b"host", b"testserver"), (b"origin", b"http://testserver"), (b"cookie", cookie.encode())]
        self.channel = WebsocketCommunicator(application, f"/ws/live/{session.code}/{query}", headers=headers)
        self.received: list[dict[str, Any]] = []
        self.reading = asyncio.Lock()
        self.cursor = 0

    async def open(self) -> "Socket":
        is_open, _ = await self.channel.connect(PATIENCE)
        assert is_open
        return self

    async def send(self, message: Any) -> None:
        await self.channel.send_to(message if isinstance(message, str) else json.dumps(message))

    async def next(self) -> dict[str, Any]:
        output = await self.channel.receive_output(PATIENCE)
        if output["type"] == "websocket.close":
            message = {"type": "close", "code": output["code"]}
        else:
            message = json.loads(output["text"])
        if message["type"] == "frame":
            assert message["from"] == self.cursor or not message["events"], "a frame does not follow the one before"
            assert [event["seq"] for event in message["events"]] == sorted(event["seq"] for event in message["events"])
            self.cursor = max(self.cursor, message["to"])
        self.received.append(message)
        return message

    async def next_of(self, kind: str, **matching: Any) -> dict[str, Any]:
        """The next message of a type, whatever comes before it."""
        while True:
            message = await self.next()
            if message["type"] == kind and all(message.get(name) == value for name, value in matching.items()):
                return message

    async def hello(self, after: int = 0) -> dict[str, Any]:
        self.cursor = after
        await self.send({"type": "hello", "after": after})
        while True:
            message = await self.next()
            if message["type"] in ("frame", "resync"):
                return message

    async def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        """Send a command and wait for its answer. Several may be under way: each may read the answer of another."""
        ticket = uuid.uuid4().hex
        looked = len(self.received)
        await self.send({"type": command, "id": ticket, **fields})
        while True:
            async with self.reading:
                for message in self.received[looked:]:
                    if message.get("re") == ticket:
                        return message
                looked = len(self.received)
                await self.next()

    async def say(self, body: str, **fields: Any) -> dict[str, Any]:
        return await self.ask("contribution.add", **{"client_id": str(uuid.uuid4()), "body": body, **fields})

    async def read_to(self, seq: int) -> list[dict[str, Any]]:
        """Read until the cursor has come to a number; all events so far."""
        while self.cursor < seq:
            await self.next()
        return self.events

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for message in self.received if message["type"] == "frame" for event in message["events"]]

    async def close(self) -> None:
        await self.channel.disconnect(timeout=PATIENCE)


@pytest.fixture
async def connect(transactional_db: None) -> AsyncIterator[Any]:
    """Connect somebody: `connect(participant)`, `connect(session, "wall")`, `connect(session, facilitator)`."""
    sockets: list[Socket] = []

    async def connect_one(
        who: Participant | LiveSession,
        as_whom: str | User = "participant",
        *,
        hello: bool = True,
        shown: Authenticator | None = None,
    ):
        if isinstance(who, Participant):
            session = await LiveSession.objects.aget(pk=who.session_id)
            socket = Socket(session, "participant", {cookie_name(): who.device_token})
        elif isinstance(as_whom, User):
            socket = Socket(who, "console", await sync_to_async(session_cookie)(as_whom, shown))
        else:
            socket = Socket(who, as_whom, {})
        sockets.append(await socket.open())
        if hello:
            await socket.hello()
        return socket

    yield connect_one
    await asyncio.gather(*(socket.close() for socket in sockets), return_exceptions=True)
    await hub.house().stop()
    threads.close_all()


def session_cookie(user: User, shown: Authenticator | None = None) -> dict[str, str]:
    """Somebody signed in; `shown` is the second factor that their session has shown."""
    client = Client()
    client.force_login(user)
    if shown is not None:
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, user, "mfa", id=shown.pk, type=shown.type)
        request.session.save()
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def look(session: LiveSession, role: str = "wall", participant: Participant | None = None, user: User | None = None):
    """A snapshot for somebody."""
    return snapshot(Viewer(session, role, participant, user))
