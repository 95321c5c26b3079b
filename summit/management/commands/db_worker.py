"""The worker of django-tasks-db, which here says every few seconds that it lives."""

import faulthandler
import os
from typing import Any

from django.utils.autoreload import DJANGO_AUTORELOAD_ENV
from django_tasks_db.management.commands import db_worker

from summit.beat import Beat


class Command(db_worker.Command):
    def handle(self, *, worker_id: str, reload: bool, **options: Any) -> None:
        if reload and os.environ.get(DJANGO_AUTORELOAD_ENV) != "true":
            # Only looks after the process that works.
            super().handle(worker_id=worker_id, reload=reload, **options)
            return
        # Whoever ends it because it hangs is told where it stood.
        faulthandler.enable()
        with Beat(worker_id):
            super().handle(worker_id=worker_id, reload=reload, **options)
