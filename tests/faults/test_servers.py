"""Servers that die, restart, and lose what they lean on, while a room is talking.

Acknowledged is stored; each text is stored once; numbers have no gap; every reader ends with the database's log. Each
test runs once as things are, and again with what protects it taken away, when it must break.
"""

import asyncio
import contextlib
import json
import random
import signal
import sqlite3
import time
from pathlib import Path

import httpx
import pytest
import websockets
from asgiref.sync import sync_to_async
from django.db import connections

from live.models import Contribution
from tests import database
from tests.factories.discussion import proposition_page
from tests.faults.conftest import guarantee, start
from tests.faults.room import (
    Phone,
    Wall,
    hold,
    hold_that_acknowledged_is_stored,
    hold_that_nothing_is_lost,
    last_seq,
    make_room,
    reading,
    said_by,
    talking,
    until,
    until_acknowledged,
)
from tests.services import PostgresServer, RedisServer

long_fault = pytest.mark.long_fault

HASTY = "acknowledge_before_commit"
LOST = "acknowledged, and not stored"


@pytest.mark.parametrize(
    ("patch", "kills", "seconds"),
    [(None, 2, 1.0), (HASTY, 2, 1.0), pytest.param(None, 4, 3.0, marks=long_fault)],
    ids=["holds", "acknowledged-too-early", "holds-every-3-s"],
)
async def test_one_of_two_servers_is_killed_again_and_again(two_sites, patch, kills, seconds):
    sites = two_sites
    each, pause = (18, 1.0) if seconds > 1 else (14, 0.35)
    session, phones = await make_room(*sites, phones=20, each=each, pause=pause)
    wall = Wall(session, sites[0])

    with guarantee(patch, LOST, *sites):
        await start(*sites)
        async with talking(phones, wall) as everybody:
            for turn in range(kills):
                before = said_by(phones)
                await asyncio.sleep(seconds)
                await until(lambda before=before: said_by(phones) > before)
                assert not everybody.done()
                victim = sites[turn % 2]
                await asyncio.to_thread(victim.stop, signal.SIGKILL)
                await asyncio.to_thread(victim.start)
            await everybody
            # What was acknowledged last may still be on its way to the database where that is allowed to be later.
            await asyncio.sleep(1 if patch else 0)
            await hold_that_acknowledged_is_stored(session, phones)
            await wall.read_to(await last_seq(session))
        await hold_that_nothing_is_lost(session, phones, wall)


@pytest.mark.parametrize("patch", [None, "leave_without_a_word"], ids=["holds", "no-goodbye"])
async def test_server_that_restarts_tells_its_sockets_to_come_back(live_site, patch):
    live_site.expect_errors = bool(patch)
    session, phones = await make_room(live_site)
    wall = Wall(session, live_site)

    with guarantee(patch, "not told to come back", live_site):
        await start(live_site)
        async with talking(phones, wall) as everybody:
            await until_acknowledged(phones, 20)
            await until(lambda: wall.is_in)
            assert not everybody.done()
            begun = time.monotonic()
            await asyncio.to_thread(live_site.stop, signal.SIGTERM)
            hold(time.monotonic() - begun < 10, "not drained in ten seconds")
            await asyncio.to_thread(live_site.start)
            await everybody
            await wall.read_to(await last_seq(session))
        await hold_that_nothing_is_lost(session, phones, wall)
        hold(set(wall.closings) == {1012}, f"not told to come back: {wall.closings}")


@pytest.mark.parametrize(
    ("patch", "seconds"),
    [
        (None, 1.0),
        pytest.param("never_look_by_itself", 1.0, marks=long_fault),
        pytest.param(None, 10.0, marks=long_fault),
    ],
    ids=["holds", "no-repair-poll", "holds-for-10-s"],
)
async def test_redis_is_gone_and_comes_back(two_sites, redis_server: RedisServer, patch, seconds):
    site, other = two_sites
    session, phones = await make_room(site, pause=seconds / 12)
    wall = Wall(session, other)

    try:
        with guarantee(patch, "the wall does not come", *two_sites):
            await start(*two_sites)
            async with talking(phones, wall) as everybody:
                await until(lambda: wall.is_in)
                await until_acknowledged(phones, 10)
                await asyncio.to_thread(redis_server.kill)
                gone_with = said_by(phones)
                await asyncio.sleep(seconds)
                # Nobody rings any more, and everything is acknowledged all the same.
                await until(lambda: everybody.done() or said_by(phones) > gone_with + 10)
                if not patch:
                    await asyncio.to_thread(redis_server.start)
                await everybody
                await wall.read_to(await last_seq(session), seconds=4 if patch else 10)
            await hold_that_nothing_is_lost(session, phones, wall)
    finally:
        await asyncio.to_thread(redis_server.stop)
        await asyncio.to_thread(redis_server.start)


