"""What is due by the clock is done whatever became of the rest, and what failed is told."""

import contextlib
import datetime
import io
import time

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from summit import clock
from summit.clock import ROUNDS, Duty, Round
from summit.models import Duty as Record

pytestmark = pytest.mark.django_db
SECRET = "zyqx@example.org"


@pytest.fixture
def looked_after(settings, monkeypatch):
    """An installation, since this moment."""
    now = timezone.now()
    monkeypatch.setattr(clock, "_installed_at", lambda: now)
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.METRICS_TOKEN = "known-to-the-monitor-alone"


@pytest.fixture
def done(monkeypatch):
    """A round of three, of which the second does what a test says; which were called."""
    called = []
    acts = {}

    def call(name, *arguments, **options):
        called.append((name, *arguments))
        if name in acts:
            acts[name]()

    monkeypatch.setattr(clock, "call_command", call)
    # That would end the transaction that a test is.
    monkeypatch.setattr(clock, "close_old_connections", lambda: None)
    duties = tuple(Duty(name, (name,), 1) for name in ("first", "second", "third"))
    monkeypatch.setitem(ROUNDS, "night", Round(duties, "night", datetime.timedelta(hours=30)))
    called.append(acts)
    return called


def make_round():
    said = io.StringIO()
    try:
        call_command("by_the_clock", "night", stdout=said, stderr=said)
    except CommandError as error:
        return f"{said.getvalue()}{error}"
    return said.getvalue()


def fail(error):
    def act():
        raise error

    return act


def health(client):
    answer = client.get(reverse("health", args=["clock"]))
    return answer.status_code, answer.json()["clock"]


def test_everything_of_a_round_is_done(done):
    assert make_round() == ""

    assert done[1:] == [("first",), ("second",), ("third",)]
    assert Record.objects.filter(failed_at=None).exclude(done_at=None).count() == 3


@pytest.mark.parametrize("error", [ValueError(SECRET), SystemExit(1), CommandError("The disk is full.")])
def test_others_are_done_although_one_failed_and_the_failure_is_told(done, client, looked_after, caplog, error):
    done[0]["second"] = fail(error)

    said = make_round()

    assert said.endswith("Failed: second. Everything else that was due is done.")
    assert ("The disk is full." in said) == isinstance(error, CommandError)
    assert SECRET not in said
    assert done[1:] == [("first",), ("second",), ("third",)]
    assert {one.name for one in Record.objects.all() if one.has_failed} == {"second"}
    assert "second, which is due by the clock, failed" in caplog.text
    status, told = health(client)
    assert status == 503
    assert told.startswith("“second” failed at ")
    assert SECRET not in told
    # Until it is done again.
    done[0].clear()
    make_round()
    assert health(client) == (200, "ok")


def test_what_takes_too_long_is_ended_even_if_it_forgives_everything(done):
    def for_ever():
        while True:
            # As a command that goes on to the next letter.
            with contextlib.suppress(Exception):
                time.sleep(30)

    done[0]["second"] = for_ever

    assert make_round().startswith("Failed: second.")
    assert done[-1] == ("third",)


def test_database_that_is_away_is_no_reason_to_leave_the_rest(done, monkeypatch, caplog):
    monkeypatch.setattr(Record.objects, "update_or_create", fail_always(DatabaseError("gone")))

    assert make_round().startswith("Failed: first, second, third.")
    assert len(done) == 4


def fail_always(error):
    def act(*arguments, **options):
        raise error

    return act


def test_new_installation_has_time_for_its_first_round(client, looked_after):
    assert health(client) == (200, "ok")


def test_laptop_has_no_clock(client, monkeypatch):
    monkeypatch.setattr(clock, "_installed_at", lambda: timezone.now() - datetime.timedelta(days=3))

    assert health(client) == (200, "ok")


def test_clock_is_due_since_the_database_knows_of_it():
    assert clock._installed_at() < timezone.now()


def test_clock_that_stands_still_is_told(client, looked_after, monkeypatch):
    long_ago = timezone.now() - datetime.timedelta(days=3)
    monkeypatch.setattr(clock, "_installed_at", lambda: long_ago)

    status, told = health(client)

    assert status == 503
    for round in ROUNDS.values():
        for duty in round.duties:
            assert f"“{duty.name}” is due every {round.every} and was not done since" in told
    Record.objects.bulk_create(
        Record(name=duty.name, done_at=timezone.now()) for round in ROUNDS.values() for duty in round.duties
    )
    assert health(client) == (200, "ok")


def test_monitor_is_told_when_each_was_done_and_which_failed(client, looked_after):
    now = timezone.now()
    Record.objects.create(name="forget", done_at=now - datetime.timedelta(minutes=2))
    Record.objects.create(name="backup", done_at=now - datetime.timedelta(days=1), failed_at=now)

    answer = client.get(reverse("metrics"), headers={"Authorization": "Bearer known-to-the-monitor-alone"})
    found = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))

    assert 100 < float(found['summit_clock_seconds{name="forget"}']) < 1000
    assert found['summit_clock_failed{name="forget"}'] == "0.0"
    assert found['summit_clock_failed{name="backup"}'] == "1.0"


def test_everything_that_is_due_is_a_command_that_takes_its_arguments():
    duties = [duty for round in ROUNDS.values() for duty in round.duties]

    assert len({duty.name for duty in duties}) == len(duties)
    for duty in duties:
        command, *arguments = duty.arguments
        found = load_command_class(get_commands()[command], command)
        found.create_parser("manage.py", command).parse_args(arguments)
