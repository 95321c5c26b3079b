"""How the server parts from those who wait for an answer: when it stops, and when they go."""

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


class LetGo:
    """Part quietly from a reader who left before the answer, as phones do all the time.

    Django cancels its view then, and, if a thread was at work for it, fails to tell its own signals so: a traceback for
    the log about nothing that anybody could mend.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        has_left = False

        async def receive_and_note() -> Any:
            nonlocal has_left
            message = await receive()
            has_left = has_left or message["type"] == "http.disconnect"
            return message

        try:
            await self.application(scope, receive_and_note, send)
        except RuntimeError as error:
            if not (has_left and "CurrentThreadExecutor" in str(error)):
                raise
