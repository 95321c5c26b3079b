import asyncio

import pytest

from summit.shutdown import AnswerWhenCancelled, LetGo


async def cancelled(application):
    """What is sent for a request that is cancelled while it waits."""
    sent = []

    async def send(message):
        sent.append(message)

    running = asyncio.create_task(AnswerWhenCancelled(application)({"type": "http"}, None, send))
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    return running, sent


async def test_waiting_reader_is_asked_to_come_back():
    async def application(scope, receive, send):
        await asyncio.Event().wait()

    running, sent = await cancelled(application)

    assert running.exception() is None
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"1") in sent[0]["headers"]
    assert sent[1] == {"type": "http.response.body"}


async def test_answer_that_has_begun_is_not_followed_by_another():
    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    running, sent = await cancelled(application)

    assert running.cancelled()
    assert [message["type"] for message in sent] == ["http.response.start"]


async def test_fault_of_the_application_stays_its_own():
    async def application(scope, receive, send):
        raise LookupError

    with pytest.raises(LookupError):
        await AnswerWhenCancelled(application)({"type": "http"}, None, None)


async def fail_after(message, words):
    """Let an application hear one message, and then fail with these words."""

    async def receive():
        return {"type": message}

    async def application(scope, receive, send):
        await receive()
        raise RuntimeError(words)

    await LetGo(application)({"type": "http"}, receive, None)


async def test_reader_who_left_is_let_go_quietly():
    await fail_after("http.disconnect", "CurrentThreadExecutor already quit or is broken")


@pytest.mark.parametrize(
    ("message", "words"),
    [("http.request", "CurrentThreadExecutor already quit or is broken"), ("http.disconnect", "The disk is full")],
)
async def test_other_failures_are_told(message, words):
    with pytest.raises(RuntimeError, match=words):
        await fail_after(message, words)
