"""Which of several events is the current one."""

import datetime

import pytest
from django.utils import timezone
from wagtail.actions.copy_page import CopyPageAction

from events.models import EventPage, Phase
from people import roles
from tests.factories.discussion import event_page, member

pytestmark = pytest.mark.django_db


def publish(event, **fields):
    for name, value in fields.items():
        setattr(event, name, value)
    event.save_revision(user=member(roles.ORGANISERS)).publish()


def currents():
    return list(EventPage.objects.filter(is_current=True).values_list("title", flat=True))


def test_event_published_as_the_current_one_is_the_only_one():
    publish(event_page(title="This year’s"), is_current=True)
    publish(event_page(title="Last year’s"), is_current=True)

    assert currents() == ["Last year’s"]
    assert EventPage.objects.current().first().title == "Last year’s"


def test_event_that_gave_way_does_not_come_back_with_its_next_change():
    this, last = event_page(title="This year’s"), event_page(title="Last year’s")
    publish(this, is_current=True)
    publish(last, is_current=True)

    publish(EventPage.objects.get(pk=this.pk).get_latest_revision_as_object(), venue="The Corn Exchange")

    assert currents() == ["Last year’s"]


def test_event_that_gave_way_does_not_come_back_by_what_was_scheduled():
    this, last = event_page(title="This year’s"), event_page(title="Last year’s")
    publish(this, is_current=True)
    this.go_live_at = timezone.now() + datetime.timedelta(hours=1)
    scheduled = this.save_revision(approved_go_live_at=this.go_live_at)
    publish(last, is_current=True)

    scheduled.refresh_from_db()
    scheduled.as_object().save_revision().publish()

    assert currents() == ["Last year’s"]


def test_event_published_as_another_leaves_the_current_one_alone():
    publish(event_page(title="This year’s"), is_current=True)
    publish(event_page(title="Next year’s"))

    assert currents() == ["This year’s"]


def test_copy_of_an_event_is_not_current_and_follows_its_own_dates():
    event = event_page(is_current=True, phase_override=Phase.ARCHIVED)

    copy = CopyPageAction(event, update_attrs={"slug": "a-copy"}).execute(skip_permission_checks=True)

    assert (copy.is_current, copy.phase_override) == (False, "")
