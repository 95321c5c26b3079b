"""A crowd waits for its turn instead of taking all connections of the database."""

import asyncio
import threading

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from summit.turns import InTurn


class Page:
    """An application that answers once it is let, and notes how many it answers at once."""

    def __init__(self):
        self.now = self.most = 0
        self.may_answer = asyncio.Event()

    async def __call__(self, scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        self.now += 1
        self.most = max(self.most, self.now)
        await self.may_answer.wait()
        self.now -= 1
        await send({"type": "http.response.start"})
        await send({"type": "http.response.body"})


def whole_request():
    async def receive():
        return {"type": "http.request"}

    return receive


async def ask(application, receive, path="/", send=None):
    sent = []

    async def note(message):
        sent.append(message["type"])

    await application({"type": "http", "path": path}, receive, send or note)
    return sent


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


async def test_crowd_is_answered_a_few_at_a_time():
    page = Page()
    application = InTurn(page, 3)
    crowd = [asyncio.create_task(ask(application, whole_request())) for _ in range(10)]
    await until(lambda: page.now == 3)

    page.may_answer.set()

    assert await asyncio.gather(*crowd) == [["http.response.start", "http.response.body"]] * 10
    assert page.most == 3


async def test_reader_who_takes_the_answer_slowly_holds_no_turn():
    page, taken = Page(), asyncio.Event()
    page.may_answer.set()
    application = InTurn(page, 1)

    async def take_slowly(message):
        await taken.wait()

    slow = asyncio.create_task(ask(application, whole_request(), send=take_slowly))
    async with asyncio.timeout(10):
        assert await ask(application, whole_request())
    taken.set()
    await slow


async def test_request_that_comes_slowly_holds_no_turn():
    page, arrived = Page(), asyncio.Event()
    page.may_answer.set()
    application = InTurn(page, 1)
    parts = [{"type": "http.request", "more_body": True}, {"type": "http.request"}]

    async def receive_slowly():
        if len(parts) == 1:
            await arrived.wait()
        return parts.pop(0)

    slow = asyncio.create_task(ask(application, receive_slowly))
    async with asyncio.timeout(10):
        assert await ask(application, whole_request())
    arrived.set()
    assert await slow


@pytest.mark.parametrize("ends_by", ["error", "cancelling"])
async def test_request_that_ends_badly_gives_its_turn_back(ends_by):
    at_work = asyncio.Event()

    async def fail(scope, receive, send):
        await receive()
        if scope["path"] == "/good/":
            await send({"type": "http.response.start"})
        elif ends_by == "error":
            raise ValueError
        else:
            at_work.set()
            await asyncio.Event().wait()

    application = InTurn(fail, 1)
    bad = asyncio.create_task(ask(application, whole_request()))
    if ends_by == "cancelling":
        await at_work.wait()
        bad.cancel()
    await asyncio.gather(bad, return_exceptions=True)

    async with asyncio.timeout(10):
        assert await ask(application, whole_request(), "/good/") == ["http.response.start"]


async def test_monitor_waits_for_nobody():
    page = Page()
    application = InTurn(page, 1)
    waiting = [asyncio.create_task(ask(application, whole_request())) for _ in range(3)]
    await until(lambda: page.now == 1)

    monitor = asyncio.create_task(ask(application, whole_request(), "/health/live"))
    await until(lambda: page.now == 2)

    page.may_answer.set()
    await asyncio.gather(monitor, *waiting)


class Working:
    """An application that works in its thread until it is let, as Django does."""

    def __init__(self):
        self.threads, self.kept_for, self.begun = [], set(), 0
        self.may_end = threading.Event()

    def work(self):
        self.threads.append(threading.get_ident())
        self.kept_for.add(connection.settings_dict["CONN_MAX_AGE"])
        assert self.may_end.wait(10)

    async def __call__(self, scope, receive, send):
        await receive()
        self.begun += 1
        await sync_to_async(self.work)()
        await send({"type": "http.response.start"})
        await send({"type": "http.response.body"})


async def test_thread_and_its_connection_are_kept_for_the_next_request():
    working = Working()
    working.may_end.set()
    application = InTurn(working, 3)

    for _ in range(5):
        await ask(application, whole_request())

    assert len(set(working.threads)) == 1
    assert working.kept_for == {600}
    # Other threads end with what they do: what they kept would be lost.
    assert connection.settings_dict["CONN_MAX_AGE"] == 0


async def test_requests_at_the_same_time_have_threads_of_their_own():
    working = Working()
    application = InTurn(working, 3)

    asked = [asyncio.create_task(ask(application, whole_request())) for _ in range(3)]
    await until(lambda: len(working.threads) == 3)
    working.may_end.set()
    await asyncio.gather(*asked)

    assert len(set(working.threads)) == 3


async def test_thread_that_works_for_somebody_who_left_is_lent_to_nobody_yet():
    working = Working()
    application = InTurn(working, 1)
    left = asyncio.create_task(ask(application, whole_request()))
    await until(lambda: working.threads)
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)

    next_one = asyncio.create_task(ask(application, whole_request()))
    for _ in range(50):
        await asyncio.sleep(0)
    begun = working.begun
    working.may_end.set()
    await next_one

    assert begun == 1
    assert working.begun == 2


async def test_who_has_waited_long_enough_is_asked_to_come_again():
    page, sent = Page(), []
    application = InTurn(page, 1, patience=0.01)
    first = asyncio.create_task(ask(application, whole_request()))
    await until(lambda: page.now == 1)

    async def note(message):
        sent.append(message)

    await application({"type": "http", "path": "/"}, whole_request(), note)

    assert sent[0]["status"] == 503
    assert (b"retry-after", b"5") in sent[0]["headers"]
    page.may_answer.set()
    assert await first
    # Whoever gave up holds no turn.
    assert await ask(application, whole_request())
