"""Changes to a server under test, applied in its own process before it serves (`LiveSite.patches`).

Most take away what protects the guarantee of the live path: negative controls. A test that still passes with one of
them is itself broken. The rest make a fault come sooner.
"""

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from live import consumers
from live.actions import Accepted, Draft, contributing, facilitating, locking
from live.models import Contribution, LiveSession
from live.querysets import ContributionQuerySet
from live.writer import Writer
from realtime import hub
from realtime.hub import Hub
from realtime.log import LockedStream
from summit.asgi import application
from summit.sockets import SocketProtocol

NEVER = 1e9
_kept: set[Any] = set()


# A slow line


def late_scripts() -> None:
    """Send each script long after its page, as a weak signal does."""
    served = application.application_mapping["http"]

    async def late(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].endswith(".js"):
            await asyncio.sleep(0.4)
        await served(scope, receive, send)

    application.application_mapping["http"] = late


# Taking protection away


def acknowledge_before_commit() -> None:
    """Answer as soon as words have come, and write them a little later."""
    write = Writer._contribute_many

    async def hasty(self: Writer, session: LiveSession, drafts: list[Draft]) -> list[Any]:
        async def later() -> None:
            await asyncio.sleep(0.4)
            await write(self, session, drafts)

        task = asyncio.get_running_loop().create_task(later())
        _kept.add(task)
        task.add_done_callback(_kept.discard)
        return [
            Accepted(Contribution(pk=0, client_id=draft.client_id, seq=0, state=Contribution.State.SHOWN))
            for draft in drafts
        ]

    Writer._contribute_many = hasty  # type: ignore[method-assign]


def never_try_a_connection() -> None:
    """Ask by a connection that was kept without having tried whether it still leads anywhere."""
    BaseDatabaseWrapper.close_if_health_check_failed = lambda self: None  # type: ignore[method-assign]


def leave_without_a_word() -> None:
    """Stop without telling sockets to come back."""

    def shutdown(self: SocketProtocol) -> None:
        self.transport.close()

    SocketProtocol.shutdown = shutdown  # type: ignore[method-assign]


def never_look_by_itself() -> None:
    """No repair poll: what no hint tells is not found."""
    hub.POLL_INTERVAL = NEVER


def lose_every_hint() -> None:
    Hub.hear = lambda self, hint: None  # type: ignore[method-assign]


def await_each_reader() -> None:
    """Send to one reader after another, and wait for each."""

    async def send_frames(self: Hub) -> None:
        for reader in tuple(self.readers):
            if self._is_due(reader) and reader.cursor is not None:
                message, reader.cursor, _ = self._frame(reader.cursor, reader.audiences, '"now"')
                reader.awaits_answer = False
                await reader.send(message.text)

    Hub._send_frames = send_frames  # type: ignore[method-assign]


def keep_slow_readers() -> None:
    hub.SLOW_SECONDS = NEVER


def forget_client_ids() -> None:
    """Do not look whether a client id has been stored. (The test drops the unique key, too.)"""
    begin = contributing._Batch.__init__

    def forgetful(self: Any, *arguments: Any) -> None:
        begin(self, *arguments)
        self.known = _Forgetful()

    contributing._Batch.__init__ = forgetful  # type: ignore[method-assign]


class _Forgetful(dict[uuid.UUID, Contribution]):
    def get(self, *arguments: Any) -> None:  # type: ignore[override]
        return None


def ignore_versions() -> None:
    """Let every command on a session through, whatever its sender saw."""

    @contextmanager
    def loose(session: LiveSession, *arguments: Any) -> Iterator[tuple[LiveSession, LockedStream]]:
        with locking.locked_session(session) as (fresh, stream):
            fresh.version += 1
            yield fresh, stream

    facilitating.locked_version = loose


def order_by_the_phones_clocks() -> None:
    order_by = ContributionQuerySet.order_by

    def by_clock(self: Any, *names: str) -> Any:
        return order_by(self, *(name.replace("seq", "said_at") if name in ("seq", "-seq") else name for name in names))

    ContributionQuerySet.order_by = by_clock  # type: ignore[method-assign]


def look_people_up_slowly() -> None:
    """A server that cannot take a room back quickly."""
    find = consumers.viewer_of

    def slowly(*arguments: Any) -> Any:
        time.sleep(0.4)
        return find(*arguments)

    consumers.viewer_of = slowly


# Making it come sooner


def lose_patience_soon() -> None:
    hub.SLOW_SECONDS = 1.5
    consumers.CLOSE_SECONDS = 0.5


def give_up_on_locks_soon() -> None:
    """Answer that the database is busy after a second, not after twenty."""
    connections.settings["default"]["OPTIONS"]["timeout"] = 1


def look_often() -> None:
    """Find at once what the test itself has written, which rings nobody."""
    hub.POLL_INTERVAL = 0.05
