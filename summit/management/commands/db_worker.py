"""The worker of django-tasks-db, which here says every few seconds that it lives, and why it ends."""

import faulthandler
import logging
import os
import sys
from typing import Any

from django.utils.autoreload import DJANGO_AUTORELOAD_ENV
from django_tasks_db.management.commands import db_worker

from summit.beat import Beat

logger = logging.getLogger(__name__)


class Command(db_worker.Command):
    def handle(self, *, worker_id: str, reload: bool, **options: Any) -> None:
        if reload and os.environ.get(DJANGO_AUTORELOAD_ENV) != "true":
            # Only looks after the process that works.
            super().handle(worker_id=worker_id, reload=reload, **options)
            return
        # Whoever ends it because it hangs is told where it stood.
        faulthandler.enable()
        with Beat(worker_id):
            try:
                super().handle(worker_id=worker_id, reload=reload, **options)
            except Exception:
                # The database is away, mostly. In the log's own form, which names nobody; a traceback might.
                logger.exception("The worker ends, to be started again")
                sys.exit(1)
