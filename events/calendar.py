"""How an event's days and phases are said: "13–15 October 2026", "now, day two of three"."""

import datetime
from dataclasses import dataclass

from django.utils.dateformat import format as format_date

from events.choices import Phase

DAY = datetime.timedelta(days=1)
ORDINARY_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class PhaseStep:
    """One of the three columns of the phase strip."""

    phase: Phase
    when: str
    is_current: bool
    is_past: bool


def number_in_words(number: int) -> str:
    """Numbers up to ten as words, as in running text."""
    return ORDINARY_NUMBERS[number] if number < len(ORDINARY_NUMBERS) else str(number)


def days_of(first: datetime.date, last: datetime.date) -> str:
    """The days alone, as on a poster: "13–15", or "30–2" across the end of a month."""
    return str(first.day) if first == last else f"{first.day}–{last.day}"


def months_of(first: datetime.date, last: datetime.date) -> str:
    """The month and year that belong below the days."""
    if (first.year, first.month) == (last.year, last.month):
        return format_date(first, "F Y")
    if first.year == last.year:
        return f"{format_date(first, 'F')}–{format_date(last, 'F Y')}"
    return f"{format_date(first, 'F Y')}–{format_date(last, 'F Y')}"


def dates_of(first: datetime.date, last: datetime.date) -> str:
    """The dates on one line: "13–15 October 2026", "30 September – 2 October 2026"."""
    if first == last:
        return format_date(first, "j F Y")
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{format_date(last, 'j F Y')}"
    start = format_date(first, "j F" if first.year == last.year else "j F Y")
    return f"{start} – {format_date(last, 'j F Y')}"


def phase_steps(
    *,
    phase: Phase,
    today: datetime.date,
    starts_on: datetime.date,
    ends_on: datetime.date,
    briefings_from: datetime.date | None,
) -> list[PhaseStep]:
    """Before, during and after, each with its time said as seen from today."""
    order = [Phase.BEFORE, Phase.DURING, Phase.AFTER]
    position = order.index(phase) if phase in order else len(order)
    words = {
        Phase.BEFORE: _before(position, starts_on),
        Phase.DURING: _during(position, today, starts_on, ends_on),
        Phase.AFTER: _after(position, ends_on, briefings_from),
    }
    return [
        PhaseStep(phase=step, when=words[step], is_current=index == position, is_past=index < position)
        for index, step in enumerate(order)
    ]


def _before(position: int, starts_on: datetime.date) -> str:
    last = starts_on - min(DAY, starts_on - datetime.date.min)
    return f"now, until {format_date(last, 'j F')}" if position == 0 else f"closed {format_date(last, 'j F')}"


def _during(position: int, today: datetime.date, starts_on: datetime.date, ends_on: datetime.date) -> str:
    days = (ends_on - starts_on).days + 1
    day = (today - starts_on).days + 1
    if position != 1:
        return dates_of(starts_on, ends_on).rsplit(" ", 1)[0]
    if days == 1 or not 1 <= day <= days:
        return "now"
    return f"now, day {number_in_words(day)} of {number_in_words(days)}"


def _after(position: int, ends_on: datetime.date, briefings_from: datetime.date | None) -> str:
    # Dates end somewhere: a page may be wrong about them and still has to be read.
    first = briefings_from or ends_on + min(DAY, datetime.date.max - ends_on)
    return f"now, since {format_date(ends_on, 'j F')}" if position == 2 else f"from {format_date(first, 'j F')}"
