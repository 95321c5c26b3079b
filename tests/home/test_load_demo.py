import datetime
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from events.models import EventPage, Phase
from home.demo import event
from people.models import Person, User
from propositions.models import PropositionPage

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo, loaded once for all tests of this module, and what the command said. Each test's changes are undone."""
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        around = transaction.atomic()
        around._from_testcase = True
        with around:
            yield _load()
            transaction.set_rollback(True)


def _load() -> str:
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def _counts() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }


def test_load_demo_twice_adds_nothing(demo):
    before = _counts()

    said = _load()

    assert _counts() == before
    assert said.startswith("The demo summit is here already.")


def test_load_demo_introduces_everybody_who_signs_in(demo):
    for user in User.objects.all():
        assert user.email in demo
    assert "/accounts/login/" in demo
    assert "/mail/" in demo


def test_load_demo_lands_on_the_second_day_of_three(demo):
    page = EventPage.objects.get(slug=event.EVENT_SLUG)

    today = timezone.localdate()
    assert (page.starts_on, page.ends_on) == (today - datetime.timedelta(1), today + datetime.timedelta(1))
    assert page.phase == Phase.DURING


def test_load_demo_puts_five_propositions_with_facilitators(demo):
    page = EventPage.objects.get(slug=event.EVENT_SLUG)

    propositions = PropositionPage.objects.child_of(page).live().order_by("number")

    assert [proposition.number for proposition in propositions] == [1, 2, 3, 4, 5]
    assert all(proposition.facilitators for proposition in propositions)
    assert all(proposition.resources.count() == 2 for proposition in propositions)


def test_load_demo_gives_accounts_to_people_with_confirmed_addresses(demo):
    for user in User.objects.all():
        assert user.emailaddress_set.get().verified
        assert user.person.name == user.get_full_name()
    assert Person.objects.filter(user=None).exists()


@pytest.mark.parametrize(
    "address", ["/about/", "/privacy/", "/accessibility/", "/people/", "/people/ifeoma-ashworth/", "/search/?q=queue"]
)
def test_load_demo_pages_open(demo, address):
    assert Client().get(address).status_code == 200
