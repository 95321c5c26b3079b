import datetime

import pytest
from django.utils import timezone

from home.demo.loading import next_session_at
from home.demo.shapes import When


def _at(hour: int, minute: int = 0) -> datetime.datetime:
    return datetime.datetime(2026, 11, 21, hour, minute, tzinfo=timezone.get_default_timezone())


def test_moments_count_back_from_the_loading():
    now = _at(15, 20)

    assert When(minutes=95).at(now) == _at(13, 45)
    assert When(3, "10.05").at(now).isoformat(timespec="minutes") == "2026-11-18T10:05+00:00"


def test_moments_keep_their_time_of_day_when_the_clocks_have_changed():
    assert When(60, "10.05").at(_at(15)).isoformat(timespec="minutes") == "2026-09-22T10:05+01:00"


def test_moments_are_never_to_come():
    now = _at(0, 5)

    assert When(0, "10.05").at(now) == now


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (_at(0, 5), _at(14)),
        (_at(9, 40), _at(14)),
        (_at(12, 10), _at(14, 30)),
        (_at(16, 30), _at(19)),
        (_at(16, 45), _at(19)),
        (_at(17, 1), _at(9, 30) + datetime.timedelta(days=1)),
        (_at(23, 59), _at(9, 30) + datetime.timedelta(days=1)),
    ],
)
def test_session_to_come_is_this_afternoon_or_tomorrow_morning(now, expected):
    assert next_session_at(now) == expected
