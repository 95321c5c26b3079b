"""Anything at all, sent to sockets, forms, queries and uploads by Hypothesis: whatever it is, it gets an answer.

`make test` runs a few seconds of it, the same every time. `make fuzz` goes on for ten minutes (SECONDS=600), otherwise
each time, and counts; the last counts stand in `docs/security.md`. Imports: `tests/wordpress/test_fuzz.py`.
"""

import asyncio
import contextlib
import io
import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import strategies as st
from PIL import Image
from wagtail.models import Collection

from live import commands, consumers
from live.devices import cookie_name
from people.roles import ORGANISERS
from realtime import hub, threads
from summit.asgi import application
from tests.factories import live as make_live
from tests.factories.discussion import comment, member, proposition_page
from tests.live.conftest import Socket, session_cookie
from tests.summit.addresses import addresses

SECONDS = int(os.environ.get("SUMMIT_FUZZ_SECONDS", "0"))
# What stands for a real run: as many rounds as there is time for, or one that is the same every time.
EXAMPLES = 400 if SECONDS else 25
counted: Counter[str] = Counter()
# Of a storm: frames that wait at a socket at once, and how often before the room is another.
BURST, ROOM_ROUNDS = 500, 12


def rounds(share: float) -> Iterator[int]:
    """Seeds, as long as there is time: a share of the whole."""
    if not SECONDS:
        yield 0
        return
    end = time.monotonic() + SECONDS * share
    while time.monotonic() < end:
        yield int.from_bytes(os.urandom(4))


def fuzz(check: Callable[[Any], None], strategy: st.SearchStrategy[Any], *, share: float) -> None:
    for seed in rounds(share):

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @hypothesis.given(strategy)
        def run(example: Any) -> None:
            check(example)

        run()


@pytest.fixture(autouse=True, scope="module")
def _tell() -> Iterator[None]:
    yield
    if SECONDS:
        told = ", ".join(f"{count:,} {what}" for what, count in counted.items())
        sys.stdout.write(f"\n{told}.\n")


@pytest.fixture(autouse=True)
def _nothing_is_logged_as_an_error(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """An exception that a consumer catches for want of better is one that nobody expected."""
    yield
    errors = [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]
    assert [record.getMessage() for record in errors] == []


# What there is to say

TEXT = st.text(max_size=40) | st.sampled_from(
    ["", " ", "--5", "-", "²", "٣", "1e9", "0x1", "null", "\x00", "\ud800", "\u202e", "é" * 300, "<b>", "2026-02-30"]
)
NUMBERS = st.integers(-3, 9) | st.integers() | st.sampled_from([2**31, 2**63, 2**64, -(2**63) - 1, 10**30])
SCALARS = st.none() | st.booleans() | NUMBERS | st.floats() | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)

KINDS = [*commands.COMMANDS, "hello", "seen", "health", "", "__class__", "session.open "]
FIELDS = [
    *("id", "client_id", "after", "unsent", "version", "body", "contribution", "contributions", "option", "options"),
    *("prompt", "proposition", "said_at", "table", "headcount", "choice", "into", "reason", "tag", "tags", "text"),
    *("kind", "show", "words", "comment", "position", "names", "name", "count", "seconds", "blank", "moderation"),
    *("identity", "role", "consent"),
]
LIKELY = {
    "client_id": st.uuids().map(str),
    "kind": st.sampled_from(["ideas", "questions", "statements", "poll"]),
    "choice": st.sampled_from(["support", "concern", "pass"]),
    "moderation": st.sampled_from(["show", "hold"]),
    "identity": st.sampled_from(["name", "role", "nothing"]),
    "consent": st.sampled_from(["named", "role", "anonymous", "none"]),
}


def field(name: str) -> st.SearchStrategy[tuple[str, Any]]:
    return st.tuples(st.just(name), LIKELY.get(name, st.integers(0, 5)) | VALUES)


MESSAGES = st.builds(
    lambda kind, fields: {"type": kind, **dict(fields)},
    st.sampled_from(KINDS) | VALUES,
    st.lists(st.sampled_from(FIELDS).flatmap(field), max_size=7),
)


def damaged(text: str, cuts: list[tuple[int, str]]) -> str:
    for place, put in cuts:
        place %= len(text) + 1
        text = text[:place] + put + text[place + 1 :]
    return text


