"""How many requests Django answers at once in one process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

from summit.inside import PATHS as INSIDE

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[Any]]


class InTurn:
    """Let so many requests be answered at once, and the others wait for their turn, first come, first served.

    Each request has a thread and, in it, a database connection of its own. A crowd that asks within one second would
    ask PostgreSQL for more connections than it has, and be answered with errors; and more threads than a few make
    nobody's answer quicker. A turn begins when the whole request is here and ends as the answer begins, so that no slow
    reader takes one. Monitors need none: a crowded process is alive.
    """

    def __init__(self, application: Application, at_once: int) -> None:
        self.application, self.at_once = application, at_once
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"].startswith(INSIDE):
            await self.application(scope, receive, send)
            return
        turns = self._turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.at_once))
        has_turn = has_had_turn = False

        async def receive_in_turn() -> Any:
            nonlocal has_turn, has_had_turn
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body") and not has_had_turn:
                await turns.acquire()
                has_turn = has_had_turn = True
            return message

        def end_turn() -> None:
            nonlocal has_turn
            if has_turn:
                has_turn = False
                turns.release()

        async def send_after_turn(message: Any) -> None:
            end_turn()
            await send(message)

        try:
            await self.application(scope, receive_in_turn, send_after_turn)
        finally:
            end_turn()
