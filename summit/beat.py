"""How a worker shows that it lives: by a row that it writes every few seconds, from a thread of its own.

A worker that has nothing to do would otherwise look like one that is dead, until somebody waits for a letter.
"""

import datetime
import logging
import threading
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, InterfaceError, connection
from django.tasks import TaskResultStatus, task_backends
from django.tasks.signals import task_finished, task_started
from django.utils import timezone
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult

from summit.models import Worker
from summit.watchdog import ALIVE_EVERY, say_alive

logger = logging.getLogger(__name__)

# A few signs may be lost while the database is busy.
SILENT_AT_MOST = datetime.timedelta(minutes=1)
# The longest is the import of a large blog.
ONE_TASK_AT_MOST = datetime.timedelta(hours=1)
# Those that were killed leave their rows.
FORGOTTEN_AFTER = datetime.timedelta(days=1)
# A worker is ended and started again long before.
LOST_AFTER = datetime.timedelta(minutes=10)


class WorkerLost(Exception):
    """What became of a task whose worker was killed in the middle of it."""


class Beat:
    """Within it, the worker of this name gives signs of life, each with since when it has been at its task.

    If the database does not answer, neither does whoever listens for a process that hangs hear anything: a connection
    that is half open is ended with its worker.
    """

    def __init__(self, name: str, *, every: float = ALIVE_EVERY) -> None:
        self.name, self.every = name, every
        self.task_since: datetime.datetime | None = None
        self._begun_at = timezone.now()
        self._looked_at: datetime.datetime | None = None
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="beat", daemon=True)

    def __enter__(self) -> Self:
        task_started.connect(self._begin_task, weak=False, dispatch_uid=id(self))
        task_finished.connect(self._end_task, weak=False, dispatch_uid=id(self))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task_started.disconnect(dispatch_uid=id(self))
        task_finished.disconnect(dispatch_uid=id(self))
        self._has_ended.set()
        self._thread.join(self.every)
        try:
            Worker.objects.filter(pk=self.name).delete()
        except (DatabaseError, InterfaceError) as failed:
            logger.warning("The worker could not say that it ends: %r", failed)

    def _begin_task(self, **kwargs: Any) -> None:
        self.task_since = timezone.now()

    def _end_task(self, **kwargs: Any) -> None:
        self.task_since = None

    def _go_on(self) -> None:
        while True:
            try:
                self.give_sign()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The worker could not say that it lives: %r", error)
            finally:
                # Made anew each time: PostgreSQL may have been restarted, and one that is kept hides that.
                connection.close()
            say_alive()
            if self._has_ended.wait(self.every):
                return

    def give_sign(self) -> None:
        now = timezone.now()
        seen = {"seen_at": now, "task_since": self.task_since}
        if not Worker.objects.filter(pk=self.name).update(**seen):
            Worker.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
            Worker.objects.create(pk=self.name, begun_at=self._begun_at, **seen)
        if self._looked_at is None or now - self._looked_at > LOST_AFTER:
            self._looked_at = now
            give_up_lost(now)


def give_up_lost(now: datetime.datetime) -> int:
    """Have tasks failed whose workers are gone: they would be running for ever. Answers how many.

    None is begun again: half of it may be done. Should a worker have been silent only, what it says at the end counts.
    """
    since = now - LOST_AFTER
    heard = set(Worker.objects.filter(seen_at__gte=since).values_list("pk", flat=True))
    lost = 0
    for held in DBTaskResult.objects.running().filter(started_at__lt=since):
        if heard.intersection(held.worker_ids[-1:]):
            continue
        why = f"{WorkerLost.__module__}.{WorkerLost.__qualname__}"
        fields = {"status": TaskResultStatus.FAILED, "finished_at": now, "exception_class_path": why}
        # Every worker looks: one of them says it.
        if DBTaskResult.objects.running().filter(pk=held.pk).update(**fields):
            logger.error("A task was lost with its worker: %s", held.task_path)
            lost += 1
    return lost


def needs_worker() -> bool:
    """Whether tasks wait for a worker here. On a laptop they are done at once."""
    return isinstance(task_backends["default"], DatabaseBackend)


def living(now: datetime.datetime) -> list[Worker]:
    return list(Worker.objects.filter(seen_at__gte=now - SILENT_AT_MOST))