WRITTEN = (MESSAGES | VALUES).map(lambda value: json.dumps(value, allow_nan=True))
CUTS = st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["", "{", "[", '"', "\\", ",", "\x00", "9" * 400])))
FRAMES = (
    WRITTEN
    | WRITTEN
    | WRITTEN
    | st.builds(damaged, WRITTEN, CUTS)
    | st.text(max_size=200)
    | st.binary(max_size=200)
    | st.sampled_from(["[" * 9000, '{"a":' * 4000, "x" * 20_000, '{"type":"hello","after":"--5"}', b"\xff\xfe{}"])
)


# Sockets


@pytest.fixture
def patience(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets that put up with any amount of nonsense."""
    monkeypatch.setattr(consumers, "NONSENSE_AT_MOST", 10**12)
    monkeypatch.setattr(consumers, "MESSAGES_PER_MINUTE", 10**12)
    monkeypatch.setattr(hub, "FRAME_INTERVAL", 0.005)


@contextlib.contextmanager
def room() -> Iterator[tuple[asyncio.Runner, dict[str, Socket]]]:
    """A session with somebody at each kind of screen."""
    session = make_live.live_session(proposition_page())
    facilitator = make_live.facilitator_of(session)
    speaker = make_live.participant(session)
    make_live.contribution(speaker, "The ferry again.")
    with asyncio.Runner() as runner:
        sockets = {
            "participant": Socket(session, "participant", {cookie_name(): speaker.device_token}),
            "wall": Socket(session, "wall", {}),
            "console": Socket(session, "console", session_cookie(facilitator)),
        }

        async def opened() -> None:
            for socket in sockets.values():
                await socket.open()
                await socket.hello()

        async def closed() -> None:
            await asyncio.gather(*(socket.close() for socket in sockets.values()), return_exceptions=True)
            await hub.house().stop()

        runner.run(opened())
        yield runner, sockets
        runner.run(closed())
        threads.close_all()


PARTS = st.sampled_from(["ws", "live", "ABCDEF", "admin", "..", "events", "%2f"]) | TEXT
PATHS = TEXT.map("ws/live/{}/".format) | TEXT.map("ws/live/{}".format) | st.lists(PARTS).map("/".join)
HEADERS = st.lists(
    st.tuples(st.sampled_from([b"origin", b"host", b"cookie", b"x-forwarded-proto"]), st.binary(max_size=30)),
    max_size=3,
)


@pytest.mark.usefixtures("patience")
def test_no_address_of_a_socket_is_an_error_of_ours() -> None:
    """Any path, as the server hands it over; from our own page and from anywhere."""
    own = [(b"host", b"testserver"), (b"origin", b"http://testserver")]

    async def ask(path: str, more: list[tuple[bytes, bytes]], query: bytes) -> None:
        scope = {"type": "websocket", "scheme": "ws", "path": f"/{path}", "query_string": query, "headers": more}
        channel = ApplicationCommunicator(application, scope)
        await channel.send_input({"type": "websocket.connect"})
        answer = await channel.receive_output(20)
        if answer["type"] == "websocket.accept":
            # There is no room: a browser must be connected to read so.
            answer = await channel.receive_output(20)
        assert answer["type"] == "websocket.close"
        await channel.wait()
        counted["sockets asked for"] += 1

    with asyncio.Runner() as runner:

        def check(example: tuple[str, list[tuple[bytes, bytes]], bytes]) -> None:
            path, more, query = example
            runner.run(ask(path, own, query))
            runner.run(ask(path, more, query))

        fuzz(check, st.tuples(PATHS, HEADERS, st.binary(max_size=20)), share=0.02)
        threads.close_all()


@pytest.mark.usefixtures("patience")
def test_no_frame_brings_a_socket_down() -> None:
    async def send(socket: Socket, frames: list[str | bytes]) -> None:
        for frame in frames:
            kind = "bytes" if isinstance(frame, bytes) else "text"
            await socket.channel.send_input({"type": "websocket.receive", kind: frame})
        # It lives: what is asked properly is answered, one way or the other.
        answer = await socket.ask("contribution.add", client_id="x", body="Still here.")
        assert answer["type"] in ("ack", "error")
        socket.received.clear()

    with room() as (runner, sockets):

        def check(example: tuple[str, list[str | bytes]]) -> None:
            role, frames = example
            counted["frames"] += len(frames)
            runner.run(send(sockets[role], frames))

        fuzz(check, st.tuples(st.sampled_from([*sockets]), st.lists(FRAMES, min_size=1, max_size=40)), share=0.05)
    if SECONDS:
        storm(share=0.55)


def storm(*, share: float) -> None:
    """As many frames as sockets take: Hypothesis's own, damaged further or put together anew.

    One in ten is a command with nearly all the fields that there are, so that it gets past the door. After some
    thousands the session is in a state of which nothing more can be made, and another one begins.
    """
    pool: list[bytes] = []
    values: dict[str, list[Any]] = {name: [] for name in FIELDS}

    def keep(frames: list[str | bytes]) -> None:
        pool.extend(frame if isinstance(frame, bytes) else frame.encode(errors="replace") for frame in frames)

    def keep_fields(fields: list[tuple[str, Any]]) -> None:
        for name, value in fields:
            values[name].append(value)

    seed = int.from_bytes(os.urandom(4))
    collect(keep, FRAMES, seed)
    collect(keep_fields, st.sampled_from(FIELDS).flatmap(field), seed)
    chance = random.Random(os.urandom(8))
    # As the last answer named it: a command to the session is refused for any other.
    version = 0

    def damaged_frame() -> bytes:
        frame = bytearray(chance.choice(pool))
        for _ in range(chance.randrange(6)):
            place = chance.randrange(len(frame) + 1)
            frame[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        return bytes(frame)

    def command(kinds: list[str]) -> bytes:
        fields = {name: chance.choice(found) for name, found in values.items() if found and chance.random() < 0.8}
        if chance.random() < 0.8:
            fields["version"] = version
        return json.dumps({**fields, "type": chance.choice(kinds)}).encode()

    async def burst(role: str, socket: Socket) -> None:
        """All that a socket finds waiting at once, and then a question, whose answer comes after all others."""
        nonlocal version
        kinds = [name for name, found in commands.COMMANDS.items() if role in found.roles] or [*commands.COMMANDS]
        ticket = os.urandom(8).hex()
        question = json.dumps({"type": "contribution.add", "id": ticket, "client_id": "x", "body": "Still here."})
        channel = socket.channel
        for _ in range(BURST):
            frame = command(kinds) if chance.random() < 0.1 else damaged_frame()
            channel.input_queue.put_nowait({"type": "websocket.receive", "bytes": frame})
        channel.input_queue.put_nowait({"type": "websocket.receive", "text": question})
        async with asyncio.timeout(300):
            while True:
                sent = await channel.output_queue.get()
                assert sent["type"] == "websocket.send", f"{role}: {sent}"
                answer = json.loads(sent["text"])
                version = answer.get("version", version) if role == "console" else version
                counted[f"answers {answer.get('code', answer['type'])}"] += 1
                if answer.get("re") == ticket:
                    break
        counted["frames"] += BURST

    for _ in rounds(share):
        with room() as (runner, sockets):
            for _ in range(ROOM_ROUNDS):
                for role, socket in sockets.items():
                    runner.run(burst(role, socket))
        sys.stdout.write(f"{counted['frames']:,} frames\n")
        sys.stdout.flush()


def collect(keep: Callable[[list[Any]], None], strategy: st.SearchStrategy[Any], seed: int) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @hypothesis.given(st.lists(strategy, min_size=5, max_size=40))
    def run(drawn: list[Any]) -> None:
        keep(drawn)

    run()


# Forms and queries

CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")
NAMES = [
    *("after", "as", "became", "before", "briefing", "category", "count", "decision", "do", "entry", "event", "every"),
    *(
        "filters",
        "follow",
        "ids",
        "kind",
        "length",
        "link",
        "merge",
        "next",
        "object_pk",
        "p",
        "page",
        "point",
        "print",
    ),
    *("proposition", "q", "quote", "reply_to", "role", "seen", "show", "shows", "since", "skip", "sort", "source"),
    *("spans", "step", "target", "then", "thread", "votes", "code", "identity", "name", "consent", "email", "login"),
    *(
        "comment",
        "content_type",
        "timestamp",
        "security_hash",
        "honeypot",
        "preview",
        "frequency",
        "understood",
        "type",
    ),
    *("body", "client_id", "reason", "action", "version", "prompt", "contribution", "headcount", "wants_answers"),
]
OURS = ("archives", "briefings", "content", "discussion", "events", "gathering", "home", "live", "news", "people")
OURS += ("propositions", "summit", "wordpress")
# Wagtail's page for errors raises on purpose.
LEFT_OUT = {"admin/failwhale/"}


def our_addresses() -> list[str]:
    """Addresses that our own code answers, in the admin too, and Wagtail's pages."""
    found = []
    for route, pattern in addresses():
        code = getattr(pattern.callback, "view_class", pattern.callback).__module__.partition(".")[0]
        if route not in LEFT_OUT and (code in OURS or not route.startswith("admin/")) and "(" not in route:
            found.append(route)
    return found


@pytest.fixture
def place(db: None) -> dict[str, list[str]]:
    """What there is, by the names that addresses have for it."""
    page = proposition_page()
    said = comment(page)
    session = make_live.live_session(page)
    return {
        "code": [session.code, session.code.lower(), "QQQQQQ"],
        "slug": [page.event.slug, "nobody"],
        "id": [str(page.pk), str(page.event.pk), str(said.pk), "0", str(2**63), "9" * 40],
    }


def requests_to(routes: list[str], place: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    known = st.sampled_from([value for values in place.values() for value in values])

    def filled(route: str) -> st.SearchStrategy[str]:
        parts = CONVERTER.findall(route)
        values = [
            st.uuids().map(str) if kind == "uuid" else st.sampled_from(place.get(name, place["id"])) | known | TEXT
            for kind, name in parts
        ]

        def put(given: tuple[str, ...]) -> str:
            left = iter(given)
            path = CONVERTER.sub(lambda _: quote(next(left).encode(errors="replace"), safe=""), route)
            return "/" + path.replace("^", "").replace("$", "")

        return st.tuples(*values).map(put)

    fields = st.dictionaries(st.sampled_from(NAMES), TEXT | known | NUMBERS.map(str), max_size=6)
    kinds = ["application/x-www-form-urlencoded", "application/json", "text/xml", "multipart/form-data"]
    return st.tuples(
        st.sampled_from(["GET", "POST", "POST", "HEAD", "PUT"]),
        st.sampled_from(routes).flatmap(filled),
        fields,
        fields,
        st.sampled_from(kinds),
        MESSAGES.map(json.dumps) | st.text(max_size=80) | st.none(),
    )


def plain(fields: dict[str, str]) -> str:
    return "&".join(f"{name}={quote(value.encode(errors='replace'))}" for name, value in fields.items())


def test_no_form_and_no_query_is_an_error_of_ours(place: dict[str, list[str]], settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    organiser = member(ORGANISERS)
    routes = our_addresses()
    assert len(routes) > 120

    def check(example: tuple[str, str, dict[str, str], dict[str, str], str, str | None]) -> None:
        method, path, query, form, content_type, raw = example
        counted["requests"] += 2
        for user in (None, organiser):
            client = Client(headers={"origin": "http://testserver"})
            body = (raw if raw is not None else plain(form)).encode(errors="replace")
            with transaction.atomic():
                if user is not None:
                    client.force_login(user)
                address = f"{path}?{plain(query)}" if query else path
                answer = client.generic(method, address, body, content_type=content_type)
                assert answer.status_code < 500, f"{method} {address} {body!r}"
                answer.getvalue()
                transaction.set_rollback(True)

    fuzz(check, requests_to(routes, place), share=0.3)


# Uploads


def picture(kind: str) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (24, 16), "teal").save(drawn, kind)
    return drawn.getvalue()


PICTURES = {kind: picture(kind) for kind in ("PNG", "GIF", "JPEG", "WEBP")}
BYTES = st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=6)), max_size=12)


