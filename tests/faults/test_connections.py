"""Connections that stall, vanish and mislead; messages that come twice; two people who do one thing at once."""

import asyncio
import contextlib
import datetime
import json
import random
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from live.models import Contribution, LiveSession
from realtime.models import Event
from tests.factories.live import facilitator_of, live_session
from tests.faults.conftest import Wire, guarantee, start
from tests.faults.room import (
    Phone,
    Wall,
    ask,
    hold,
    hold_that_nothing_is_lost,
    last_seq,
    make_room,
    reading,
    until,
)
from tests.live_site import LiveSite

long_fault = pytest.mark.long_fault

FROZEN_PHONE = Path(__file__).with_name("frozen_phone.py")
# More than the buffers of a connection hold together, with room to spare.
MANY = {"phones": 20, "each": 18, "length": 1900}
MEMORY = 40 * 1024 * 1024


class FrozenPhone:
    """Somebody whose phone stops in the middle of reading."""

    def __init__(self, site: LiveSite, phone: Phone, after: int) -> None:
        self.site = site
        self.process = subprocess.Popen(
            [sys.executable, str(FROZEN_PHONE), str(site.port), f"/ws/live/{phone.code}/", phone.cookie, str(after)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline())

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def is_connected(self) -> bool:
        """Whether the server still holds the connection."""
        return any(
            one.raddr and one.raddr.port == self.port and one.status == "ESTABLISHED"
            for one in self.site.process.net_connections(kind="tcp")
        )

    def end(self) -> str:
        """How the connection ended, as the phone sees it."""
        told, _ = self.process.communicate(timeout=20)
        return told.strip()

    def remove(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


@contextlib.asynccontextmanager
async def frozen_phone(site: LiveSite, phone: Phone, after: int) -> Any:
    frozen = await asyncio.to_thread(FrozenPhone, site, phone, after)
    try:
        yield frozen
    finally:
        frozen.remove()


@pytest.mark.parametrize(
    ("patches", "broken"),
    [
        (["lose_patience_soon"], None),
        pytest.param(["await_each_reader"], "the wall does not come", marks=long_fault),
        pytest.param(["keep_slow_readers"], "is still connected", marks=long_fault),
        pytest.param([], None, marks=long_fault),
    ],
    ids=["holds", "awaited", "kept", "holds-as-it-is"],
)
async def test_frozen_phone_holds_up_nobody_and_is_let_go(live_site, patches, broken):
    session, phones = await make_room(live_site, **MANY)
    reader = phones.pop()
    wall = Wall(session, live_site)
    live_site.patches = [] if broken else patches
    live_site.expect_errors = bool(broken)

    with guarantee(patches[0] if broken else None, broken or "", live_site):
        await start(live_site)
        async with reading(wall), frozen_phone(live_site, reader, wall.cursor) as frozen:
            memory = live_site.process.memory_info().rss
            frozen.freeze()
            async with asyncio.timeout(60):
                await asyncio.gather(*(phone.say_everything() for phone in phones))
            await wall.read_to(await last_seq(session), seconds=5)
            hold(live_site.process.memory_info().rss - memory < MEMORY, "one frozen phone costs too much memory")
            await until(
                lambda: not frozen.is_connected(),
                seconds=5 if broken else 20,
                otherwise="the phone is still connected, though it has long read nothing",
            )
            frozen.thaw()
            assert await asyncio.to_thread(frozen.end) in ("reset", "1013")
            reader.unsent.clear()
            reader.bodies.clear()
        await hold_that_nothing_is_lost(session, phones, wall)


@pytest.mark.parametrize(
    ("options", "seconds", "broken"),
    [
        ({"ws_ping_interval": 1, "ws_ping_timeout": 1}, 8, None),
        pytest.param({"ws_ping_interval": None}, 4, "is still held", marks=long_fault),
        pytest.param({}, 45, None, marks=long_fault),
    ],
    ids=["holds", "no-pings", "holds-as-it-is"],
)
async def test_connection_whose_other_end_has_vanished_is_dropped(live_site, options, seconds, broken):
    live_site.uvicorn = options
    _, (phone,) = await make_room(live_site, phones=1, each=0)
    await start(live_site)

    async with Wire(live_site.port) as wire:
        line = await connect_through(wire, live_site, phone)
        await line.send(json.dumps({"type": "hello", "after": 0}))
        async with asyncio.timeout(10):
            await line.recv()
        wire.is_cut = True
        if broken:
            await asyncio.sleep(seconds)
            assert not wire.dropped.is_set()
        else:
            await until(wire.dropped.is_set, seconds=seconds, otherwise="the connection is still held")
        line.transport.abort()


async def connect_through(wire: Wire, site: LiveSite, phone: Phone) -> websockets.ClientConnection:
    return await websockets.connect(
        f"{site.websocket_address}/ws/live/{phone.code}/",
        origin=site.address,
        additional_headers={"Cookie": phone.cookie},
        host="127.0.0.1",
        port=wire.port,
        ping_interval=None,
        compression=None,
    )


@pytest.mark.parametrize("patch", [None, "forget_client_ids"], ids=["holds", "no-key"])
async def test_same_message_sent_fifty_times_is_stored_once(two_sites, patch):
    session, (phone,) = await make_room(*two_sites, phones=1, each=0)
    if patch:
        await drop_the_key()
    client_id = str(uuid.uuid4())

    async def insist(number: int) -> dict[str, Any]:
        async with phone.connect(two_sites[number % 2]) as socket:
            ready.release()
            await everybody.wait()
            return await ask(socket, "contribution.add", client_id=client_id, body="Once is enough.")

    ready, everybody = asyncio.Semaphore(0), asyncio.Event()
    with guarantee(patch, "rows", *two_sites):
        await start(*two_sites)
        # Twenty may be said within a minute: a second row is never refused for being too fast.
        tasks = [asyncio.create_task(insist(number)) for number in range(18 if patch else 50)]
        for _ in tasks:
            await ready.acquire()
        everybody.set()
        answers = await asyncio.gather(*tasks)
        rows = await sync_to_async(Contribution.objects.filter(session=session, client_id=client_id).count)()
        hold(rows == 1, f"{rows} rows")
        said = {(one["type"], one.get("contribution"), one.get("seq"), one.get("state")) for one in answers}
        hold(len(said) == 1, f"different answers: {said}")
        assert {one[0] for one in said} == {"ack"}
        async with phone.connect(two_sites[0]) as socket:
            answer = await ask(socket, "contribution.add", client_id=client_id, body="Twice is better.")
        hold(answer.get("code") == "conflict", "other words under the same id are taken")


@sync_to_async
def drop_the_key() -> None:
    kept = Contribution._meta.constraints
    key = next(one for one in kept if one.name == "one_contribution_per_client_id")
    # SQLite makes the table again as the model says it is.
    Contribution._meta.constraints = [one for one in kept if one is not key]
    try:
        with connection.schema_editor() as editor:
            editor.remove_constraint(Contribution, key)
    finally:
        Contribution._meta.constraints = kept


@pytest.mark.parametrize("patch", [None, "order_by_the_phones_clocks"], ids=["holds", "by-clock"])
async def test_clocks_an_hour_off_change_no_order(live_site, patch):
    session, phones = await make_room(live_site, phones=6, each=3)
    wall = Wall(session, live_site)
    said: list[str] = []

    with guarantee(patch, "order", live_site):
        await start(live_site)
        async with reading(wall):
            for turn in range(3):
                for place, phone in enumerate(phones):
                    skew = datetime.timedelta(hours=(-1, 0, 1)[(turn + place) % 3], seconds=random.randint(-300, 300))
                    client_id, body = next(iter(phone.unsent.items()))
                    async with phone.connect(live_site) as socket:
                        answer = await ask(
                            socket,
                            "contribution.add",
                            client_id=client_id,
                            body=body,
                            said_at=(timezone.now() + skew).isoformat(),
                        )
                    phone.acknowledged[client_id] = answer["contribution"]
                    del phone.unsent[client_id]
                    said.append(body)
            await wall.read_to(await last_seq(session))
            shown = [event["contribution"]["body"] for event in wall.events if event["kind"] == "contribution.added"]
            hold(shown == said, "the wall is out of order")
            async with httpx.AsyncClient() as reader:
                answer = await reader.get(f"{live_site.address}/live/{session.code}/snapshot/?as=wall", timeout=20)
            snapshot = [one["body"] for one in answer.json()["contributions"]]
            hold(snapshot == said, "a snapshot is out of order")
        await hold_that_nothing_is_lost(session, phones, wall)


@pytest.mark.parametrize(
    ("patch", "races"),
    [(None, 30), ("ignore_versions", 30), pytest.param(None, 200, marks=long_fault)],
    ids=["holds", "no-versions", "200-hold"],
)
async def test_of_two_facilitators_at_once_one_wins_and_the_other_is_told(two_sites, patch, races):
    session, cookies = await two_facilitators(*two_sites)

    with guarantee(patch, "won", *two_sites):
        await start(*two_sites)
        async with (
            console(two_sites[0], session, cookies[0]) as first,
            console(two_sites[1], session, cookies[1]) as second,
        ):
            version = session.version
            for race in range(races):
                answers = await asyncio.gather(
                    ask(first, "timer.start", seconds=60 + race, version=version),
                    ask(second, "wall.message", text=f"Message {race}", version=version),
                )
                won = [answer for answer in answers if answer["type"] == "ack"]
                hold(len(won) == 1, f"{len(won)} won race {race}")
                (lost,) = [answer for answer in answers if answer["type"] != "ack"]
                hold(lost["code"] == "stale", f"the other was told {lost['code']}")
                version = won[0]["version"]
                hold(lost["version"] == version, "the other was told another version")
    if not patch:
        events = await sync_to_async(
            Event.objects.filter(stream=session.stream_id, kind__in=["timer.started", "wall.message_changed"]).count
        )()
        assert events == races


@sync_to_async
def two_facilitators(*sites: LiveSite) -> tuple[LiveSession, list[str]]:
    session = live_session()
    cookies = []
    for site in sites:
        cookie = site.session_cookie(facilitator_of(session))
        cookies.append(f"{cookie['name']}={cookie['value']}")
    return session, cookies


def console(site: LiveSite, session: LiveSession, cookie: str) -> websockets.connect:
    return websockets.connect(
        f"{site.websocket_address}/ws/live/{session.code}/?as=console",
        origin=site.address,
        additional_headers={"Cookie": cookie},
        open_timeout=20,
        compression=None,
    )
