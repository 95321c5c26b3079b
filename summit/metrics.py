"""What a monitor asks of each process every few seconds: `GET /metrics`, in Prometheus's format."""

import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_tasks_db.models import DBTaskResult
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from content.models import Letter
from live.writer import written
from realtime import hub
from realtime.models import Event
from summit import beat, clock
from summit.counting import ANSWERS, REGISTRY, SECONDS

Application = Callable[[dict[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[Any]]


class Counted:
    """Counts and times the answers of an application. Long polls stand apart: they are meant to take long."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        begun = time.perf_counter()
        # What ends without an answer is one that nobody waited for.
        status = "none"

        async def send_and_note(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self.application(scope, receive, send_and_note)
        finally:
            ANSWERS.labels(status).inc()
            SECONDS.observe(time.perf_counter() - begun)


class RoomCollector(Collector):
    """The live rooms of this process: sums over processes are the whole."""

    def collect(self) -> Iterator[Any]:
        states = hub.states()
        yield GaugeMetricFamily(
            "summit_sockets", "Readers connected to live rooms.", sum(one.readers for one in states)
        )
        yield GaugeMetricFamily(
            "summit_sockets_behind", "Readers that have not taken their last frame.", sum(one.behind for one in states)
        )
        yield GaugeMetricFamily(
            "summit_unsent", "Contributions waiting on phones, as these say.", sum(one.unsent for one in states)
        )
        rooms = sum(state.readers > 0 for state in states)
        yield GaugeMetricFamily("summit_hubs", "Live rooms that somebody is connected to.", rooms)
        yield CounterMetricFamily(
            "summit_contributions", "Contributions stored and acknowledged.", written.contributions
        )
        yield CounterMetricFamily(
            "summit_contributions_refused", "Contributions refused, for any reason.", written.refused
        )
        yield CounterMetricFamily("summit_batches", "Transactions that stored contributions.", written.batches)
        yield CounterMetricFamily("summit_batch_seconds", "Time these took.", written.seconds)


class DatabaseCollector(Collector):
    """What only the database knows. The same from every process, but for the lag of its own hubs."""

    def collect(self) -> Iterator[Any]:
        is_up = GaugeMetricFamily("summit_database_up", "Whether the database answers.", 1)
        try:
            with transaction.atomic():
                found = [self._lag(hub.states()), *self._queue(), *self._letters(), *self._clock()]
        except DatabaseError:
            is_up = GaugeMetricFamily("summit_database_up", "Whether the database answers.", 0)
            found = []
        yield is_up
        yield from found

    def _lag(self, states: Iterable[hub.State]) -> GaugeMetricFamily:
        """Of the hub that is furthest behind its log: since when it has not read what is there."""
        oldest = 0.0
        now = timezone.now()
        for state in states:
            if state.seq is None:
                continue
            unread = Event.objects.filter(stream_id=state.stream_id, seq__gt=state.seq).order_by("seq")
            for written_at in unread.values_list("created_at", flat=True)[:1]:
                oldest = max(oldest, (now - written_at).total_seconds())
        return GaugeMetricFamily("summit_hub_lag_seconds", "Age of the oldest event not read by its hub.", oldest)

    def _queue(self) -> Iterator[GaugeMetricFamily]:
        counted = dict(DBTaskResult.objects.order_by().values_list("status").annotate(Count("pk")))
        tasks = GaugeMetricFamily("summit_tasks", "Background tasks by state.", labels=["state"])
        for state in ("READY", "RUNNING", "FAILED"):
            tasks.add_metric([state.lower()], counted.get(state, 0))
        yield tasks
        oldest = DBTaskResult.objects.ready().order_by().aggregate(Min("enqueued_at"))["enqueued_at__min"]
        yield GaugeMetricFamily("summit_task_wait_seconds", "How long the oldest task has waited.", _age(oldest))
        workers = beat.living(timezone.now())
        yield GaugeMetricFamily("summit_workers", "Workers that gave a sign of life within a minute.", len(workers))
        since = min((one.task_since for one in workers if one.task_since), default=None)
        yield GaugeMetricFamily("summit_worker_task_seconds", "How long one has been at its task.", _age(since))

    def _letters(self) -> Iterator[GaugeMetricFamily]:
        waiting = Letter.objects.aggregate(Count("pk"), Min("created_at"))
        yield GaugeMetricFamily("summit_letters", "Letters that the mail server has not taken.", waiting["pk__count"])
        yield GaugeMetricFamily(
            "summit_letter_wait_seconds", "How long the oldest has waited.", _age(waiting["created_at__min"])
        )

    def _clock(self) -> Iterator[GaugeMetricFamily]:
        since = GaugeMetricFamily(
            "summit_clock_seconds", "How long ago what is due by the clock was last done.", labels=["name"]
        )
        failed = GaugeMetricFamily("summit_clock_failed", "Whether its last try failed.", labels=["name"])
        for state in clock.states():
            since.add_metric([state.duty.name], _age(state.done_at))
            failed.add_metric([state.duty.name], int(state.has_failed))
        yield since
        yield failed


REGISTRY.register(RoomCollector())
REGISTRY.register(DatabaseCollector())


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever knows the token; for everybody else there is no such page."""
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not secrets.compare_digest(
        request.headers.get("Authorization", "").encode(), expected.encode()
    ):
        raise Http404
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _age(moment: Any) -> float:
    return (timezone.now() - moment).total_seconds() if moment else 0.0
