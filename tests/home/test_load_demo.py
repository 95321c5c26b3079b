import datetime
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from discussion.choices import CommentState
from discussion.models import Comment
from events.models import EventPage, Phase
from gathering.models import Entry
from home.demo import event
from people.models import User
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


def test_load_demo_introduces_people_who_can_sign_in(demo):
    introduced = [user.email for user in User.objects.all() if user.email in demo]

    assert len(introduced) >= 10
    assert set(User.objects.exclude(groups=None).values_list("email", flat=True)) <= set(introduced)
    assert "/accounts/login/" in demo
    assert "/mail/" in demo


def test_load_demo_lands_on_the_second_day_of_three(demo):
    page = _event()

    today = timezone.localdate()
    assert (page.starts_on, page.ends_on) == (today - datetime.timedelta(1), today + datetime.timedelta(1))
    assert page.phase == Phase.DURING


def test_load_demo_puts_five_propositions_with_facilitators(demo):
    page = _event()

    propositions = PropositionPage.objects.child_of(page).live().order_by("number")

    assert [proposition.number for proposition in propositions] == [1, 2, 3, 4, 5]
    assert all(proposition.facilitators for proposition in propositions)
    assert all(proposition.resources.count() == 2 for proposition in propositions)


def test_load_demo_gives_accounts_to_people_with_confirmed_addresses(demo):
    for user in User.objects.all():
        assert user.emailaddress_set.get().verified
        assert user.person.name == user.get_full_name()


@pytest.mark.parametrize(
    "address", ["/about/", "/privacy/", "/accessibility/", "/people/", "/people/ifeoma-ashworth/", "/search/?q=queue"]
)
def test_load_demo_pages_open(demo, address):
    assert Client().get(address).status_code == 200


def test_load_demo_fills_threads_below_every_proposition(demo):
    for number, least in {1: 20, 2: 25, 3: 15, 4: 12, 5: 12}.items():
        page = PropositionPage.objects.get(number=number, path__startswith=_event().path)
        found = Comment.objects.filter(page=page)
        assert found.count() >= least
        assert found.filter(is_facilitator=True).exists()
        assert max(found.values_list("level", flat=True)) >= 2
    assert Comment.objects.filter(state=CommentState.PUBLISHED).count() >= 80
    assert max(Comment.objects.values_list("level", flat=True)) >= 3


def test_load_demo_shows_what_moderators_and_authors_do(demo):
    states = {state: Comment.objects.filter(state=state).get() for state in ("held", "hidden", "withdrawn")}

    assert states["held"].hold_reason
    assert states["hidden"].hide_reason
    assert set(Comment.objects.values_list("consent", flat=True)) == {"named", "role", "anonymous", "none"}
    assert Comment.objects.filter(comment__contains="\n5. ").exists()


def test_load_demo_says_nothing_in_the_future(demo):
    now = timezone.now()

    assert not Comment.objects.filter(submit_date__gt=now).exists()
    assert not Entry.objects.filter(said_at__gt=now).exists()


def test_load_demo_archives_last_year(demo):
    page = EventPage.objects.get(slug=event.PAST_SLUG)

    assert page.phase == Phase.ARCHIVED
    assert Comment.objects.filter(page__path__startswith=page.path).count() >= 9


def _event() -> EventPage:
    return EventPage.objects.get(slug=event.EVENT_SLUG)
