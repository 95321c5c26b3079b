"""The programme in people's calendars, read back by an iCalendar parser."""

import datetime

import pytest
from django.utils import timezone
from icalendar import Calendar

from tests.factories import live as make
from tests.factories.discussion import event_page, proposition_page

pytestmark = pytest.mark.django_db

STARTS = datetime.datetime(2026, 11, 20, 14, 0, tzinfo=datetime.UTC)


@pytest.fixture
def event():
    return event_page(title="The Harvest; Summit, 2026", venue="The Corn Exchange, Wexcombe")


@pytest.fixture
def session(event):
    session = make.live_session(proposition_page(event, title="Ferries are roads", number=3), starts_at=STARTS)
    page = session.page
    page.title, page.room, page.introduction = (
        "Who pays; and when?",
        "Long Gallery",
        "<p>Bring <b>one</b> bill &amp; a pen.</p><p>Coffee after.</p>",
    )
    page.save_revision().publish()
    session.refresh_from_db()
    return session


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert not answer.cookies
    return answer, Calendar.from_ical(answer.content)


def test_programme_is_a_feed_of_every_announced_session(client, event, session):
    make.live_session(proposition_page(event), starts_at=STARTS + datetime.timedelta(days=1))
    rehearsal = make.live_session(proposition_page(event), starts_at=STARTS)
    type(rehearsal).objects.filter(pk=rehearsal.pk).update(is_rehearsal=True)

    _, calendar = read(client, f"/events/{event.slug}/programme.ics")

    assert calendar["X-WR-CALNAME"] == "The Harvest; Summit, 2026"
    assert calendar["METHOD"] == "PUBLISH"
    first, _ = calendar.walk("VEVENT")
    assert first["SUMMARY"] == "Who pays; and when?"
    assert first.decoded("DTSTART") == STARTS
    assert first.decoded("DTEND") == STARTS + datetime.timedelta(hours=1)
    assert first["LOCATION"] == "Long Gallery, The Corn Exchange, Wexcombe"
    assert "Proposition 3: Ferries are roads" in first["DESCRIPTION"]
    assert "Bring one bill & a pen.\nCoffee after." in first["DESCRIPTION"]
    assert session.spoken_code in first["DESCRIPTION"]
    assert calendar.errors == []


def test_session_keeps_its_identity_when_it_is_moved(client, event, session):
    def entry():
        _, calendar = read(client, f"/live/{session.code}/session.ics")
        (found,) = calendar.walk("VEVENT")
        return found

    type(session.page).objects.update(last_published_at=timezone.now() - datetime.timedelta(days=1))
    before = entry()
    session.page.starts_at = STARTS + datetime.timedelta(hours=2)
    session.page.slug = "another-address"
    session.page.save_revision().publish()
    after = entry()

    assert after["UID"] == before["UID"]
    assert after.decoded("DTSTART") == before.decoded("DTSTART") + datetime.timedelta(hours=2)
    assert after.decoded("LAST-MODIFIED") > before.decoded("LAST-MODIFIED")


def test_session_is_a_file_with_the_pages_name(client, session):
    answer, _ = read(client, f"/live/{session.code}/session.ics")

    assert answer["Content-Disposition"] == f'attachment; filename="{session.page.slug}.ics"'


def test_what_is_not_announced_has_no_calendar(client, event, session):
    session.page.unpublish()
    assert client.get(f"/live/{session.code}/session.ics").status_code == 404
    event.unpublish()
    assert client.get(f"/events/{event.slug}/programme.ics").status_code == 404
    assert client.get("/live/AAAAAA/session.ics").status_code == 404


def test_pages_lead_to_the_calendar(client, event, session):
    assert f"/events/{event.slug}/programme.ics" in client.get(event.get_url()).text
    assert f"/live/{session.code}/session.ics" in client.get(session.page.get_url()).text


def test_session_at_the_end_of_time_leaves_the_programme_readable(client, event, session):
    make.live_session(proposition_page(event), starts_at=datetime.datetime(9999, 12, 31, 23, 59, tzinfo=datetime.UTC))

    _, calendar = read(client, f"/events/{event.slug}/programme.ics")

    assert [entry.decoded("DTSTART").year for entry in calendar.walk("VEVENT")] == [2026, 9999]
