"""What notices that a process hangs: it says every few seconds that it lives, and whoever started it listens.

systemd listens by itself (`WatchdogSec` in deploy/systemd). Where there is none, as in a container, this program does:

    python -m summit.watchdog [--silence 20] COMMAND …

starts the command and ends with it. A command that has said once that it lives, and then says nothing for so long, is
told to abort, which writes into the log where it stood, and killed if it does not. Whoever started this program then
starts it again. Plain Python: it needs no settings, and next to no memory.
"""

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

# Seconds. How often a process says that it lives, and how long it may be silent. A crowded one is late by one or two.
ALIVE_EVERY = 5.0
SILENCE = 20.0
# How long the end may take: of one that is told to abort, and of one that is told to stop.
ABORTS_WITHIN = 5.0
STOPS_WITHIN = 15.0

ALIVE = "READY=1\nWATCHDOG=1"


def say_alive() -> None:
    """Tell whoever started this process that it lives, in systemd's words. Without anybody who listens, do nothing."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # One that does not listen, or not quickly enough, is no reason to wait or to fail.
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
        telling.setblocking(False)
        telling.sendto(ALIVE.encode(), f"\0{address[1:]}" if address.startswith("@") else address)


def watch(command: Sequence[str], *, silence: float = SILENCE) -> int:
    """Run a command until it ends or falls silent. Answers what a shell would: its status, or 128 and the signal."""
    with (
        tempfile.TemporaryDirectory(prefix="summit-watchdog-") as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard,
    ):
        address = Path(folder) / "notify"
        heard.bind(str(address))
        heard.settimeout(0.5)
        variables = {**os.environ, "NOTIFY_SOCKET": str(address)}
        with subprocess.Popen(command, env=variables) as process:  # noqa: S603 whoever started this program names it
            told_to_stop_at = _pass_on_signals(process)
            heard_at: float | None = None
            while process.poll() is None:
                with contextlib.suppress(TimeoutError):
                    heard.recv(4096)
                    heard_at = time.monotonic()
                now = time.monotonic()
                if told_to_stop_at:
                    # It says nothing any more as it stops.
                    if now - told_to_stop_at[0] > STOPS_WITHIN:
                        process.kill()
                elif heard_at is not None and now - heard_at > silence:
                    _end(process, silence)
        return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _pass_on_signals(process: subprocess.Popen[bytes]) -> list[float]:
    """Whoever stops this program means the command. Fills in when that was."""
    told_at: list[float] = []

    def pass_on(number: int, frame: object) -> None:
        told_at.append(time.monotonic())
        process.send_signal(number)

    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, pass_on)
    return told_at


def _end(process: subprocess.Popen[bytes], silence: float) -> None:
    line = f"summit.watchdog: process {process.pid} has said nothing for {silence:.0f} s and is ended."
    print(line, file=sys.stderr, flush=True)  # noqa: T201 the log of whoever started it
    process.send_signal(signal.SIGABRT)
    # One that was stopped hears nothing else before.
    process.send_signal(signal.SIGCONT)
    try:
        process.wait(ABORTS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m summit.watchdog", description="End a process that hangs.")
    parser.add_argument("--silence", type=float, default=SILENCE, metavar="SECONDS")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if not given.command:
        parser.error("say which command to run")
    try:
        sys.exit(watch(given.command, silence=given.silence))
    except FileNotFoundError as error:
        sys.exit(f"There is no program {error.filename}.")


if __name__ == "__main__":
    main()