@long_fault
@pytest.mark.parametrize("patch", [None, HASTY], ids=["holds", "acknowledged-too-early"])
async def test_postgres_is_shut_down_at_once_and_started_again(live_site, own_postgres: PostgresServer, patch):
    live_site.expect_errors = True
    session, phones = await make_room(live_site, pause=0.1)
    wall = Wall(session, live_site)

    with guarantee(patch, LOST, live_site):
        await start(live_site)
        async with talking(phones, wall) as everybody:
            await until_acknowledged(phones, 20)
            try:
                await asyncio.to_thread(own_postgres.stop, signal.SIGQUIT)
                assert not everybody.done()
                # Long enough for words that were acknowledged too early to be tried, and lost.
                await asyncio.sleep(2)
            finally:
                # Every other test of the run needs it.
                await asyncio.to_thread(own_postgres.start)
            await sync_to_async(connections.close_all)()
            await everybody
            await asyncio.sleep(1 if patch else 0)
            await hold_that_acknowledged_is_stored(session, phones)
            await wall.read_to(await last_seq(session))
        await hold_that_nothing_is_lost(session, phones, wall)


@long_fault
@pytest.mark.parametrize("patch", [None, "never_try_a_connection"], ids=["holds", "connections-not-tried"])
async def test_pages_are_there_as_soon_as_postgres_is(live_site, own_postgres: PostgresServer, patch):
    live_site.expect_errors = True
    address = f"{live_site.address}{await sync_to_async(lambda: proposition_page().get_url())()}"

    async def statuses() -> set[int]:
        # More than are answered at once, so that every thread has had one.
        answers = await asyncio.gather(*(reader.get(address) for _ in range(24)))
        assert all(answer.headers.get("Retry-After") for answer in answers if answer.status_code == 503)
        return {answer.status_code for answer in answers}

    with guarantee(patch, "not there again", live_site):
        await start(live_site)
        async with httpx.AsyncClient(timeout=60) as reader:
            assert await statuses() == {200}
            try:
                await asyncio.to_thread(own_postgres.stop, signal.SIGQUIT)
                hold(await statuses() == {503}, "something else than 503 without a database")
                await asyncio.to_thread(own_postgres.start)
                hold(await statuses() == {200}, "not there again")
                # At once, so that nobody has asked meanwhile.
                await asyncio.to_thread(own_postgres.stop, signal.SIGQUIT)
            finally:
                await asyncio.to_thread(own_postgres.start)
            hold(await statuses() == {200}, "not there again after a restart that nobody saw")
        await sync_to_async(connections.close_all)()


@pytest.mark.parametrize(
    ("patch", "patience", "seconds"),
    [
        (None, "give_up_on_locks_soon", 2.5),
        pytest.param(HASTY, "give_up_on_locks_soon", 2.5, marks=long_fault),
        pytest.param(None, "", 8, marks=long_fault),
    ],
    ids=["asked-again", "acknowledged-too-early", "waited-for-8-s"],
)
async def test_locked_database_is_waited_for_or_asked_again(live_site, patch, patience, seconds):
    if not database.is_sqlite():
        pytest.skip("SQLite's lock; PostgreSQL is stopped instead")
    live_site.expect_errors = True
    live_site.patches = [patience] if patience else []
    session, phones = await make_room(live_site, pause=0.05)
    wall = Wall(session, live_site)

    with guarantee(patch, "acknowledged while", live_site):
        await start(live_site)
        async with talking(phones, wall) as everybody:
            await until_acknowledged(phones, 20)
            with contextlib.closing(sqlite3.connect(live_site.database.name, isolation_level=None, timeout=30)) as lock:
                lock.execute("BEGIN IMMEDIATE")
                # Acknowledgements of what was committed just before may still be on their way.
                (stored,) = lock.execute("SELECT count(*) FROM live_contribution").fetchone()
                assert not everybody.done()
                await asyncio.sleep(seconds)
                early = said_by(phones) - stored
                lock.execute("ROLLBACK")
            hold(early <= 0, f"{early} acknowledged while nothing could be written")
            await everybody
            await wall.read_to(await last_seq(session))
        await hold_that_nothing_is_lost(session, phones, wall)
    if patience and not patch:
        refusals = [refusal for phone in phones for refusal in phone.refusals]
        assert {refusal["code"] for refusal in refusals} == {"busy"}


