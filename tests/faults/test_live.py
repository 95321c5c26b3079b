"""The guarantee of the live path, held against real faults of real processes.

Acknowledged is stored; each text is stored once; numbers have no gap; every reader ends with the database's log.
"""

import asyncio
import contextlib
import signal
import sqlite3
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async

from live.models import LiveSession
from tests import database
from tests.factories.live import live_session, participant
from tests.faults.room import Phone, Wall, assert_nothing_is_lost, last_seq
from tests.live_site import LiveSite
from tests.services import RedisServer

PHONES = 8
EACH = 12


@sync_to_async
def make_room(*sites: LiveSite) -> tuple[LiveSession, list[Phone]]:
    session = live_session()
    phones = [
        Phone(participant(session), sites, [f"Thought {number} of person {person}" for number in range(EACH)])
        for person in range(PHONES)
    ]
    return session, phones


@contextlib.asynccontextmanager
async def talking(phones: list[Phone], wall: Wall) -> AsyncIterator[asyncio.Future[list[None]]]:
    """The room while it talks; what it yields is done when everybody has been acknowledged."""
    reading = asyncio.create_task(wall.read())
    everybody = asyncio.gather(*(phone.say_everything() for phone in phones))
    try:
        yield everybody
        async with asyncio.timeout(60):
            await everybody
    finally:
        everybody.cancel()
        reading.cancel()
        await asyncio.gather(everybody, reading, return_exceptions=True)


async def until_acknowledged(phones: list[Phone], count: int) -> None:
    async with asyncio.timeout(30):
        while sum(len(phone.acknowledged) for phone in phones) < count:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("sent", "closing"), [(signal.SIGKILL, None), (signal.SIGTERM, 1012)], ids=["killed", "restarted"]
)
async def test_server_that_goes_in_the_middle_of_a_burst_loses_nothing(live_site, sent, closing):
    session, phones = await make_room(live_site)
    live_site.start()
    wall = Wall(session, live_site)

    async with talking(phones, wall) as everybody:
        for part in (1, 2):
            await until_acknowledged(phones, part * PHONES * EACH // 4)
            assert not everybody.done()
            await asyncio.to_thread(live_site.stop, sent)
            await asyncio.to_thread(live_site.start)
        await everybody
        await wall.read_to(await last_seq(session))

    await assert_nothing_is_lost(session, phones, wall)
    assert set(wall.closings) == {closing}


async def test_two_servers_stay_one_room_while_redis_is_gone(live_site, redis_server: RedisServer):
    live_site.settings["CHANNEL_LAYERS"] = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": redis_server.url, "socket_timeout": None, "max_connections": 100}]},
        }
    }
    live_site.expect_errors = True  # the layer complains of the lost connection
    with live_site.twin() as other:
        session, phones = await make_room(live_site)
        live_site.start()
        other.start()
        wall = Wall(session, other)
        try:
            async with talking(phones, wall) as everybody:
                await until_acknowledged(phones, PHONES * EACH // 4)
                await asyncio.to_thread(redis_server.kill)
                await everybody
                # Nobody rings any more; the wall's hub looks by itself.
                await wall.read_to(await last_seq(session), seconds=10)
        finally:
            await asyncio.to_thread(redis_server.stop)
            await asyncio.to_thread(redis_server.start)

    await assert_nothing_is_lost(session, phones, wall)


async def test_locked_database_is_waited_for_or_asked_again(live_site):
    if not database.is_sqlite():
        pytest.skip("SQLite's lock; PostgreSQL is stopped instead")
    session, phones = await make_room(live_site)
    live_site.start()
    wall = Wall(session, live_site)

    async with talking(phones, wall) as everybody:
        await until_acknowledged(phones, PHONES * EACH // 4)
        with contextlib.closing(sqlite3.connect(live_site.database.name, isolation_level=None)) as lock:
            lock.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(0.2)
            before = sum(len(phone.acknowledged) for phone in phones)
            await asyncio.sleep(8)
            while_locked = sum(len(phone.acknowledged) for phone in phones)
            lock.execute("ROLLBACK")
        await everybody
        await wall.read_to(await last_seq(session))

    assert while_locked == before
    await assert_nothing_is_lost(session, phones, wall)
