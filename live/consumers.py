"""Sockets of a live session: who is it, what do they ask, what is the answer. Events come from the hub."""

import asyncio
import contextlib
import logging
import time
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from urllib.parse import parse_qs

from channels.consumer import AsyncConsumer
from django.http import parse_cookie

from live import access, commands
from live.devices import token_of
from live.exceptions import (
    BadFrame,
    Busy,
    FrameTooLarge,
    LiveError,
    NotAllowed,
    NotJoined,
    SecondFactorNeeded,
    SessionNotFound,
    UnknownCommand,
)
from live.models import LiveSession
from live.permissions import can_moderate
from live.polling import UNSENT_AT_MOST, poll
from live.selectors import Viewer
from live.writer import writer
from people import second_factor
from realtime import hub, lines, presenters, threads
from realtime.hub import Reader
from realtime.lines import Line

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

POLICY = 1008
TRY_AGAIN = 1013
NOT_JOINED = 4401
NOT_ALLOWED = 4403
NO_SESSION = 4404
NO_SECOND_FACTOR = 4428

CLOSED_FOR: dict[type[LiveError], int] = {
    SessionNotFound: NO_SESSION,
    NotJoined: NOT_JOINED,
    NotAllowed: NOT_ALLOWED,
    SecondFactorNeeded: NO_SECOND_FACTOR,
}

# Answers that may be under way at once; more wait, and so does the socket.
UNDER_WAY = 16
# Malformed or refused-at-the-door frames before the socket is closed.
NONSENSE_AT_MOST = 50
MESSAGES_PER_MINUTE = 600
# A facilitator whose rights are taken away is out after this long.
RECHECK_SECONDS = 4.0
CLOSE_SECONDS = 2.0


# Sessions that somebody is connected to. Old as their first reader: good for what never changes, keys and streams.
_sessions: "weakref.WeakValueDictionary[int, LiveSession]" = weakref.WeakValueDictionary()


