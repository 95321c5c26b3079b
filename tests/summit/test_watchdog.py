"""A process that hangs is noticed by what it does not say, and ended. Real processes throughout."""

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
from django.conf import settings

from summit import watchdog

# Says that it lives ten times a second.
LIVES = """
import time
from summit.watchdog import say_alive
say_alive()
print("It lives.", flush=True)
while True:
    say_alive()
    time.sleep(0.1)
"""


@pytest.fixture
def run(tmp_path):
    """Start the watchdog with a command in its care; what is said stands in the file."""
    started = []

    def run(*command, silence=20.0):
        with (tmp_path / "said").open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "summit.watchdog", "--silence", str(silence), *command],
                cwd=settings.BASE_DIR,
                env={**os.environ, "PYTHONFAULTHANDLER": "1"},
                stdout=said,
                stderr=said,
            )
        started.append(process)
        return process

    yield run
    for process in started:
        for one in [*descendants(process), process]:
            try:
                one.kill()
            except (psutil.NoSuchProcess, ProcessLookupError):
                continue
        process.wait()


def descendants(process):
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def heard(within):
    """What a process said to whoever listens at this address."""
    within.settimeout(20)
    return within.recv(100).decode()


@pytest.fixture
def listener(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as within:
        within.bind(str(tmp_path / "n"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "n"))
        yield within


def test_process_says_that_it_lives_in_the_words_of_systemd(listener):
    watchdog.say_alive()

    assert heard(listener) == "READY=1\nWATCHDOG=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "@nobody-listens-here"])
def test_nobody_who_listens_is_no_reason_to_fail(monkeypatch, address):
    monkeypatch.setenv("NOTIFY_SOCKET", address)

    watchdog.say_alive()


def test_process_that_is_frozen_is_ended_and_says_where_it_stood(run, tmp_path):
    process = run(sys.executable, "-c", LIVES, silence=2)
    until(lambda: "It lives." in (tmp_path / "said").read_text())
    (child,) = descendants(process)
    begun = time.monotonic()

    child.send_signal(signal.SIGSTOP)

    assert process.wait(20) == 128 + signal.SIGABRT
    assert time.monotonic() - begun < 10
    said = (tmp_path / "said").read_text()
    assert "has said nothing for 2 s and is ended" in said
    assert "Fatal Python error: Aborted" in said


def test_process_that_heeds_no_signal_is_killed(run):
    heedless = (
        "import signal, time; from summit.watchdog import say_alive\n"
        "signal.signal(signal.SIGABRT, signal.SIG_IGN); say_alive(); time.sleep(600)"
    )
    process = run(sys.executable, "-c", heedless, silence=1)

    assert process.wait(30) == 128 + signal.SIGKILL


def test_process_that_never_said_anything_is_left_alone(run):
    # As one that waits for its database before it serves.
    process = run(sys.executable, "-c", "import time; time.sleep(2)", silence=0.5)

    assert process.wait(20) == 0


def test_command_that_ends_ends_its_watchdog_with_its_own_status(run):
    assert run(sys.executable, "-c", "raise SystemExit(3)").wait(20) == 3


def test_whoever_stops_the_watchdog_stops_its_command(run, tmp_path):
    process = run(sys.executable, "-c", f"import signal, sys; signal.signal(15, lambda *_: sys.exit(7))\n{LIVES}")
    until(lambda: "It lives." in (tmp_path / "said").read_text())
    (child,) = descendants(process)

    process.send_signal(signal.SIGTERM)

    assert process.wait(20) == 7
    assert not child.is_running()


def test_missing_program_is_told_in_a_sentence(run, tmp_path):
    assert run("no-such-program").wait(20) == 1
    assert (tmp_path / "said").read_text() == "There is no program no-such-program.\n"