@pytest.mark.parametrize(
    "patch", [None, pytest.param(HASTY, marks=long_fault)], ids=["holds", "acknowledged-too-early"]
)
async def test_disk_is_full_and_emptied_again(small_disk: Path, live_site, patch):
    if not database.is_sqlite():
        pytest.skip("the disk of SQLite")
    live_site.expect_errors = True
    session, phones = await make_room(live_site, each=15, pause=0.2, length=600)
    wall = Wall(session, live_site)

    with guarantee(patch, "acknowledged while", live_site):
        await start(live_site)
        async with talking(phones, wall) as everybody:
            await until_acknowledged(phones, 10)
            with contextlib.closing(sqlite3.connect(live_site.database.name)) as keeper:
                # What is in the log of writes so far goes to the database, so that nothing is left to write over.
                keeper.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                filler = small_disk / "filler"
                with filler.open("wb", buffering=0) as filled, contextlib.suppress(OSError):
                    while filled.write(b"x" * 4096):
                        pass
            await until(lambda: any(phone.refusals for phone in phones) or bool(patch))
            await asyncio.sleep(1.5)
            # What was committed before it was full may have been acknowledged since.
            early = said_by(phones) - await sync_to_async(Contribution.objects.count)()
            assert not everybody.done()
            # What is there can be read.
            async with httpx.AsyncClient() as reader:
                answer = await reader.get(f"{live_site.address}/live/{session.code}/snapshot/?as=wall", timeout=20)
            hold(answer.status_code == 200, "nothing can be read")
            filler.unlink()
            hold(early <= 0, f"{early} acknowledged while the disk was full")
            await everybody
            await wall.read_to(await last_seq(session))
        await hold_that_nothing_is_lost(session, phones, wall)


@pytest.mark.parametrize(
    "patches",
    [[], ["lose_every_hint"], ["lose_every_hint", "never_look_by_itself"]],
    ids=["holds", "holds-without-hints", "nobody-looks"],
)
@long_fault
async def test_burst_over_the_capacity_of_the_layer_reaches_everybody(two_sites, patches):
    site, other = two_sites
    for each in two_sites:
        each.patches = patches[:1]
    session, phones = await make_room(site, phones=100, each=20)
    wall, far_wall = Wall(session, site), Wall(session, other)

    async def shout(phone: Phone) -> None:
        """Say everything without waiting for any answer."""
        async with phone.connect(site) as socket:
            for client_id, body in phone.unsent.items():
                command = {"type": "contribution.add", "id": client_id, "client_id": client_id, "body": body}
                await socket.send(json.dumps(command))
            while phone.unsent:
                answer = json.loads(await socket.recv())
                if answer.get("re") in phone.unsent:
                    assert answer["type"] == "ack", answer
                    phone.acknowledged[answer["re"]] = answer["contribution"]
                    del phone.unsent[answer["re"]]

    with guarantee(patches[1] if len(patches) > 1 else None, "the wall does not come", *two_sites):
        await start(*two_sites)
        async with reading(wall, far_wall):
            async with asyncio.timeout(120):
                await asyncio.gather(*(shout(phone) for phone in phones))
            last = await last_seq(session)
            await asyncio.gather(wall.read_to(last, seconds=10), far_wall.read_to(last, seconds=10))
        await hold_that_nothing_is_lost(session, phones, wall, far_wall)


@pytest.mark.parametrize(
    ("patch", "count", "seconds"),
    [
        pytest.param(None, 500, 60, marks=long_fault),
        pytest.param("look_people_up_slowly", 100, 10, marks=long_fault),
        (None, 60, 60),
    ],
    ids=["500-hold", "slow-server", "60-hold"],
)
async def test_everybody_comes_back_at_once(live_site, patch, count, seconds):
    """Their server is killed; all of them come back with the jitter that phones have."""
    live_site.expect_errors = True
    session, _ = await make_room(live_site, phones=1, each=1)
    rooms = asyncio.Semaphore(100)
    back = 0
    in_at_first: set[int] = set()

    async def come(number: int) -> None:
        nonlocal back
        failures, is_back = 0, False
        while True:
            opened = False
            try:
                async with rooms:
                    line = await websockets.connect(
                        f"{live_site.websocket_address}/ws/live/{session.code}/?as=wall",
                        origin=live_site.address,
                        compression=None,
                        open_timeout=seconds,
                        ping_interval=None,
                    )
                async with line:
                    await line.send(json.dumps({"type": "hello", "after": 0}))
                    while json.loads(await line.recv())["type"] != "frame":
                        pass
                    opened, failures = True, 0
                    if number in in_at_first and is_restarted.is_set():
                        back, is_back = back + 1, True
                    in_at_first.add(number)
                    await line.wait_closed()
            except (OSError, websockets.WebSocketException, TimeoutError):
                pass
            if is_back:
                return
            # As static/js/live/connection.js waits: anything between nothing and twice as long each time.
            most = min(20.0, 2.0**failures)
            failures += not opened
            await asyncio.sleep(random.uniform(0, most))

    is_restarted = asyncio.Event()
    with guarantee(patch, "are not back", live_site):
        await start(live_site)
        tasks = [asyncio.create_task(come(number)) for number in range(count)]
        try:
            await until(lambda: len(in_at_first) == count, seconds=120)
            await asyncio.to_thread(live_site.stop, signal.SIGKILL)
            is_restarted.set()
            await asyncio.to_thread(live_site.start)
            await until(lambda: back == count, seconds=seconds, otherwise=f"of {count} some are not back in time")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
