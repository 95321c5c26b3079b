"""How days and phases are said."""

import datetime

import pytest

from events.calendar import dates_of, days_of, months_of, number_in_words, phase_steps
from events.choices import Phase

OCTOBER_13, OCTOBER_15 = datetime.date(2026, 10, 13), datetime.date(2026, 10, 15)


@pytest.mark.parametrize(
    ("first", "last", "days", "months", "dates"),
    [
        (OCTOBER_13, OCTOBER_15, "13–15", "October 2026", "13–15 October 2026"),
        (OCTOBER_13, OCTOBER_13, "13", "October 2026", "13 October 2026"),
        (
            datetime.date(2026, 9, 30),
            datetime.date(2026, 10, 2),
            "30–2",
            "September–October 2026",
            "30 September – 2 October 2026",
        ),
        (
            datetime.date(2026, 12, 31),
            datetime.date(2027, 1, 1),
            "31–1",
            "December 2026–January 2027",
            "31 December 2026 – 1 January 2027",
        ),
    ],
)
def test_days_are_said_as_on_a_poster_and_on_a_line(first, last, days, months, dates):
    assert (days_of(first, last), months_of(first, last), dates_of(first, last)) == (days, months, dates)


@pytest.mark.parametrize(
    ("phase", "today", "said"),
    [
        (Phase.BEFORE, datetime.date(2026, 9, 1), ["now, until 12 October", "13–15 October", "from 2 November"]),
        (Phase.DURING, datetime.date(2026, 10, 14), ["closed 12 October", "now, day two of three", "from 2 November"]),
        (Phase.AFTER, datetime.date(2026, 10, 20), ["closed 12 October", "13–15 October", "now, since 15 October"]),
        (Phase.ARCHIVED, datetime.date(2027, 3, 1), ["closed 12 October", "13–15 October", "from 2 November"]),
        # An organiser may open a phase early.
        (Phase.DURING, datetime.date(2026, 10, 1), ["closed 12 October", "now", "from 2 November"]),
    ],
)
def test_phases_are_said_as_seen_from_today(phase, today, said):
    steps = phase_steps(
        phase=phase,
        today=today,
        starts_on=OCTOBER_13,
        ends_on=OCTOBER_15,
        briefings_from=datetime.date(2026, 11, 2),
    )

    assert [step.when for step in steps] == said
    assert [step.phase for step in steps if step.is_current] == ([phase] if phase != Phase.ARCHIVED else [])


def test_numbers_beyond_ten_are_figures():
    assert [number_in_words(number) for number in (1, 10, 11)] == ["one", "ten", "11"]


def test_phases_at_either_end_of_all_dates_are_said():
    steps = phase_steps(
        phase=Phase.DURING,
        today=OCTOBER_13,
        starts_on=datetime.date.min,
        ends_on=datetime.date.max,
        briefings_from=None,
    )

    assert (steps[0].when, steps[2].when) == ("closed 1 January", "from 31 December")
