"""Long polls: the same cursor, for those whose network lets no socket through."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import HttpCommunicator
from django.test import Client

from live import actions, polling
from live.devices import cookie_name
from live.models import LiveSession, Participant
from realtime import hub, threads
from summit.asgi import application
from tests.factories import live as make
from tests.factories.discussion import member
from tests.live.conftest import session_cookie

a = sync_to_async


@pytest.fixture
async def session(transactional_db: None) -> LiveSession:
    return await a(make.live_session)()


@pytest.fixture
async def ask(session) -> AsyncIterator[Callable[..., Any]]:
    """Poll the session: `await ask("?as=wall&after=0")` gives the status and the answer, as soon as there is one."""

    async def ask_once(query: str, cookies: dict[str, str] | None = None, code: str = "", method: str = "GET"):
        cookie = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items()).encode()
        address = f"/live/{code or session.code}/events/{query}"
        asking = HttpCommunicator(application, method, address, headers=[(b"host", b"testserver"), (b"cookie", cookie)])
        answer = await asking.get_response(timeout=60)
        return answer["status"], json.loads(answer["body"])

    yield ask_once
    await hub.house().stop()
    threads.close_all()


def token(person: Participant) -> dict[str, str]:
    return {cookie_name(): person.device_token}


async def readers_of(session: LiveSession) -> None:
    """Until somebody waits for events."""
    async with asyncio.timeout(10):
        while session.stream_id not in hub.house().hubs or not hub.house().hubs[session.stream_id].readers:
            await asyncio.sleep(0.01)


async def test_poll_answers_at_once_with_what_there_is(ask, session):
    said = await a(lambda: make.contribution(make.participant(session)))()

    status, frame = await ask("?as=wall&after=0")

    assert (status, frame["type"], frame["from"], frame["to"]) == (200, "frame", 0, said.seq)
    assert [event["kind"] for event in frame["events"]] == ["session.opened", "contribution.added"]


async def test_poll_s_answer_is_kept_by_nobody_and_read_as_what_it_is(session):
    headers = [(b"host", b"testserver")]
    for method, query, status in (("GET", "?as=wall&after=0", 200), ("POST", "?as=wall&after=0", 405)):
        asking = HttpCommunicator(application, method, f"/live/{session.code}/events/{query}", headers=headers)
        answer = await asking.get_response(timeout=60)

        assert answer["status"] == status
        told = dict(answer["headers"])
        assert told[b"cache-control"] == b"no-store"
        assert (told[b"content-type"], told[b"x-content-type-options"]) == (b"application/json", b"nosniff")
    await hub.house().stop()
    threads.close_all()


async def test_poll_waits_for_the_next_event(ask, session):
    person = await a(make.participant)(session)

    async def speak_when_heard():
        await readers_of(session)
        return await a(make.contribution)(person, "At last.")

    (_, frame), said = await asyncio.gather(ask("?as=wall&after=1"), speak_when_heard())

    assert (frame["from"], frame["to"]) == (1, said.seq)
    assert frame["events"][0]["contribution"]["body"] == "At last."


async def test_poll_with_nothing_new_comes_back_with_the_counts(ask, session, monkeypatch):
    monkeypatch.setattr(polling, "POLL_SECONDS", 1.5)
    person = await a(make.participant)(session)

    _, frame = await ask("?after=1", token(person))

    assert (frame["from"], frame["to"], frame["events"]) == (1, 1, [])
    assert frame["tallies"]["people"] == 1


async def test_poll_answers_when_somebody_votes(ask, session):
    said, reader, voter = await a(
        lambda: (make.contribution(make.participant(session)), make.participant(session), make.participant(session))
    )()
    _, first = await ask(f"?after={said.seq}&votes=new", token(reader))
    assert (first["events"], first["tallies"]["support"]) == ([], {})

    async def vote_when_heard():
        await readers_of(session)
        await a(actions.set_vote)(participant=voter, contribution_id=said.pk)

    (_, second), _ = await asyncio.gather(
        ask(f"?after={said.seq}&votes={first['votes']}", token(reader)), vote_when_heard()
    )

    assert (second["events"], second["tallies"]["support"]) == ([], {str(said.pk): 1})
    assert second["votes"] != first["votes"]


async def test_poll_answers_a_vote_that_came_between_two_polls(ask, session):
    said, voter = await a(lambda: (make.contribution(make.participant(session)), make.participant(session)))()
    _, first = await ask(f"?as=wall&after={said.seq}&votes=new")
    await a(actions.set_vote)(participant=voter, contribution_id=said.pk)

    _, second = await ask(f"?as=wall&after={said.seq}&votes={first['votes']}")

    assert second["tallies"]["support"] == {str(said.pk): 1}


async def test_poll_that_knows_the_votes_waits_however_many_read(ask, session, monkeypatch):
    said, voter = await a(lambda: (make.contribution(make.participant(session)), make.participant(session)))()
    await a(actions.set_vote)(participant=voter, contribution_id=said.pk)
    _, first = await ask(f"?as=wall&after={said.seq}&votes=new")
    await a(actions.record_seen)(session=session, contribution_ids=Counter([said.pk]), option_ids=Counter())
    monkeypatch.setattr(polling, "POLL_SECONDS", 1.5)
    begun = time.monotonic()

    _, second = await ask(f"?as=wall&after={said.seq}&votes={first['votes']}")

    assert time.monotonic() - begun >= 1.5
    assert (second["votes"], second["tallies"]["support"]) == (first["votes"], {str(said.pk): 1})


async def test_polls_one_after_another_miss_nothing(ask, session):
    person = await a(make.participant)(session)
    cursor, bodies = 1, []
    for number in range(6):
        said = await a(make.contribution)(person, f"Thought {number}.")
        if number % 2:
            _, frame = await ask(f"?as=wall&after={cursor}")
            cursor = frame["to"]
            bodies += [event["contribution"]["body"] for event in frame["events"]]

    assert cursor == said.seq
    assert bodies == [f"Thought {number}." for number in range(6)]


async def test_poll_far_behind_is_told_to_start_anew(ask, session, monkeypatch):
    monkeypatch.setattr(hub, "REACH", 2)
    person = await a(make.participant)(session)
    for number in range(4):
        await a(make.contribution)(person, f"Thought {number}.")

    assert await ask("?as=wall&after=0") == (200, {"type": "resync", "to": 5})


async def test_poll_shows_held_words_to_their_author_and_consoles_only(ask, session):
    author, other = await a(make.participant)(session), await a(make.participant)(session)
    facilitator = await a(make.facilitator_of)(session)
    await a(make.contribution)(author, "Zwiebelfisch https://example.org")

    for cookies, query, sees in (
        (token(author), "?after=0", True),
        (token(other), "?after=0", False),
        ({}, "?as=wall&after=0", False),
        (await a(session_cookie)(facilitator), "?as=console&after=0", True),
    ):
        _, frame = await ask(query, cookies)
        assert ("Zwiebelfisch" in json.dumps(frame)) == sees
        assert frame["to"] == 2


async def test_poll_is_for_those_who_may(ask, session):
    stranger = await a(member)()

    assert (await ask("?after=0"))[0] == 401
    assert (await ask("?after=0&as=console", await a(session_cookie)(stranger)))[0] == 403
    assert (await ask("?after=x&as=wall"))[0] == 400
    assert (await ask("?as=wall"))[0] == 400
    assert (await ask("?after=0&as=wall", code="ZZZZZZ"))[0] == 404
    assert (await ask("?after=0&as=wall", method="POST"))[0] == 405


async def test_poll_that_is_given_up_leaves_no_reader(ask, session):
    headers = [(b"host", b"testserver")]
    asking = HttpCommunicator(application, "GET", f"/live/{session.code}/events/?as=wall&after=1", headers=headers)
    await asking.send_input({"type": "http.request", "body": b""})
    await readers_of(session)

    await asking.send_input({"type": "http.disconnect"})
    await asking.wait(20)

    assert not hub.house().hubs[session.stream_id].readers


@pytest.mark.django_db(transaction=True)
def test_poll_works_without_our_asgi_application():
    session = make.live_session()

    answer = Client().get(f"/live/{session.code}/events/?as=wall&after=0")

    assert [event["kind"] for event in answer.json()["events"]] == ["session.opened"]


async def test_poll_says_how_much_is_unsent_on_its_phone(ask, session, connect):
    person, facilitator = await a(make.participant)(session), await a(make.facilitator_of)(session)
    console = await connect(session, facilitator)

    async def health(**wanted: int) -> None:
        async with asyncio.timeout(10):
            while not (wanted.items() <= (await console.next_of("tallies")).get("health", {}).items()):
                pass

    def poll_with(unsent: int) -> HttpCommunicator:
        cookie = f"{cookie_name()}={person.device_token}".encode()
        address = f"/live/{session.code}/events/?after=1&unsent={unsent}"
        return HttpCommunicator(application, "GET", address, headers=[(b"host", b"testserver"), (b"cookie", cookie)])

    first, second = poll_with(2), poll_with(3)
    await first.send_input({"type": "http.request", "body": b""})
    await health(connected=1, unsent=2)
    # The phone gives the first up for the second, which may be here before the first is gone.
    await second.send_input({"type": "http.request", "body": b""})
    await health(connected=2, unsent=5)
    await first.send_input({"type": "http.disconnect"})
    await first.wait(20)
    await health(connected=1, unsent=3, offline_unsent=0)
    await second.send_input({"type": "http.disconnect"})
    await second.wait(20)
    await health(connected=0, unsent=3, offline_unsent=1)
