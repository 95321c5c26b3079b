"""Batches: what came while another was written goes into the next, and nothing is left lying."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async

from live import actions, writer
from live.actions import Draft, VoteRequest
from live.exceptions import LiveError, NotFound
from live.models import Contribution, LiveSession, Participant, Vote
from live.writer import Writer
from realtime import threads
from tests.factories import live as make

a = sync_to_async


@pytest.fixture
async def session(transactional_db: None) -> AsyncIterator[LiveSession]:
    yield await a(make.live_session)()
    threads.close_all()


def draft(person: Participant, number: int) -> Draft:
    return Draft(person.pk, uuid.uuid4(), f"Lamp number {number}.")


async def test_what_does_not_fit_into_a_batch_is_written_in_the_next(session, monkeypatch):
    monkeypatch.setattr(writer, "BATCH_AT_MOST", 2)
    monkeypatch.setattr(writer, "written", writer.Written())
    people = [await a(make.participant)(session) for _ in range(5)]
    writing = Writer()

    async with asyncio.timeout(30):
        accepted = await asyncio.gather(
            *(writing.contribute(session, draft(one, number)) for number, one in enumerate(people))
        )
        first = accepted[0].contribution
        await asyncio.gather(*(writing.vote(session, VoteRequest(one.pk, first.pk)) for one in people[1:]))
        await writing.stop()

    assert [one.contribution.body for one in accepted] == [f"Lamp number {number}." for number in range(5)]
    assert await Contribution.objects.acount() == 5
    assert await Vote.objects.acount() == 4
    assert (writer.written.contributions, writer.written.refused, writer.written.batches) == (5, 0, 3)


async def test_each_of_a_batch_is_answered_for_itself_and_views_are_counted(session, monkeypatch):
    monkeypatch.setattr(writer, "written", writer.Written())
    people = [await a(make.participant)(session) for _ in range(2)]
    said = await a(make.contribution)(people[0])
    writing = Writer()

    async with asyncio.timeout(30):
        outcomes = await asyncio.gather(
            writing.contribute(session, draft(people[0], 1)),
            writing.contribute(session, Draft(people[1].pk, uuid.uuid4(), " ")),
            writing.vote(session, VoteRequest(people[1].pk, said.pk)),
            writing.vote(session, VoteRequest(people[1].pk, 10**9)),
            return_exceptions=True,
        )
        for _ in range(3):
            writing.see(session, {said.pk}, set())
        await writing.stop()

    assert [isinstance(outcome, LiveError) for outcome in outcomes] == [False, True, False, True]
    assert isinstance(outcomes[3], NotFound)
    await said.arefresh_from_db()
    assert (said.support_count, said.seen_count) == (1, 3)
    assert (writer.written.contributions, writer.written.refused) == (1, 1)


async def test_sessions_take_turns_and_whoever_gave_up_waiting_breaks_nothing(session, monkeypatch):
    other = await a(make.live_session)()
    people = [await a(make.participant)(room) for room in (session, other, session)]
    write = actions.contribute_many
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(*, session, drafts):
        loop.call_soon_threadsafe(begun.set)
        return write(session=session, drafts=drafts)

    monkeypatch.setattr(actions, "contribute_many", slowly)
    writing = Writer()
    async with asyncio.timeout(30):
        waits = [
            asyncio.create_task(writing.contribute(room, draft(one, number)))
            for number, (room, one) in enumerate(zip((session, other, session), people, strict=True))
        ]
        await begun.wait()
        waits[0].cancel()
        outcomes = await asyncio.gather(*waits[1:])
        await writing.stop()

    assert [one.contribution.body for one in outcomes] == ["Lamp number 1.", "Lamp number 2."]
    assert await Contribution.objects.acount() == 3
