"""Group commit: what arrives while one transaction runs goes into the next, all of it at once.

One transaction for each contribution collapses at fifty a second; one for each batch carries a full room. A caller
waits until the batch that holds its item has been committed.
"""

import asyncio
import logging
import time
import weakref
from collections import Counter
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError

from live import actions
from live.actions import Accepted, Draft, Outcome, VoteRequest
from live.exceptions import Busy, LiveError
from live.models import LiveSession
from realtime import threads

logger = logging.getLogger(__name__)

# How long a batch gathers when nothing is being written.
GATHER = 0.005
# How long it gathers at most after another: as long as that took, so that a busy room is written in larger batches,
# which cost little more than small ones, and everything else has the other half of the time.
GATHER_AT_MOST = 0.025
BATCH_AT_MOST = 500


@dataclass
class _Pile:
    """What waits to be written to one session."""

    session: LiveSession
    drafts: list[tuple[Draft, asyncio.Future[Outcome]]] = field(default_factory=list)
    votes: list[tuple[VoteRequest, asyncio.Future[LiveError | None]]] = field(default_factory=list)
    seen_contributions: Counter[int] = field(default_factory=Counter)
    seen_options: Counter[int] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.drafts or self.votes or self.seen_contributions or self.seen_options)


@dataclass
class Written:
    """What the writers of this process have done, for monitors."""

    contributions: int = 0
    refused: int = 0
    batches: int = 0
    seconds: float = 0.0


written = Written()


class Writer:
    """The one task of a process that writes contributions and votes."""

    def __init__(self) -> None:
        self._piles: dict[int, _Pile] = {}
        self._task: asyncio.Task[None] | None = None

    async def contribute(self, session: LiveSession, draft: Draft) -> Accepted:
        """Store the draft. Returns after the commit; raises why not."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._pile(session).drafts.append((draft, future))
        self._start()
        outcome = await future
        if isinstance(outcome, LiveError):
            raise outcome
        return outcome

    async def vote(self, session: LiveSession, request: VoteRequest) -> None:
        future: asyncio.Future[LiveError | None] = asyncio.get_running_loop().create_future()
        self._pile(session).votes.append((request, future))
        self._start()
        refusal = await future
        if refusal is not None:
            raise refusal

    def see(self, session: LiveSession, contribution_ids: set[int], option_ids: set[int]) -> None:
        """Count views some time soon. Nobody waits for it."""
        pile = self._pile(session)
        pile.seen_contributions.update(contribution_ids)
        pile.seen_options.update(option_ids)
        self._start()

    async def stop(self) -> None:
        """Write what waits, then end."""
        if self._task is not None:
            await self._task

    def _pile(self, session: LiveSession) -> _Pile:
        return self._piles.setdefault(session.pk, _Pile(session))

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        await asyncio.sleep(GATHER)
        while self._piles:
            session_id = next(iter(self._piles))
            pile = self._piles.pop(session_id)
            batch = self._take(pile)
            if pile:
                # More than fits: the rest waits behind the other sessions.
                self._piles[session_id] = pile
            begun = time.monotonic()
            await self._write(batch)
            if next(iter(self._piles), None) == session_id:
                await asyncio.sleep(min(time.monotonic() - begun, GATHER_AT_MOST))

    def _take(self, pile: _Pile) -> _Pile:
        batch = _Pile(
            pile.session,
            pile.drafts[:BATCH_AT_MOST],
            pile.votes[:BATCH_AT_MOST],
            pile.seen_contributions,
            pile.seen_options,
        )
        del pile.drafts[:BATCH_AT_MOST], pile.votes[:BATCH_AT_MOST]
        pile.seen_contributions, pile.seen_options = Counter(), Counter()
        return batch

    async def _write(self, batch: _Pile) -> None:
        session = batch.session
        if batch.drafts:
            begun = time.monotonic()
            outcomes = await self._contribute_many(session, [draft for draft, _ in batch.drafts])
            refused = sum(isinstance(outcome, LiveError) for outcome in outcomes)
            written.contributions += len(outcomes) - refused
            written.refused += refused
            written.batches += 1
            written.seconds += time.monotonic() - begun
            for (_, future), outcome in zip(batch.drafts, outcomes, strict=True):
                if not future.done():
                    future.set_result(outcome)
        if batch.votes:
            refusals = await self._vote_many(session, [request for request, _ in batch.votes])
            for (_, waiting), refusal in zip(batch.votes, refusals, strict=True):
                if not waiting.done():
                    waiting.set_result(refusal)
        if batch.seen_contributions or batch.seen_options:
            await self._see(session, batch.seen_contributions, batch.seen_options)

    async def _contribute_many(self, session: LiveSession, drafts: list[Draft]) -> list[Outcome]:
        write = lambda some: actions.contribute_many(session=session, drafts=some)  # noqa: E731 two callers below
        try:
            return await threads.writing.run(write, drafts)
        except (OperationalError, InterfaceError):
            logger.exception("A batch of %d contributions could not be written.", len(drafts))
            return [Busy() for _ in drafts]
        except Exception:
            logger.exception("A batch of %d contributions failed.", len(drafts))
        # Something in it breaks the whole: find out which, so that it sinks alone.
        outcomes: list[Outcome] = []
        for draft in drafts:
            try:
                outcomes += await threads.writing.run(write, [draft])
            except Exception:
                logger.exception("A contribution could not be written.")
                outcomes.append(Busy())
        return outcomes

    async def _vote_many(self, session: LiveSession, requests: list[VoteRequest]) -> list[LiveError | None]:
        try:
            return await threads.writing.run(lambda: actions.vote_many(session=session, requests=requests))
        except Exception:
            logger.exception("A batch of %d votes could not be written.", len(requests))
            return [Busy() for _ in requests]

    async def _see(self, session: LiveSession, contributions: Counter[int], options: Counter[int]) -> None:
        write = lambda: actions.record_seen(  # noqa: E731 a thread calls it
            session=session, contribution_ids=contributions, option_ids=options
        )
        try:
            await threads.writing.run(write)
        except Exception:
            logger.exception("Views could not be counted.")


_writers: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Writer]" = weakref.WeakKeyDictionary()


def writer() -> Writer:
    """The writer of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _writers:
        _writers[loop] = Writer()
    return _writers[loop]
