"""What is due by the clock: how often, for how long at most, and what became of it.

A timer or a loop (`deploy/`) runs `manage.py by_the_clock ROUND`. Each thing of a round is tried whatever became of the
others; how it went is kept, and shown by `/health/clock` and `/metrics`: nobody reads the log of a night.
"""

import datetime
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.db import DatabaseError, close_old_connections, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from summit.models import Duty as Record

logger = logging.getLogger(__name__)

MINUTE = 60
HOUR = 60 * MINUTE


@dataclass(frozen=True)
class Duty:
    """A command, with what it is given. `{backups}` stands for the folder of backups."""

    name: str
    arguments: tuple[str, ...]
    longest: int
    """Seconds, after which it is ended, and has failed."""


@dataclass(frozen=True)
class Round:
    """What is due together."""

    duties: tuple[Duty, ...]
    every: str
    """In words, for whoever reads that it is late."""
    late_after: datetime.timedelta


def _duty(*arguments: str, longest: int, name: str = "") -> Duty:
    return Duty(name or arguments[0], arguments, longest)


ROUNDS = {
    "minutes": Round(
        tuple(
            _duty(command, longest=10 * MINUTE)
            for command in ("publish_scheduled", "send_waiting_mail", "tell_followers", "tend_mentions")
        ),
        "five minutes",
        datetime.timedelta(minutes=30),
    ),
    "hour": Round(
        (_duty("backup", "{backups}/erasures.json", "--erasures", longest=10 * MINUTE, name="backup --erasures"),),
        "hour",
        datetime.timedelta(hours=3),
    ),
    "backup": Round(
        (
            _duty("backup", "{backups}", "--keep", "14", longest=2 * HOUR),
            # The newest one, brought back into a database beside, compared row by row, and dropped again.
            _duty("restore", "{backups}", "--try", longest=2 * HOUR, name="restore --try"),
        ),
        "night",
        # A night that begins late, when clocks are put back, after one that ended early.
        datetime.timedelta(hours=30),
    ),
    "night": Round(
        tuple(
            _duty(command, longest=HOUR) for command in ("forget", "find_injected", "reconcile_ledger", "learn_spam")
        ),
        "night",
        datetime.timedelta(hours=30),
    ),
    "morning": Round((_duty("remind_follow_ups", longest=HOUR),), "morning", datetime.timedelta(hours=30)),
}


class TookTooLong(BaseException):
    """Not an exception that a command takes for one of a letter or a page, and goes on."""


def make_round(name: str, *, stdout: OutputWrapper, stderr: OutputWrapper) -> list[str]:
    """Try everything of a round. Answers the names of what failed."""
    return [duty.name for duty in ROUNDS[name].duties if not _try(duty, stdout, stderr)]


def _try(duty: Duty, stdout: OutputWrapper, stderr: OutputWrapper) -> bool:
    backups = str(Path(settings.VAR_DIR) / "backups")
    command, *arguments = (argument.replace("{backups}", backups) for argument in duty.arguments)
    try:
        with _no_longer_than(duty.longest):
            call_command(command, *arguments, stdout=stdout, stderr=stderr)
        is_done = True
    except (Exception, SystemExit, TookTooLong) as error:
        # Whatever it is: the others are still due.
        # Sentences for whoever runs a command; any other text may name somebody.
        if isinstance(error, CommandError):
            stderr.write(str(error))
        logger.exception("%s, which is due by the clock, failed", duty.name)
        is_done = False
    # One that ended in the middle of something is of no use to the next.
    close_old_connections()
    try:
        Record.objects.update_or_create(
            name=duty.name, defaults={"done_at" if is_done else "failed_at": timezone.now()}
        )
    except DatabaseError:
        logger.exception("How %s went could not be kept", duty.name)
        return False
    return is_done


@contextmanager
def _no_longer_than(seconds: int) -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise TookTooLong(f"It took more than {seconds} seconds.")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True)
class State:
    """How something that is due does."""

    duty: Duty
    round: Round
    done_at: datetime.datetime
    """When it was last done; before that, since when it is due."""
    has_failed: bool
    failed_at: datetime.datetime | None


def states() -> list[State]:
    installed_at = _installed_at()
    records = Record.objects.in_bulk()
    found = []
    for round in ROUNDS.values():
        for duty in round.duties:
            record = records.get(duty.name) or Record(name=duty.name)
            found.append(State(duty, round, record.done_at or installed_at, record.has_failed, record.failed_at))
    return found


def trouble_of(state: State) -> str:
    """A sentence for whoever is to look after it; empty if all is well."""
    if state.has_failed and state.failed_at:
        return f"“{state.duty.name}” failed at {_said(state.failed_at)}; the log says why."
    if timezone.now() - state.done_at > state.round.late_after:
        return f"“{state.duty.name}” is due every {state.round.every} and was not done since {_said(state.done_at)}."
    return ""


def _said(moment: datetime.datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M on %-d %B}"


def _installed_at() -> datetime.datetime:
    """Since when this database knows of a clock."""
    applied = MigrationRecorder(connection).migration_qs.filter(app="summit").order_by("applied").first()
    return applied.applied if applied else timezone.now()
