"""`manage.py demo`: one clear sentence for whatever stands in its way."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request

import pytest
from django.conf import settings

from tests import database
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


def test_taken_port_is_one_sentence(demo):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = demo(PORT=str(port))
        _, complaint = process.communicate(timeout=60)

    assert process.returncode == 1
    assert complaint.splitlines() == [
        f"CommandError: Port {port} is taken by another program: stop it, or choose another port with "
        f"`make demo PORT={port + 1}`."
    ]


def test_host_of_another_machine_is_one_sentence(demo):
    process = demo(HOST="192.0.2.1", PORT=str(free_port()))
    _, complaint = process.communicate(timeout=60)

    assert process.returncode == 1
    assert len(complaint.splitlines()) == 1
    assert "HOST=192.0.2.1" in complaint


def test_database_of_a_newer_version_is_one_sentence(demo, migrated):
    with sqlite3.connect(migrated) as opened:
        opened.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('live', '9999_later', '2030-01-01')")
    opened.close()

    process = demo("--no-serve")
    _, complaint = process.communicate(timeout=60)

    assert process.returncode == 1
    assert len(complaint.splitlines()) == 1
    assert "live.9999_later" in complaint


def test_database_of_another_program_is_one_sentence(demo, tmp_path):
    with sqlite3.connect(tmp_path / "summit.sqlite3") as opened:
        opened.execute("CREATE TABLE recipes (name TEXT)")
    opened.close()

    process = demo("--no-serve")
    _, complaint = process.communicate(timeout=60)

    assert process.returncode == 1
    assert len(complaint.splitlines()) == 1
    assert "holds something else than Summit" in complaint


def test_file_that_is_no_database_is_one_sentence(demo, tmp_path):
    (tmp_path / "summit.sqlite3").write_text("A letter to the council, kept in the wrong place.\n" * 200)

    process = demo("--no-serve")
    _, complaint = process.communicate(timeout=60)

    assert process.returncode == 1
    assert len(complaint.splitlines()) == 1
    assert "cannot be used" in complaint


def test_interrupt_stops_it_cleanly(demo, migrated):
    port = free_port()
    process = demo(PORT=str(port))
    address = f"http://localhost:{port}/health/live"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            assert urllib.request.urlopen(address, timeout=5).read() == b"ok\n"
            break
        except OSError:
            time.sleep(0.1)

    process.send_signal(signal.SIGINT)
    said, complaint = process.communicate(timeout=20)

    assert process.returncode == 0
    assert f"http://localhost:{port}" in said
    assert complaint == ""
