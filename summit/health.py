"""Whether this process lives, whether readers may be sent to it, and how each thing does that the site leans on."""

import asyncio
import datetime
import logging
import shutil
import uuid
from collections.abc import Callable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_tasks_db.models import DBTaskResult

from content.models import Letter
from summit import beat, clock

logger = logging.getLogger(__name__)

LAYER_TIMEOUT = 2.0
# A worker takes a task within a second; a quarter of an hour is three tries of a letter.
TASKS_WAIT_AT_MOST = datetime.timedelta(minutes=2)
LETTERS_WAIT_AT_MOST = datetime.timedelta(minutes=15)
LEAST_DISK = 500_000_000


class Ill(Exception):
    """Why something is not well, in a sentence that anybody may read."""


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_cache() -> None:
    value = uuid.uuid4().hex
    cache.set("summit:health", value, 10)
    if cache.get("summit:health") is None:
        raise Ill("The cache forgets at once.")


def check_channel_layer() -> None:
    async_to_sync(_send_to_nobody)()


async def _send_to_nobody() -> None:
    layer = get_channel_layer()
    if layer is None:
        raise Ill("No channel layer is configured.")
    async with asyncio.timeout(LAYER_TIMEOUT):
        await layer.group_send("summit.health", {"type": "summit.health"})


def check_worker() -> None:
    since = timezone.now() - TASKS_WAIT_AT_MOST
    waiting = DBTaskResult.objects.ready().filter(enqueued_at__lt=since).count()
    if waiting:
        raise Ill(f"{waiting} tasks have waited for more than two minutes. Does the worker run?")
    if not beat.needs_worker():
        return
    now = timezone.now()
    workers = beat.living(now)
    if not workers:
        raise Ill("No worker has given a sign of life for a minute. Does it run?")
    if any(worker.task_since and now - worker.task_since > beat.ONE_TASK_AT_MOST for worker in workers):
        raise Ill("A worker has been at one task for more than an hour.")


def check_clock() -> None:
    """What is due every few minutes, every hour, every night."""
    if not beat.needs_worker():
        return
    troubles = [trouble for trouble in map(clock.trouble_of, clock.states()) if trouble]
    if troubles:
        raise Ill(" ".join(troubles))


def check_mail() -> None:
    waiting = Letter.objects.filter(created_at__lt=timezone.now() - LETTERS_WAIT_AT_MOST).count()
    if waiting:
        raise Ill(f"{waiting} letters have waited for more than a quarter of an hour. Does the mail server answer?")


def check_disk() -> None:
    free = shutil.disk_usage(settings.VAR_DIR).free
    if free < LEAST_DISK:
        raise Ill(f"{free // 1_000_000} MB of disk are left.")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "cache": check_cache,
    "channel_layer": check_channel_layer,
    "worker": check_worker,
    "clock": check_clock,
    "mail": check_mail,
    "disk": check_disk,
}
# Without it no page can be made. Everything else has a slower way round, so that a process without it still serves.
NEEDED = ("database",)
LEANED_ON = ("database", "cache", "channel_layer")


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. Ask this to decide whether to restart it."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Pages can be made. Ask this to decide whether to send readers here."""
    states = {name: "failed" if look(name) is not None else "ok" for name in LEANED_ON}
    return JsonResponse(states, status=503 if any(states[name] == "failed" for name in NEEDED) else 200)


@never_cache
@require_safe
def one(request: HttpRequest, name: str) -> HttpResponse:
    """How one thing does, or all of them. Ask this to decide whether to wake somebody."""
    if name != "all" and name not in CHECKS:
        raise Http404
    names = list(CHECKS) if name == "all" else [name]
    reasons = {each: look(each) for each in names}
    states = {each: "ok" if reason is None else reason for each, reason in reasons.items()}
    return JsonResponse(states, status=200 if set(states.values()) == {"ok"} else 503)


def look(name: str) -> str | None:
    """None if it is well, else why not."""
    try:
        CHECKS[name]()
    except Ill as ill:
        return str(ill)
    except Exception:
        logger.warning("Health check %s failed", name, exc_info=True)
        return "It does not answer."
    return None
