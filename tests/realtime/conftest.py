"""Readers of a stream, in the loop of the test."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from asgiref.sync import SyncToAsync, sync_to_async
from django.db import connections, transaction

from realtime import hub, log, threads
from realtime.hub import Hub, Reader
from realtime.log import NewEvent
from realtime.models import Stream

PATIENCE = 30


@pytest.fixture(scope="session", autouse=True)
def _end_threads(django_db_setup: None) -> Iterator[None]:
    """PostgreSQL lets nobody drop a database that some thread still has open."""
    yield
    threads.close_all()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture(autouse=True)
def _quick_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "FRAME_INTERVAL", 0.005)
    monkeypatch.setattr(hub, "TALLY_INTERVAL", 0.02)
    monkeypatch.setattr(hub, "STILL_HERE", 0)


def write(stream: Stream, *events: NewEvent | str) -> int:
    """Commit events; a word is an event for everybody that says it. Answers with the last number."""
    with transaction.atomic():
        locked = log.lock(stream.pk)
        locked.append([NewEvent("word.said", {"word": event}) if isinstance(event, str) else event for event in events])
    return locked.seq


class Ear:
    """A reader that keeps what it is sent. `frozen` makes it stop taking anything, as a suspended phone does."""

    def __init__(self, *audiences: str, person: str | None = None, watches_health: bool = False) -> None:
        self.texts: list[str] = []
        self.closed_with: int | None = None
        self.thawed = asyncio.Event()
        self.thawed.set()
        self._changed = asyncio.Event()
        self.reader = Reader(
            send=self._take,
            close=self._close,
            audiences=frozenset({"all", *audiences}),
            person=person,
            watches_health=watches_health,
        )

    async def _take(self, text: str) -> None:
        await self.thawed.wait()
        self.texts.append(text)
        self._changed.set()

    async def _close(self, code: int) -> None:
        self.closed_with = code
        self._changed.set()

    async def until(self, condition: Any) -> None:
        """Wait for something to be true of what came."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                if not condition():
                    await self._changed.wait()

    async def read_to(self, seq: int) -> list[str]:
        await self.until(lambda: any(frame["to"] >= seq for frame in self.frames))
        return self.words

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.texts]

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == "frame"]

    @property
    def words(self) -> list[str]:
        return [event["word"] for frame in self.frames for event in frame["events"]]

    @property
    def tallies(self) -> dict[str, Any]:
        """All counts as a client holds them: each message on top of those before."""
        held: dict[str, Any] = {}
        for message in self.messages:
            if message["type"] == "tallies":
                for name, value in message.items():
                    held[name] = {**held.get(name, {}), **value} if isinstance(value, dict) else value
        return held


@pytest.fixture
async def stream(transactional_db: None) -> Stream:
    return await sync_to_async(Stream.objects.create)()


@pytest.fixture
async def listening(stream: Stream) -> AsyncIterator[Hub]:
    yield hub.house().hub(stream.pk)
    await hub.house().stop()
    threads.close_all()


@pytest.fixture
def say(stream: Stream) -> Any:
    """Commit events to the stream of the test."""

    async def say_in_thread(*events: NewEvent | str) -> int:
        return await sync_to_async(write)(stream, *events)

    return say_in_thread
