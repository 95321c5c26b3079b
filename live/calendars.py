"""The programme as iCalendar (RFC 5545): a feed that calendars read again, and a file for one session."""

import datetime
from html import unescape

from django.conf import settings
from django.utils.html import strip_tags
from icalendar import Calendar, Event

from events.models import EventPage
from live import selectors
from live.models import LiveSession

TYPE = "text/calendar; charset=utf-8"
USUAL_LENGTH = datetime.timedelta(hours=1)
"""How long a session takes in a calendar if the organiser has not said when it ends."""
READ_AGAIN = datetime.timedelta(hours=1)


def programme_calendar(event: EventPage) -> bytes:
    """Every announced session of an event. Calendars that follow the feed are asked to read it again each hour."""
    calendar = _calendar()
    calendar.add("X-WR-CALNAME", event.title)
    calendar.add("NAME", event.title)
    calendar.add("REFRESH-INTERVAL", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    for session in selectors.programme(event):
        calendar.add_component(_entry(session, event))
    return calendar.to_ical()


def session_calendar(session: LiveSession, event: EventPage) -> bytes:
    """One session, to be put into a calendar once."""
    calendar = _calendar()
    calendar.add_component(_entry(session, event))
    return calendar.to_ical()


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", f"-//{settings.SITE_NAME}//Programme//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    return calendar


def _entry(session: LiveSession, event: EventPage) -> Event:
    """The session under a UID that stays when it is moved or renamed, so that calendars change it in place."""
    page = session.page
    starts_at = page.starts_at.astimezone(datetime.UTC)
    ends_at = page.ends_at.astimezone(datetime.UTC) if page.ends_at else _usual_end(starts_at)
    changed_at = (page.last_published_at or page.first_published_at or starts_at).astimezone(datetime.UTC)
    entry = Event()
    entry.add("UID", f"session-{page.translation_key}@summit")
    entry.add("DTSTAMP", changed_at)
    entry.add("LAST-MODIFIED", changed_at)
    entry.add("DTSTART", starts_at)
    entry.add("DTEND", ends_at)
    entry.add("SUMMARY", page.title)
    if place := ", ".join(part for part in (page.room, event.venue) if part):
        entry.add("LOCATION", place)
    entry.add("DESCRIPTION", _description(session))
    entry.add("URL", page.full_url or settings.BASE_URL)
    return entry


def _usual_end(starts_at: datetime.datetime) -> datetime.datetime:
    try:
        return starts_at + USUAL_LENGTH
    except OverflowError:  # somebody mistyped the year as 9999; that must not cost the others their calendar
        return starts_at


def _description(session: LiveSession) -> str:
    page = session.page
    lines = [f"Proposition {proposition.number}: {proposition.title}" for proposition in page.published_propositions]
    if page.introduction:
        lines.append(unescape(strip_tags(page.introduction.replace("</p>", "</p>\n"))).strip())
    lines += [f"Join with the code {session.spoken_code} at {settings.BASE_URL}/join/"]
    return "\n\n".join(lines)
