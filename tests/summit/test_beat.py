"""A worker shows that it lives; one that is dead, stopped or was never started shows in health and metrics."""

import datetime
import os
import signal
import subprocess
import sys
import time
from unittest.mock import Mock

import pytest
from django.conf import settings as site_settings
from django.core.management import call_command
from django.db import OperationalError
from django.tasks.signals import task_finished, task_started
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from summit import beat
from summit.beat import Beat
from summit.models import Worker

QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def queue(settings):
    settings.TASKS = QUEUE
    settings.METRICS_TOKEN = "known-to-the-monitor-alone"


def worker(**fields):
    now = timezone.now()
    return Worker.objects.create(**{"id": "w", "begun_at": now, "seen_at": now, **fields})


def health(client):
    answer = client.get(reverse("health", args=["worker"]))
    return answer.status_code, answer.json()["worker"]


def metrics(client):
    answer = client.get(reverse("metrics"), headers={"Authorization": "Bearer known-to-the-monitor-alone"})
    return dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))


@pytest.mark.django_db
def test_task_whose_worker_was_killed_has_failed_and_that_of_a_living_one_goes_on(client, queue, caplog):
    now = timezone.now()
    long_ago = now - beat.LOST_AFTER - datetime.timedelta(seconds=1)
    worker(id="alive")
    worker(id="silent", seen_at=long_ago)
    held = {
        name: DBTaskResult.objects.create(
            status="RUNNING",
            started_at=started_at,
            worker_ids=[name],
            task_path="summit.some_task",
            args_kwargs={"args": [], "kwargs": {}},
            backend_name="default",
            run_after=now,
        )
        for name, started_at in {"alive": long_ago, "silent": long_ago, "gone": long_ago, "new": now}.items()
    }

    Beat("another").give_sign()

    states = {name: DBTaskResult.objects.get(pk=one.pk).status for name, one in held.items()}
    assert states == {"alive": "RUNNING", "silent": "FAILED", "gone": "FAILED", "new": "RUNNING"}
    assert [record.getMessage() for record in caplog.records] == [
        "A task was lost with its worker: summit.some_task"
    ] * 2
    assert metrics(client)['summit_tasks{state="failed"}'] == "2.0"
    # As whatever has ended, it is forgotten in time.
    assert DBTaskResult.objects.finished().filter(finished_at__gte=now).count() == 2


@pytest.mark.django_db
def test_laptop_needs_no_worker(client):
    assert health(client) == (200, "ok")


@pytest.mark.django_db
def test_worker_that_was_never_started_shows_although_nothing_waits(client, queue):
    assert health(client) == (503, "No worker has given a sign of life for a minute. Does it run?")
    assert metrics(client)["summit_workers"] == "0.0"


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (50, 200), (61, 503)])
def test_worker_is_there_for_a_minute_after_its_last_sign(client, queue, seconds, status):
    worker(seen_at=timezone.now() - datetime.timedelta(seconds=seconds))

    assert health(client)[0] == status
    assert metrics(client)["summit_workers"] == ("1.0" if status == 200 else "0.0")


@pytest.mark.django_db
def test_one_of_two_workers_is_enough_to_go_on_but_is_counted(client, queue):
    worker(id="dead", seen_at=timezone.now() - datetime.timedelta(minutes=5))
    worker(id="alive")

    assert health(client) == (200, "ok")
    assert metrics(client)["summit_workers"] == "1.0"


@pytest.mark.django_db
def test_worker_that_does_not_come_to_the_end_of_a_task_shows(client, queue):
    one = worker(task_since=timezone.now() - datetime.timedelta(minutes=59))
    assert health(client) == (200, "ok")
    assert float(metrics(client)["summit_worker_task_seconds"]) > 3500

    Worker.objects.filter(pk=one.pk).update(task_since=timezone.now() - datetime.timedelta(minutes=61))

    assert health(client) == (503, "A worker has been at one task for more than an hour.")


@pytest.mark.django_db
def test_sign_says_since_when_a_worker_is_at_its_task_and_forgets_those_that_were_killed():
    worker(id="killed", seen_at=timezone.now() - datetime.timedelta(days=2))
    sign = Beat("new")
    sign._begin_task()

    sign.give_sign()
    begun = Worker.objects.get().task_since
    sign._end_task()
    sign.give_sign()

    assert begun is not None
    assert Worker.objects.get().task_since is None


@pytest.mark.django_db(transaction=True)
def test_beat_hears_of_tasks_and_takes_its_row_away_at_the_end():
    begun = Mock()
    with Beat("one", every=0.02) as sign:
        until(lambda: Worker.objects.filter(pk="one").exists())
        task_started.send(sender=None, task_result=begun)
        until(lambda: Worker.objects.exclude(task_since=None).exists())
        task_finished.send(sender=None, task_result=begun)
        until(lambda: Worker.objects.filter(task_since=None).exists())

    task_started.send(sender=None, task_result=begun)
    assert not Worker.objects.exists()
    assert sign.task_since is None


@pytest.mark.django_db
def test_database_that_is_away_ends_no_beat(caplog, monkeypatch):
    tried = []

    def refuse(self):
        tried.append(self)
        raise OperationalError("gone")

    monkeypatch.setattr(Beat, "give_sign", refuse)
    with Beat("one", every=0.01):
        until(lambda: len(tried) > 2)

    assert "could not say that it lives" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_real_worker_shows_while_it_lives_and_not_when_it_is_killed(client, queue, live_site, tmp_path, monkeypatch):
    monkeypatch.setattr(beat, "SILENT_AT_MOST", datetime.timedelta(seconds=8))
    program = f"""
import django
django.setup()
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
connections.settings["default"]["NAME"] = {live_site.database.name!r}
override_settings(TASKS={QUEUE!r}).enable()
call_command("db_worker", queue_name="*")
"""
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=site_settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "summit.settings.test"},
            stdout=log,
            stderr=log,
        )
    try:
        assert health(client)[0] == 503
        until(lambda: health(client) == (200, "ok"), seconds=60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        until(lambda: health(client)[0] == 503, seconds=60)
    finally:
        process.kill()
        process.wait()

    # It could say nothing at its end.
    assert Worker.objects.count() == 1


def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.django_db
def test_worker_whose_database_is_away_ends_with_one_line_in_the_log(queue, monkeypatch, caplog):
    def refuse(self):
        raise OperationalError("gone")

    monkeypatch.setattr(db_worker.Worker, "run", refuse)
    monkeypatch.setattr(db_worker.Worker, "configure_signals", lambda self: None)
    monkeypatch.setattr(db_worker.Command, "configure_logging", lambda self, verbosity: None)
    monkeypatch.setattr(Beat, "give_sign", lambda self: None)

    with pytest.raises(SystemExit) as ended:
        call_command("db_worker")

    assert ended.value.code == 1
    assert "The worker ends, to be started again" in caplog.text
