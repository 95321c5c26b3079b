"""Uvicorn, which here says every few seconds that its loop turns."""

import math
import time

import uvicorn

from summit.watchdog import ALIVE_EVERY, say_alive


class Server(uvicorn.Server):
    """Whoever listens ends it when its loop stands still: then nobody is answered, and the proxy cannot tell."""

    _told_at = -math.inf

    async def on_tick(self, counter: int) -> bool:
        # First when it listens. Not by uvicorn's own notice, which a clock that is set back silences.
        if time.monotonic() - self._told_at >= ALIVE_EVERY:
            self._told_at = time.monotonic()
            say_alive()
        return await super().on_tick(counter)
