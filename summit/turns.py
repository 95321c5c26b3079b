"""How many requests Django answers at once in one process, and in which threads."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import ThreadSensitiveContext
from django.db import connections

from summit.inside import PATHS as INSIDE

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[Any]]

# Seconds. A connection is made anew now and then: what PostgreSQL remembers for it only grows.
CONNECTIONS_LIVE = 600
# Seconds. Whoever has waited so long for a turn is asked to come again; nobody waits for ever.
PATIENCE = 20.0
TOO_MANY = "Too many people are asking for pages at this moment. Please try again in a few seconds.\n"


class InTurn:
    """Let so many requests be answered at once, and the others wait for their turn, first come, first served.

    A turn is a thread with a database connection, and both are kept for the next request; Django by itself makes both
    anew for each. So a crowd that asks within one second asks PostgreSQL for no more connections than there are turns.
    A turn begins when the whole request is here and ends as the body of the answer begins, so that no slow reader takes
    one; if the reader leaves, it ends when the thread has. Monitors need none: a crowded process is alive.
    """

    def __init__(self, application: Application, at_once: int, patience: float = PATIENCE) -> None:
        self.application, self.at_once, self.patience = application, at_once, patience
        self._threads: WeakKeyDictionary[asyncio.AbstractEventLoop, Threads] = WeakKeyDictionary()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"].startswith(INSIDE):
            await self.application(scope, receive, send)
            return
        turn = Turn(self._threads_of(asyncio.get_running_loop()))

        async def receive_in_turn() -> Any:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                async with asyncio.timeout(self.patience):
                    await turn.begin()
            return message

        async def send_after_turn(message: Any) -> None:
            if message["type"] == "http.response.body":
                turn.end()
            await send(message)

        try:
            async with ThreadSensitiveContext(executor=turn):
                await self.application(scope, receive_in_turn, send_after_turn)
        except TimeoutError:
            if turn.has_begun:
                raise
            await _ask_to_come_again(send)
        finally:
            turn.end()

    def _threads_of(self, loop: asyncio.AbstractEventLoop) -> "Threads":
        if loop not in self._threads:
            self._threads[loop] = Threads(self.at_once)
        return self._threads[loop]


class Threads:
    """Those of one loop. The one that was used last is lent first: a quiet site keeps few connections."""

    def __init__(self, count: int) -> None:
        self._free = [ThreadPoolExecutor(1, "turn", initializer=_keep_connections) for _ in range(count)]
        self._turns = asyncio.Semaphore(count)

    async def take(self) -> ThreadPoolExecutor:
        await self._turns.acquire()
        return self._free.pop()

    def give_back(self, thread: ThreadPoolExecutor) -> None:
        self._free.append(thread)
        self._turns.release()


class Turn(Executor):
    """The thread of one request, from when it has one."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._thread: ThreadPoolExecutor | None = None
        # What it was given last: one thread does things in order.
        self._last: Future[Any] | None = None
        self._has_ended = False

    @property
    def has_begun(self) -> bool:
        return self._thread is not None

    async def begin(self) -> None:
        if self._thread is None:
            self._thread = await self._threads.take()

    def end(self) -> None:
        """Let somebody else have the thread as soon as it is done with what it was given so far."""
        if self._thread is None or self._has_ended:
            return
        self._has_ended = True
        thread, loop = self._thread, asyncio.get_running_loop()
        if self._last is None or self._last.done():
            self._threads.give_back(thread)
            return

        def give_back(last: Future[Any]) -> None:
            # The loop may have been closed meanwhile, and everything with it.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._threads.give_back, thread)

        self._last.add_done_callback(give_back)

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if self._thread is None:
            raise RuntimeError("A request asked for a thread before it was here as a whole.")
        given = self._thread.submit(fn, *args, **kwargs)
        self._last = given
        return given


def _keep_connections() -> None:
    """Have this thread's connections outlive a request, and tried before each: PostgreSQL may have been restarted.

    Elsewhere threads end with what they do, and a connection that is kept would be one that is lost.
    """
    for connection in connections.all():
        connection.settings_dict = {
            **connection.settings_dict,
            "CONN_MAX_AGE": CONNECTIONS_LIVE,
            "CONN_HEALTH_CHECKS": True,
        }


async def _ask_to_come_again(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"5"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": TOO_MANY.encode()})
