"""`manage.py demo`: one clear sentence for whatever stands in its way."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time

import httpx
import pytest
import websockets
from asgiref.sync import sync_to_async
from django.conf import settings

from tests import database
from tests.factories.live import live_session
from tests.services import free_port

INHERITED = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")


@pytest.fixture
def demo(tmp_path):
    """Start the command in a folder of its own: `demo("--no-serve", PORT=…)` gives the process."""
    started = []

    def start(*arguments, **environment):
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", *arguments],
            cwd=settings.BASE_DIR,
            env={**kept, "SUMMIT_VAR_DIR": str(tmp_path), "DEBUG": "false", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def migrated(tmp_path, django_db_setup, database_folder):
    """A database of this checkout, so that the command has nothing to migrate."""
    if not database.is_sqlite():
        pytest.skip("the demo's database is SQLite; tried in the run on SQLite")
    path = tmp_path / "summit.sqlite3"
    database.copy_sqlite(database.pristine_path(str(database_folder / "test.sqlite3")), path)
    return path


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("localhost", "taken", "is taken by another program"),
        ("localhost", "70000", "PORT=70000 is no port: give a number from 1 to 65535."),
        ("localhost", "web", "PORT=web is no port"),
        ("nowhere.invalid", "8000", "HOST=nowhere.invalid is no address of this machine"),
    ],
)
def test_address_that_cannot_be_had_is_said_before_anything_is_installed(host, port, sentence):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = str(taken.getsockname()[1]) if port == "taken" else port
        answer = subprocess.run(
            ["scripts/check-port"],
            cwd=settings.BASE_DIR,
            env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "HOST": host, "PORT": number},
            capture_output=True,
            text=True,
        )
    assert answer.returncode == 1
    assert sentence in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_taken_port_is_one_sentence(demo):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = demo(PORT=str(port))
        _, complaint = process.communicate(timeout=300)

    assert process.returncode == 1
    assert complaint.splitlines() == [
        f"CommandError: Port {port} is taken by another program: stop it, or choose another port with "
        f"`make demo PORT={port + 1}`."
    ]


def test_host_of_another_machine_is_one_sentence(demo):
    process = demo(HOST="192.0.2.1", PORT=str(free_port()))
    _, complaint = process.communicate(timeout=300)

    assert process.returncode == 1
    assert len(complaint.splitlines()) == 1
    assert "HOST=192.0.2.1" in complaint


def test_database_of_a_newer_version_is_one_sentence(demo, migrated):
    with sqlite3.connect(migrated) as opened:
        opened.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('live', '9999_later', '2030-01-01')")
    opened.close()

    process = demo("--no-serve")
    _, complaint = process.communicate(timeout=300)

    assert process.returncode == 1
    assert len(complaint.splitlines()) == 1
    assert "live.9999_later" in complaint


def test_database_of_another_program_is_one_sentence(demo, tmp_path):
    with sqlite3.connect(tmp_path / "summit.sqlite3") as opened:
        opened.execute("CREATE TABLE recipes (name TEXT)")
    opened.close()

    process = demo("--no-serve")
    _, complaint = process.communicate(timeout=300)

    assert process.returncode == 1
    assert len(complaint.splitlines()) == 1
    assert "holds something else than Summit" in complaint


def test_file_that_is_no_database_is_one_sentence(demo, tmp_path):
    (tmp_path / "summit.sqlite3").write_text("A letter to the council, kept in the wrong place.\n" * 200)

    process = demo("--no-serve")
    _, complaint = process.communicate(timeout=300)

    assert process.returncode == 1
    assert len(complaint.splitlines()) == 1
    assert "cannot be used" in complaint


async def wait_until_served(address):
    deadline = time.monotonic() + 300
    async with httpx.AsyncClient() as client:
        while time.monotonic() < deadline:
            try:
                return (await client.get(f"{address}/health/live")).raise_for_status()
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise TimeoutError(address)


async def test_interrupt_stops_it_cleanly_though_a_wall_and_a_long_poll_wait(demo, live_site, tmp_path):
    if not database.is_sqlite():
        pytest.skip("the demo's database is SQLite; tried in the run on SQLite")
    session = await sync_to_async(live_session)()
    database.copy_sqlite(live_site.database.name, tmp_path / "summit.sqlite3")
    port = free_port()
    address = f"http://localhost:{port}"
    process = demo("--no-load", PORT=str(port))
    await wait_until_served(address)

    socket_address = f"ws://localhost:{port}/ws/live/{session.code}/?as=wall"
    async with websockets.connect(socket_address, origin=address) as wall, httpx.AsyncClient(timeout=60) as reader:
        await wall.send(json.dumps({"type": "hello", "after": 0}))
        await wall.recv()
        cursor = (await reader.get(f"{address}/live/{session.code}/snapshot/?as=wall")).json()["to"]
        poll = asyncio.create_task(reader.get(f"{address}/live/{session.code}/events/?after={cursor}&as=wall"))
        await asyncio.sleep(0.5)
        process.send_signal(signal.SIGINT)
        answer = await poll
        await wall.wait_closed()
    said, complaint = await asyncio.to_thread(process.communicate, timeout=120)

    assert (process.returncode, complaint) == (0, "")
    assert address in said
    assert answer.status_code in (200, 503)
    assert wall.close_code == 1012
