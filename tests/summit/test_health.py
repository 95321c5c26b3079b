import datetime

import httpx
import pytest
from channels.layers import channel_layers
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from content.models import Letter
from summit import health


def test_live_process_answers_without_a_database(client):
    answer = client.get(reverse("health_live"))

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_site_names_what_it_leans_on(client):
    answer = client.get(reverse("health_ready"))

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "cache": "ok", "channel_layer": "ok"}
    assert "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_site_without_its_database_is_not_ready(client):
    def refuse(*args):
        raise ConnectionError("gone")

    with connection.execute_wrapper(refuse):
        answer = client.get(reverse("health_ready"))

    assert answer.status_code == 503
    assert answer.json()["database"] == "failed"


@pytest.mark.django_db
def test_site_whose_cache_and_layer_are_gone_says_so_and_serves(client, settings, redis_server):
    # Taking every process out because Redis is gone would make an outage of what is only slower.
    redis_server.stop()
    try:
        gone = {"BACKEND": "summit.cache.RedisCache", "LOCATION": redis_server.url}
        settings.CACHES = {"default": gone, "readers": gone}
        config = {"hosts": [{"address": redis_server.url}]}
        layer = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": config}
        settings.CHANNEL_LAYERS = {"default": layer}
        channel_layers.backends = {}

        answer = client.get(reverse("health_ready"))
        alone = client.get(reverse("health", args=["channel_layer"]))
    finally:
        channel_layers.backends = {}
        redis_server.start()

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "cache": "failed", "channel_layer": "failed"}
    assert alone.status_code == 503


@pytest.mark.django_db
def test_everything_is_well_at_first(client):
    answer = client.get(reverse("health", args=["all"]))

    assert answer.status_code == 200
    assert answer.json() == dict.fromkeys(health.CHECKS, "ok")
    assert client.get(reverse("health", args=["weather"])).status_code == 404


@pytest.mark.django_db
def test_queue_that_nobody_works_on_is_told(client):
    task = DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}}, task_path="x.y", backend_name="default", run_after=timezone.now()
    )
    assert client.get(reverse("health", args=["worker"])).status_code == 200

    since = timezone.now() - datetime.timedelta(minutes=5)
    DBTaskResult.objects.filter(pk=task.pk).update(enqueued_at=since, run_after=since)
    answer = client.get(reverse("health", args=["worker"]))

    assert answer.status_code == 503
    assert answer.json() == {"worker": "1 tasks have waited for more than two minutes. Does the worker run?"}


@pytest.mark.django_db
def test_letters_that_nobody_takes_are_told(client):
    moment = timezone.now()
    letter = Letter.objects.create(
        to="delegate@example.org", from_email="summit@example.org", subject="Code", body="1", expires_at=moment
    )
    assert client.get(reverse("health", args=["mail"])).status_code == 200

    Letter.objects.filter(pk=letter.pk).update(created_at=moment - datetime.timedelta(hours=1))
    answer = client.get(reverse("health", args=["mail"]))

    assert answer.status_code == 503
    assert "delegate" not in answer.text


def test_full_disk_is_told(client, monkeypatch):
    monkeypatch.setattr(health, "LEAST_DISK", 10**18)

    answer = client.get(reverse("health", args=["disk"]))

    assert answer.status_code == 503
    assert "MB of disk are left" in answer.json()["disk"]


def test_monitor_may_ask_by_address(live_site):
    live_site.settings["METRICS_TOKEN"] = "known-to-the-monitor-alone"
    asked = {"Host": "10.9.8.7:8001"}

    ready = httpx.get(f"{live_site.url}/health/ready", headers=asked)
    told = httpx.get(
        f"{live_site.url}/metrics", headers={**asked, "Authorization": "Bearer known-to-the-monitor-alone"}
    )
    page = httpx.get(f"{live_site.url}/search/", headers=asked)

    assert (ready.status_code, told.status_code, page.status_code) == (200, 200, 400)
    # The page that was refused came before no other: what came before it is counted.
    assert 'summit_answers_total{status="200"} 1.0' in told.text
    assert "summit_database_up 1.0" in told.text
