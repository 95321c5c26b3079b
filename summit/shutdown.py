"""How a stopping server leaves those who are still waiting for an answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[Any]]


class AnswerWhenCancelled:
    """Answer 503 to a request that the server gives up on as it stops: a long poll, mostly.

    Uvicorn cancels what has not ended when its patience does. Left alone that is a traceback for the log and a 500 for
    the reader; this is an invitation to ask again, by when another process has taken over.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        is_answered = False

        async def send_and_note(message: Any) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self.application(scope, receive, send_and_note)
        except asyncio.CancelledError:
            if is_answered:
                raise
            headers = [(b"retry-after", b"1"), (b"cache-control", b"no-store"), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body"})
