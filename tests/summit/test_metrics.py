import asyncio
import logging

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection
from django.urls import reverse

from live.writer import written
from realtime import hub
from realtime.hub import Reader
from summit import metrics
from summit.counting import CountingHandler
from tests.factories.live import contribution, live_session, participant

TOKEN = "known-to-the-monitor-alone"


def told(client):
    answer = client.get(reverse("metrics"), headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))


@pytest.mark.django_db
@pytest.mark.parametrize("said", [None, "", "Bearer ", "Bearer another", f"bearer {TOKEN}"])
def test_stranger_finds_no_metrics(client, settings, said):
    settings.METRICS_TOKEN = TOKEN

    assert client.get(reverse("metrics"), headers={"Authorization": said} if said else {}).status_code == 404


@pytest.mark.django_db
def test_installation_without_a_token_has_none(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get(reverse("metrics"), headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_monitor_is_told_of_rooms_queue_and_letters(client, settings):
    settings.METRICS_TOKEN = TOKEN

    found = told(client)

    for name in ("sockets", "sockets_behind", "unsent", "hubs", "hub_lag_seconds", "letters", "task_wait_seconds"):
        assert float(found[f"summit_{name}"]) == 0, name
    assert found['summit_tasks{state="failed"}'] == "0.0"
    assert "summit_contributions_total" in found
    assert "process_resident_memory_bytes" in found


@pytest.mark.django_db
def test_monitor_is_told_that_the_database_is_gone(client, settings):
    settings.METRICS_TOKEN = TOKEN

    def refuse(*args):
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        found = told(client)

    assert found["summit_database_up"] == "0.0"
    assert "summit_sockets" in found


@pytest.mark.django_db
def test_errors_are_counted(client, settings, caplog):
    settings.METRICS_TOKEN = TOKEN
    before = float(told(client).get('summit_log_records_total{level="error"}', 0))
    CountingHandler().emit(logging.LogRecord("live", logging.ERROR, "", 0, "A command failed.", None, None))

    assert float(told(client)['summit_log_records_total{level="error"}']) == before + 1


def numbers():
    families = [*metrics.RoomCollector().collect(), *metrics.DatabaseCollector().collect()]
    return {sample.name: sample.value for family in families for sample in family.samples}


@pytest.mark.django_db(transaction=True)
async def test_room_is_counted_while_somebody_is_connected():
    session = await sync_to_async(live_session)()
    speaker = await sync_to_async(participant)(session)

    async def send(text):
        pass

    async def close(code):
        pass

    before = written.contributions
    room = hub.house().hub(session.stream_id)
    reader = Reader(send=send, close=close, audiences=frozenset({"all"}), person="somebody")
    room.add(reader)
    room.read_from(reader, 0)
    room.report_unsent(reader, 3)
    try:
        async with asyncio.timeout(20):
            while not room._knows_seq:
                await asyncio.sleep(0.01)
        # A hub that does not look: what is said now stays unread.
        room._task.cancel()
        await sync_to_async(contribution)(speaker)
        found = await sync_to_async(numbers)()
    finally:
        await hub.house().stop()

    assert found["summit_sockets"] == 1
    assert found["summit_unsent"] == 3
    assert found["summit_hubs"] == 1
    assert found["summit_hub_lag_seconds"] > 0
    assert written.contributions == before
