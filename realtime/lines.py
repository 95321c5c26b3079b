"""A shorter way to a socket than asking the server politely for each message, where the server offers one.

ASGI sends a message by a coroutine that builds a frame for one socket. A room gets the same bytes, so its frame is
built once and handed to each connection. A server that offers this names it in the scope (`EXTENSION`); with any other
server messages go the plain way.
"""

from typing import Protocol

EXTENSION = "summit.line"

_TEXT = 0x81


class Line(Protocol):
    """A connection below its ASGI application, on the same loop."""

    def write(self, frame: bytes) -> bool:
        """Send a whole frame now. False, and nothing sent, if the peer has not taken what it was sent or has gone."""

    def abort(self) -> None:
        """End the connection at once, with whatever it still holds."""


class Message:
    """Text for many readers, and the frame of it once somebody needs that."""

    __slots__ = ("_frame", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        if self._frame is None:
            self._frame = frame_of(self.text)
        return self._frame


def frame_of(text: str) -> bytes:
    """A WebSocket frame from a server: final, not masked, not compressed (RFC 6455, section 5.2)."""
    body = text.encode()
    size = len(body)
    if size < 126:
        return bytes((_TEXT, size)) + body
    if size < 1 << 16:
        return bytes((_TEXT, 126)) + size.to_bytes(2) + body
    return bytes((_TEXT, 127)) + size.to_bytes(8) + body
