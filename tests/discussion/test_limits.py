"""So many times within so long, whoever does it at once."""

import threading
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.core.cache.backends import base, locmem

from discussion.limits import Limit


@pytest.fixture
def later(monkeypatch):
    """A clock of the cache that can be put forward."""
    clock = SimpleNamespace(now=1_000_000.0)
    for module in (base, locmem):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: clock.now))

    def put_forward(seconds):
        clock.now += seconds

    return put_forward


def test_limit_begins_with_the_first_and_what_was_too_much_does_not_prolong_it(later):
    limit = Limit("test", most=2, seconds=60)

    answers = [limit.take("a"), limit.take("a"), limit.take("a"), limit.take("b")]
    later(59)
    still = limit.take("a")
    later(2)

    assert (answers, still) == ([True, True, False, True], False)
    assert limit.take("a") is True


def test_what_is_given_back_can_be_taken_again():
    limit = Limit("test", most=1, seconds=60)
    limit.give_back("a")
    limit.take("a")
    limit.give_back("a")

    assert (limit.take("a"), limit.take("a")) == (True, False)


def test_counter_that_ran_out_while_it_was_counted_ends_again(monkeypatch):
    """Redis counts from nothing in that moment, and would count for ever."""
    limit = Limit("test", most=1, seconds=60)
    limit.take("a")
    monkeypatch.setattr(cache, "incr", lambda place: 1)
    touched = []
    monkeypatch.setattr(cache, "touch", lambda place, seconds: touched.append(seconds))

    assert limit.take("a") is True
    assert touched == [60]


def test_counter_that_ran_out_just_before_it_was_counted_begins_anew(monkeypatch):
    limit = Limit("test", most=1, seconds=60)
    limit.take("a")

    def incr(place):
        monkeypatch.undo()
        cache.delete(place)
        raise ValueError(place)

    monkeypatch.setattr(cache, "incr", incr)

    assert (limit.take("a"), limit.take("a")) == (True, False)


def test_fifty_at_once_get_no_more_than_there_are():
    limit = Limit("test", most=10, seconds=60)
    barrier = threading.Barrier(50)
    answers = []

    def take():
        barrier.wait()
        answers.append(limit.take("a"))

    threads = [threading.Thread(target=take) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False] * 40 + [True] * 10
