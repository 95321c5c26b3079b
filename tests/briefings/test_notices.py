"""What those who keep a briefing are told when something about it changed without them."""

import datetime
import json

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import PageLogEntry, Revision

from tests.factories.briefings import Ready, make_organiser, make_ready_briefing, point_block

pytestmark = pytest.mark.django_db


def schedule(ready: Ready, minutes_ago: int) -> Revision:
    """Have the schedule find a draft whose hour has come."""
    moment = timezone.now() - datetime.timedelta(minutes=minutes_ago)
    ready.briefing.go_live_at = moment
    revision = ready.briefing.save_revision()
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=moment)
    return revision


def test_unready_briefing_comes_off_the_schedule_and_the_pages_after_it_are_published(
    ready, django_capture_on_commit_callbacks
):
    organiser = make_organiser()
    other = make_ready_briefing()
    ready.briefing.points = json.dumps(
        [point_block("", block_id=ready.points[0].pk), *ready.briefing.points.get_prep_value()[1:]]
    )
    unready = schedule(ready, minutes_ago=20)
    schedule(other, minutes_ago=10)

    with django_capture_on_commit_callbacks(execute=True):
        call_command("publish_scheduled")

    for one in (ready, other):
        one.briefing.refresh_from_db()
    assert (ready.briefing.live, other.briefing.live) == (False, True)
    unready.refresh_from_db()
    assert unready.approved_go_live_at is None
    logged = PageLogEntry.objects.get(action="briefings.unschedule_unready")
    assert logged.page_id == ready.briefing.pk
    assert "Point 1 has no heading." in logged.data["problems"]
    told = [message for message in mail.outbox if message.subject.startswith("Not published as scheduled")]
    assert [message.to for message in told] == [[organiser.email]]
    assert "  – Point 1 has no heading.\n" in told[0].body
    assert f"/pages/{ready.briefing.pk}/edit/" in told[0].body

    with django_capture_on_commit_callbacks(execute=True):
        call_command("publish_scheduled")
    assert PageLogEntry.objects.filter(action="briefings.unschedule_unready").count() == 1
