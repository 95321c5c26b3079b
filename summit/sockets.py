"""Uvicorn's WebSocket connection with what a room of thousands needs: a direct line, bounded buffers, less memory.

The only place that reaches below ASGI (docs/decisions/0010). It relies on attributes of one class of uvicorn;
`tests/summit/test_sockets.py` holds it against the installed version, and without it everything works the plain way.
"""

import asyncio
import contextlib
import socket
import struct
from collections import deque
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from realtime.lines import EXTENSION

# What the kernel may hold for one reader. Left alone, it lets a frozen phone on a fast network pile up megabytes.
SEND_BUFFER = 128 * 1024
# What this process may hold beyond that: more than one frame, so that a reader who takes them is never behind.
WRITE_BUFFER = 96 * 1024
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class SocketProtocol(WebSocketsSansIOProtocol):
    """One connection. Named in the scope as `realtime.lines.EXTENSION`, where it is a `realtime.lines.Line`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = _Mailbox()  # type: ignore[assignment]
        self.writable = _Gate()  # type: ignore[assignment]

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=WRITE_BUFFER)
        connected = transport.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            # The application starts with the next turn of the loop, and finds its line.
            self.scope["extensions"][EXTENSION] = self  # type: ignore[index]

    async def send(self, message: Any) -> None:
        await super().send(message)
        if self.handshake_complete and self.request is not None:
            # Kept by uvicorn as long as the connection, though nobody reads them again: kilobytes of headers.
            self.request = self.response = None  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if hasattr(self, "scope"):
            self.scope["extensions"].pop(EXTENSION, None)  # type: ignore[union-attr]

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        if self.close_sent and self.transport.get_write_buffer_size():
            # Closing would wait for the peer to take what is held; it is the peer that is gone.
            self.abort()

    def write(self, frame: bytes) -> bool:
        if (
            self.disconnected
            or self.close_sent
            or not self.handshake_complete
            or not self.writable.is_open
            or self.transport.is_closing()
        ):
            return False
        self.transport.write(frame)
        return True

    def abort(self) -> None:
        """Drop the connection with a reset. Closing in order leaves it open as long as the peer takes nothing."""
        connected = self.transport.get_extra_info("socket")
        if connected is not None:
            # One that the peer has closed meanwhile has no descriptor any more: uvloop says so with a ValueError.
            with contextlib.suppress(OSError, ValueError):
                connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.transport.abort()


class _Mailbox:
    """What of `asyncio.Queue` uvicorn uses, for one waiter: three deques and an event less for each connection."""

    __slots__ = ("_items", "_waiter")

    def __init__(self) -> None:
        self._items: deque[Any] | None = None
        self._waiter: asyncio.Future[None] | None = None

    def put_nowait(self, item: Any) -> None:
        if self._items is None:
            self._items = deque()
        self._items.append(item)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def empty(self) -> bool:
        return not self._items

    async def get(self) -> Any:
        while not self._items:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        item = self._items.popleft()
        if not self._items:
            self._items = None
        return item


class _Gate:
    """What of `asyncio.Event` uvicorn uses."""

    __slots__ = ("_waiters", "is_open")

    def __init__(self) -> None:
        self.is_open = True
        self._waiters: list[asyncio.Future[None]] | None = None

    def set(self) -> None:
        self.is_open = True
        waiters, self._waiters = self._waiters or [], None
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def clear(self) -> None:
        self.is_open = False

    async def wait(self) -> bool:
        while not self.is_open:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters = [*(self._waiters or []), waiter]
            await waiter
        return True