class LiveConsumer(AsyncConsumer):
    """One socket. It joins no channel layer and, unlike its base, does not go through a thread for each message."""

    reader: Reader | None = None
    viewer: Viewer

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.base_send = send
        self.line: Line | None = scope.get("extensions", {}).get(lines.EXTENSION)
        self.stopped: asyncio.Future[None] | None = None
        if self.line is None:
            self.stopped = asyncio.get_running_loop().create_future()
        self.cookies = cookies_of(scope)
        self.tasks: set[asyncio.Task[Any]] = set()
        self.nonsense = 0
        self.allowance, self.allowed_at = float(MESSAGES_PER_MINUTE), time.monotonic()
        try:
            while self.stopped is None or not self.stopped.done():
                message = await (receive() if self.stopped is None else self._next(receive, self.stopped))
                if message is None or message["type"] == "websocket.disconnect":
                    break
                await self.dispatch(message)
        finally:
            if self.reader is not None:
                self.hub.remove(self.reader)
            for task in tuple(self.tasks):
                task.cancel()

    @staticmethod
    async def _next(receive: Receive, stopped: asyncio.Future[None]) -> Any:
        """The next message, or None once this socket has been closed from here: a server need not say so.

        One with a line says so in any case, and each connection does without two futures more.
        """
        receiving = asyncio.ensure_future(receive())
        await asyncio.wait([receiving, stopped], return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
        if receiving.done():
            return receiving.result()
        receiving.cancel()
        return None

    async def dispatch(self, message: Any) -> None:
        if message["type"] == "websocket.connect":
            await self.connect()
        # What was under way to a socket that has been refused comes to nothing.
        elif message["type"] == "websocket.receive" and self.reader is not None:
            await self.take(message.get("text") or message.get("bytes") or "")

    async def connect(self) -> None:
        await self.base_send({"type": "websocket.accept"})
        try:
            self.viewer = await threads.reading.run(self._find_viewer)
        except LiveError as refusal:
            # Accepted first, since a browser cannot read why a handshake failed.
            await self.close(CLOSED_FOR.get(type(refusal), POLICY))
            return
        except Exception:
            logger.exception("A socket could not be opened.")
            await self.close(TRY_AGAIN)
            return
        participant = self.viewer.participant
        self.hub = hub.house().hub(self.viewer.session.stream_id)
        self.reader = Reader(
            send=self.send_text,
            close=self.close,
            audiences=self.viewer.audiences,
            person=participant.author_key if participant else None,
            watches_health=self.viewer.is_console,
            line=self.line,
        )
        self.hub.add(self.reader)
        if self.viewer.is_console:
            self._keep(self._recheck())

    def _find_viewer(self) -> Viewer:
        """Who this is. A room shares one session: a page and its state for each phone would be most of its memory."""
        viewer = viewer_of(self.scope, self.cookies)
        session = _sessions.setdefault(viewer.session.pk, viewer.session)
        if viewer.participant is not None:
            viewer.participant.session = session
        return Viewer(session, viewer.role, viewer.participant, viewer.user)

    async def take(self, text: str | bytes) -> None:
        """Read one message and see that it is answered. Whatever it is, the socket lives, unless nothing else comes."""
        if not self._may_send():
            await self.close(POLICY)
            return
        try:
            message = commands.parse(text)
        except LiveError as refusal:
            await self._refuse({}, refusal)
            return
        kind = message.get("type")
        if kind in ("hello", "seen", "health"):
            try:
                self._listen(kind, message)
            except LiveError as refusal:
                await self._refuse(message, refusal)
            return
        while len(self.tasks) >= UNDER_WAY:
            await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
        self._keep(self._answer(message))

    def _listen(self, kind: str, message: dict[str, Any]) -> None:
        """What a client says about itself. Not answered, but for its effect."""
        assert self.reader is not None  # noqa: S101 messages are taken only after `connect`
        if kind == "hello":
            self.hub.read_from(self.reader, commands.number_field(message, "after"))
            return
        commands.participant_of(self.viewer)
        if kind == "health":
            self.hub.report_unsent(self.reader, max(0, min(commands.number_field(message, "unsent"), UNSENT_AT_MOST)))
            return
        contributions = commands.ids_field(message, "contributions")
        options = commands.ids_field(message, "options")
        writer().see(self.viewer.session, contributions, options)

    async def _answer(self, message: dict[str, Any]) -> None:
        try:
            reply = await self._run(message)
        except LiveError as refusal:
            await self._refuse(message, refusal)
            return
        except Exception:
            logger.exception("A command failed.")
            reply = {"type": "error", "code": "busy", "message": "It did not work just now.", "retry": True}
        await self._reply({**reply, **commands.reply_id(message)})

    async def _run(self, message: dict[str, Any]) -> commands.Reply:
        """Contributions and votes go to the writer, everything else runs in a thread."""
        kind = message.get("type")
        if self.viewer.participant is not None:
            if kind == "contribution.add":
                accepted = await writer().contribute(self.viewer.session, commands.draft(self.viewer, message))
                return commands.contribution_ack(accepted.contribution)
            if kind in ("vote.set", "vote.clear"):
                wish = commands.vote_request(self.viewer, message, is_clearing=kind == "vote.clear")
                await writer().vote(self.viewer.session, wish)
                return {"type": "ack"}
        return await threads.writing.run(self._command, message)

    def _command(self, message: dict[str, Any]) -> commands.Reply:
        """Ask again who this is: rights may have gone since it connected, and the session's rules changed."""
        return commands.run(viewer_of(self.scope, self.cookies), message)

    async def _refuse(self, message: dict[str, Any], refusal: LiveError) -> None:
        if isinstance(refusal, BadFrame | FrameTooLarge | UnknownCommand):
            self.nonsense += 1
        await self._reply({**refusal.as_reply(), **commands.reply_id(message)})
        if self.nonsense > NONSENSE_AT_MOST:
            await self.close(POLICY)

    async def _reply(self, reply: commands.Reply) -> None:
        # Whoever has gone meanwhile asks again with the same client id, and gets the same answer.
        with contextlib.suppress(OSError):
            await self.send_text(presenters.encode(reply))

    async def _recheck(self) -> None:
        """Close a console soon after its account may no longer use it."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                refused_for = await threads.reading.run(self._refused_for)
            except Exception:
                logger.exception("A console's rights could not be checked.")
                continue
            if refused_for is not None:
                await self.close(refused_for)
                return

    def _refused_for(self) -> int | None:
        """Why the console is to be closed, if it is."""
        request = access.request_of_cookies(self.cookies)
        if not can_moderate(request.user, self.viewer.session):
            return NOT_ALLOWED
        return NO_SECOND_FACTOR if second_factor.is_owed(request) else None

    def _may_send(self) -> bool:
        now = time.monotonic()
        refill = (now - self.allowed_at) * MESSAGES_PER_MINUTE / 60
        self.allowance, self.allowed_at = min(self.allowance + refill, MESSAGES_PER_MINUTE), now
        self.allowance -= 1
        return self.allowance >= 0

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        # Started at once, so that what arrived first is written first.
        task = asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)
        if not task.done():
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    async def close(self, code: int) -> None:
        """Say goodbye if the peer takes it, then end this socket either way."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.base_send({"type": "websocket.close", "code": code})
        except (TimeoutError, OSError):
            logger.debug("A socket did not take its close.")
            if self.line is not None:
                self.line.abort()
        finally:
            if self.stopped is not None and not self.stopped.done():
                self.stopped.set_result(None)


class PollConsumer(AsyncConsumer):
    """A long poll that waits in the loop. Django's own handler would hold a thread for each."""

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        answering = asyncio.ensure_future(self._answer(scope))
        leaving = asyncio.ensure_future(self._until_gone(receive))
        try:
            await asyncio.wait([answering, leaving], return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                return
            status, text = answering.result()
        finally:
            answering.cancel()
            leaving.cancel()
        headers = [
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})

    async def _answer(self, scope: Any) -> tuple[int, str]:
        try:
            if scope["method"] != "GET":
                return 405, "{}"
            after = commands.number_field({"after": query_of(scope, "after")}, "after")
            unsent = commands.optional_number({"unsent": query_of(scope, "unsent")}, "unsent") or 0
            viewer = await threads.reading.run(viewer_of, scope, cookies_of(scope))
        except LiveError as refusal:
            return refusal.status, presenters.encode(refusal.as_reply())
        except Exception:
            logger.exception("A long poll could not be answered.")
            return 503, presenters.encode(Busy().as_reply())
        return 200, await poll(viewer, after, unsent, query_of(scope, "votes") or None)

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


def viewer_of(scope: Any, cookies: dict[str, str]) -> Viewer:
    """Who is connecting, asked of the database; in a thread."""
    client = scope.get("client")
    return access.find_viewer(
        code=scope["url_route"]["kwargs"]["code"],
        role=query_of(scope, "as") or "participant",
        token=token_of(cookies),
        request=access.request_of_cookies(cookies),
        address=client[0] if client else "",
    )


def query_of(scope: Any, name: str) -> str:
    return parse_qs(scope.get("query_string", b"").decode("latin-1")).get(name, [""])[0]


def cookies_of(scope: Any) -> dict[str, str]:
    header = b"; ".join(value for name, value in scope.get("headers", ()) if name == b"cookie")
    return parse_cookie(header.decode("latin-1"))
