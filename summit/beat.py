"""How a worker shows that it lives: by a row that it writes every few seconds, from a thread of its own.

A worker that has nothing to do would otherwise look like one that is dead, until somebody waits for a letter.
"""

import datetime
import logging
import threading
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, InterfaceError, connection
from django.tasks import task_backends
from django.tasks.signals import task_finished, task_started
from django.utils import timezone
from django_tasks_db import DatabaseBackend

from summit.models import Worker
from summit.watchdog import ALIVE_EVERY, say_alive

logger = logging.getLogger(__name__)

# A few signs may be lost while the database is busy.
SILENT_AT_MOST = datetime.timedelta(minutes=1)
# The longest is the import of a large blog.
ONE_TASK_AT_MOST = datetime.timedelta(hours=1)
# Those that were killed leave their rows.
FORGOTTEN_AFTER = datetime.timedelta(days=1)


class Beat:
    """Within it, the worker of this name gives signs of life, each with since when it has been at its task.

    If the database does not answer, neither does whoever listens for a process that hangs hear anything: a connection
    that is half open is ended with its worker.
    """

    def __init__(self, name: str, *, every: float = ALIVE_EVERY) -> None:
        self.name, self.every = name, every
        self.task_since: datetime.datetime | None = None
        self._begun_at = timezone.now()
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


def needs_worker() -> bool:
    """Whether tasks wait for a worker here. On a laptop they are done at once."""
    return isinstance(task_backends["default"], DatabaseBackend)


def living(now: datetime.datetime) -> list[Worker]:
    return list(Worker.objects.filter(seen_at__gte=now - SILENT_AT_MOST))
