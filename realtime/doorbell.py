"""Telling hubs that a stream has grown.

A ring is a hint to look in the database, never news itself: it may come late, twice or not at all. Hubs of this
process are told directly, those of other processes through the channel layer.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer

from realtime import groups

logger = logging.getLogger(__name__)

# A layer that does not answer must not hold up whoever has just committed.
SEND_TIMEOUT = 2.0

PROCESS = uuid.uuid4().hex

Listener = Callable[[UUID, dict[str, Any]], None]

_listeners: set[Listener] = set()
_loop: asyncio.AbstractEventLoop | None = None
_sending: set[asyncio.Task[None]] = set()


def ring(stream_id: UUID, seq: int) -> None:
    """Say that a stream has events up to `seq`."""
    _spread(stream_id, {"seq": seq})


def ring_tallies(stream_id: UUID) -> None:
    """Say that counts beside a stream have changed."""
    _spread(stream_id, {"tallies": True})


def listen(listener: Listener) -> None:
    """Be told of hints in this process. Called in whichever thread rings; the listener sees to its own safety."""
    _listeners.add(listener)


def unlisten(listener: Listener) -> None:
    _listeners.discard(listener)


def use_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    """The loop from which threads of this process reach the channel layer, so that its connections are shared."""
    global _loop
    _loop = loop


def reaches_other_processes() -> bool:
    layer = get_channel_layer()
    return layer is not None and not isinstance(layer, InMemoryChannelLayer)


def send_to_others(stream_id: UUID, hint: dict[str, Any]) -> None:
    """Pass a hint to hubs in other processes, without waiting where a loop runs."""
    if not reaches_other_processes():
        return
    loop = _loop
    if loop is not None and loop.is_running():
        loop.call_soon_threadsafe(_start_sending, stream_id, hint)
    else:
        async_to_sync(_send)(stream_id, hint)


def _spread(stream_id: UUID, hint: dict[str, Any]) -> None:
    for listener in tuple(_listeners):
        listener(stream_id, hint)
    send_to_others(stream_id, hint)


def _start_sending(stream_id: UUID, hint: dict[str, Any]) -> None:
    task = asyncio.ensure_future(_send(stream_id, hint))
    _sending.add(task)
    task.add_done_callback(_sending.discard)


async def _send(stream_id: UUID, hint: dict[str, Any]) -> None:
    message = {"type": "stream.hint", "stream": stream_id.hex, "process": PROCESS, **hint}
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            await get_channel_layer().group_send(groups.stream_group(stream_id), message)
    except Exception as error:  # noqa: BLE001 whatever a layer raises, the hint is lost and the slow poll repairs it
        logger.warning("A hint for stream %s was lost: %r", stream_id, error)
