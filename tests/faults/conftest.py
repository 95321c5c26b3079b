"""Two servers of one room, and what lies between them and the world."""

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests import database
from tests.faults.room import Broken
from tests.live_site import LiveSite
from tests.services import RedisServer


def layer_of(server: RedisServer) -> dict[str, Any]:
    """The channel layer of an installation with several processes."""
    config = {"hosts": [{"address": server.url, "socket_timeout": None, "max_connections": 100}]}
    return {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": config}}


@pytest.fixture
def two_sites(live_site: LiveSite, redis_server: RedisServer) -> Iterator[tuple[LiveSite, LiveSite]]:
    """Two servers of one site, not started yet, that ring each other through a real Redis."""
    redis_server.flush()
    live_site.settings["CHANNEL_LAYERS"] = layer_of(redis_server)
    live_site.expect_errors = True  # servers complain of what is done to them
    with live_site.twin() as other:
        yield live_site, other


@contextlib.contextmanager
def guarantee(patch: str | None, broken: str, *sites: LiveSite) -> Iterator[None]:
    """Hold the guarantee within; with a patch in the servers, show that it is noticed: it must break in these words."""
    for site in sites:
        site.patches = [*site.patches, *([patch] if patch else [])]
    if patch is None:
        yield
        return
    with pytest.raises(Broken, match=broken):
        yield


async def start(*sites: LiveSite) -> None:
    for site in sites:
        await asyncio.to_thread(site.start)


class Wire:
    """A TCP proxy that can swallow everything: both ends stay open, and neither hears of the other again."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self.is_cut = False
        # Set when the server has ended the connection.
        self.dropped = asyncio.Event()

    async def __aenter__(self) -> "Wire":
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exception: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.close()
        self._server.close()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [writer, far_writer]
        for way in (self._carry(reader, far_writer), self._carry(far_reader, writer, self.dropped)):
            self._tasks.add(asyncio.create_task(way))

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ended: asyncio.Event | None = None
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                if not self.is_cut:
                    writer.write(data)
        if ended:
            ended.set()


@pytest.fixture
def small_disk(live_site: LiveSite) -> Iterator[Path]:
    """A file system of sixteen megabytes, to which the site's database has been moved."""
    if not database.is_sqlite():
        pytest.skip("the disk of SQLite")
    folder = Path(live_site.database.name).parent
    connections.close_all()
    kept = Path(shutil.copy(live_site.database.name, folder.parent / "kept.sqlite3"))
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"needs the right to mount a file system: {made.stderr.strip()}")
    shutil.copy(kept, live_site.database.name)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
