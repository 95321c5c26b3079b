"""The direct line to sockets, against the installed uvicorn."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
import websockets
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from realtime.lines import EXTENSION, Line, Message, frame_of
from summit import sockets
from summit.server import UVICORN_OPTIONS
from tests.services import free_port


class Room:
    """An application that keeps its connections' lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.came = asyncio.Event()
        self.left = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        self.lines.append(scope["extensions"][EXTENSION])
        self.came.set()
        while (message := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": f"You said {message['text']}"})
        self.left.set()


@contextlib.asynccontextmanager
async def served(room: Room) -> AsyncIterator[str]:
    options = {name: value for name, value in UVICORN_OPTIONS.items() if name.startswith("ws")}
    config = uvicorn.Config(room, lifespan="off", log_config=None, **options)
    config.load()
    state = ServerState()
    port = free_port()
    server = await asyncio.get_running_loop().create_server(
        lambda: HttpToolsProtocol(config, state, {}), "127.0.0.1", port
    )
    try:
        yield f"ws://127.0.0.1:{port}/"
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_frame_is_the_one_that_websockets_makes(size):
    text = "é" + "x" * (size - 2) if size > 1 else "x" * size

    assert frame_of(text) == Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


async def test_line_and_plain_messages_travel_in_order():
    room = Room()
    async with served(room) as address, websockets.connect(address, compression=None) as phone:
        await room.came.wait()
        assert room.lines[0].write(Message("first").frame)
        await phone.send("hello")
        assert await phone.recv() == "first"
        assert await phone.recv() == "You said hello"
        assert room.lines[0].write(Message("last").frame)

        assert await phone.recv() == "last"


async def test_line_takes_nothing_more_than_its_bounds_from_a_reader_who_does_not_read():
    room = Room()
    frame = Message("x" * 60_000).frame
    async with served(room) as address:
        reading, writing = await _silent_phone(address)
        await room.came.wait()
        line = room.lines[0]
        taken = 0
        while line.write(frame):
            taken += 1
            await asyncio.sleep(0)
            assert taken < 1000

        held = line.transport.get_write_buffer_size()  # type: ignore[attr-defined]
        assert 0 < held <= sockets.WRITE_BUFFER + len(frame)
        line.abort()
        with pytest.raises(ConnectionError):
            await _read_to_the_end(reading)
        await asyncio.wait_for(room.left.wait(), 10)
        assert not line.write(frame)
        writing.close()


async def test_peer_that_does_not_answer_pings_is_dropped_with_what_it_has_not_taken(monkeypatch):
    monkeypatch.setitem(UVICORN_OPTIONS, "ws_ping_interval", 0.2)
    monkeypatch.setitem(UVICORN_OPTIONS, "ws_ping_timeout", 0.2)
    room = Room()
    frame = Message("x" * 60_000).frame
    async with served(room) as address:
        _, writing = await _silent_phone(address)
        await room.came.wait()
        while room.lines[0].write(frame):
            await asyncio.sleep(0)

        await asyncio.wait_for(room.left.wait(), 10)
        writing.close()


async def test_line_of_somebody_who_left_takes_nothing():
    room = Room()
    async with served(room) as address:
        async with websockets.connect(address, compression=None):
            await room.came.wait()
        await asyncio.wait_for(room.left.wait(), 10)

        assert not room.lines[0].write(Message("too late").frame)


async def _silent_phone(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that shakes hands and then reads only when asked."""
    host, port = address.removeprefix("ws://").rstrip("/").split(":")
    reading, writing = await asyncio.open_connection(host, int(port), limit=1024)
    writing.write(
        f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reading.readuntil(b"\r\n\r\n")
    return reading, writing


async def _read_to_the_end(reading: asyncio.StreamReader) -> None:
    async with asyncio.timeout(10):
        while await reading.read(1 << 16):
            pass
