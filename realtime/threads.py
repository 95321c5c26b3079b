"""Threads of this process that read and write for its event loop, each with a database connection it keeps.

Django closes a request's connection after the request; a hub asks many times a second and keeps its own open. A
connection that broke is closed at once, so that the next call opens a new one.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Barrier
from typing import Any

from django.db import InterfaceError, OperationalError, connections


class Threads:
    def __init__(self, name: str, size: int) -> None:
        self._name, self._size = name, size
        self._pool: ThreadPoolExecutor | None = None

    async def run[T](self, function: Callable[..., T], *arguments: Any) -> T:
        """Call the function in a thread of this pool."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._size, thread_name_prefix=self._name)
        return await asyncio.get_running_loop().run_in_executor(self._pool, _guarded, function, *arguments)

    def close(self) -> None:
        """Close the connections and end the threads. The next call starts new ones."""
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        # Each thread must close its own connection, so as many tasks as threads meet at a barrier.
        barrier = Barrier(self._size)
        closing: list[Future[None]] = [pool.submit(_close_connections, barrier) for _ in range(self._size)]
        wait(closing)
        pool.shutdown()


def _guarded[T](function: Callable[..., T], *arguments: Any) -> T:
    try:
        return function(*arguments)
    except (InterfaceError, OperationalError):
        connections.close_all()
        raise


def _close_connections(barrier: Barrier) -> None:
    connections.close_all()
    barrier.wait(timeout=10)


reading = Threads("realtime-read", 2)
writing = Threads("realtime-write", 1)


def close_all() -> None:
    reading.close()
    writing.close()