def mangled(whole: bytes, cuts: list[tuple[int, bytes]], end: int) -> bytes:
    for place, put in cuts:
        place %= len(whole) + 1
        whole = whole[:place] + put + whole[place + len(put) :]
    return whole[: end % (len(whole) + 1)] if end else whole


UPLOADS = st.tuples(
    st.sampled_from(["images", "documents"]),
    st.sampled_from(["a.png", "a.gif", "a.jpg", "a.webp", "a.avif", "a.pdf", "a.txt", "a", ".png", "a\n.png"]),
    st.builds(mangled, st.sampled_from([*PICTURES.values()]), BYTES, st.just(0) | st.integers(0, 4000))
    | st.binary(max_size=300),
    st.sampled_from(["image/png", "text/html", "", "application/pdf", "image/svg+xml"]),
)


# Wagtail leaves the file in which it draws to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_upload_is_an_error_of_ours(db: None, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    client = Client()
    client.force_login(member(ORGANISERS))
    collection = Collection.get_first_root_node().pk

    def check(example: tuple[str, str, bytes, str]) -> None:
        kind, name, content, content_type = example
        counted["uploads"] += 1
        with transaction.atomic():
            file = SimpleUploadedFile(name, content, content_type)
            answer = client.post(f"/admin/{kind}/add/", {"title": "x", "file": file, "collection": collection})
            assert answer.status_code in (200, 302)
            if kind == "images" and answer.status_code == 302:
                # What was taken can be shown.
                assert client.get(answer["Location"]).status_code == 200
            transaction.set_rollback(True)

    fuzz(check, UPLOADS, share=0.1)
