"""The tests' own ground: a fault here would make other tests lie."""

import httpx
import pytest
from asgiref.sync import sync_to_async
from wagtail.models import Page, Site

from tests.live_site import LiveSite


@pytest.mark.django_db
def test_database_is_migrated():
    assert Page.objects.filter(depth=1).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", [1, 2])
def test_transactional_test_leaves_what_migrations_wrote(attempt):
    assert Site.objects.count() == 1

    Site.objects.all().delete()


@pytest.mark.django_db(transaction=True)
async def test_asynchronous_test_sees_the_database():
    await Page.objects.filter(depth=1).aupdate(title="From a thread")

    assert await sync_to_async(lambda: Page.objects.get(depth=1).title)() == "From a thread"


def test_live_site_serves_what_the_test_wrote(live_site: LiveSite, django_user_model):
    user = django_user_model.objects.create_superuser("organiser@example.org")
    cookie = live_site.session_cookie(user)

    answer = httpx.get(f"{live_site.url}/admin/", cookies={cookie["name"]: cookie["value"]})

    assert answer.status_code == 200
    assert "organiser@example.org" in answer.text


def test_live_site_has_a_database_of_its_own(live_site: LiveSite, django_user_model):
    assert django_user_model.objects.count() == 0


def test_live_site_starts_again_where_it_was(live_site: LiveSite):
    before = live_site.url
    live_site.stop()

    live_site.start()

    assert live_site.url == before
    assert httpx.get(f"{before}/accounts/login/").status_code == 200


def test_redis_answers(redis_url):
    import redis  # noqa: PLC0415

    assert redis.Redis.from_url(redis_url).ping()


def test_postgres_answers(postgres_server):
    import psycopg  # noqa: PLC0415

    with psycopg.connect(postgres_server.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_visitors_are_apart(new_visitor, django_user_model, live_site):
    user = django_user_model.objects.create_superuser("organiser@example.org")
    organiser, reader = new_visitor(user=user), new_visitor()

    organiser.open("/admin/")
    reader.open("/admin/")

    assert organiser.page.url == f"{live_site.url}/admin/"
    assert reader.page.url == f"{live_site.url}/accounts/login/?next=/admin/"


async def test_asynchronous_test_writes_to_the_live_site(live_site: LiveSite, django_user_model):
    user = await django_user_model.objects.acreate(email="delegate@example.org")

    assert [found.pk async for found in django_user_model.objects.all()] == [user.pk]
