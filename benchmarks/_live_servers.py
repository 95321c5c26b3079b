"""The servers that `benchmarks.live` measures, each in a process of its own.

summit   the real site, as `summit.server` serves it
naive    a Channels consumer as tutorials write it: `group_send` for each event, JSON encoded for each socket
tcp      the floor: the same bytes written to each of N bare sockets, one write for each event
"""

import argparse
import json
import os
import select
import socket
import sys
from typing import Any

from benchmarks._live_clients import frame, raise_file_limit

# A room has this many people who speak: nobody may say more than twenty things a minute.
SPEAKERS = 600


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["summit", "naive", "tcp", "migrate", "room"])
    parser.add_argument("--port", type=int)
    parser.add_argument("--readers", type=int)
    given = parser.parse_args()
    raise_file_limit()
    match given.what:
        case "migrate":
            migrate()
        case "room":
            make_room(given.readers)
        case "tcp":
            BareTCP(given.port).serve()
        case "summit":
            serve("summit.asgi:application", given.port)
        case "naive":
            serve("benchmarks._live_servers:naive_application", given.port)


def migrate() -> None:
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)


def make_room(readers: int) -> None:
    """An open session with people who read and people who speak; prints its code and their devices' tokens."""
    import django  # noqa: PLC0415

    django.setup()
    from tests.factories.live import live_session, many_participants  # noqa: PLC0415

    session = live_session()
    tokens = many_participants(session, readers + SPEAKERS)
    session.stream.refresh_from_db()
    made = {"code": session.code, "seq": session.stream.seq, "readers": tokens[:readers], "speakers": tokens[readers:]}
    print(json.dumps(made))


def serve(application: str, port: int) -> None:
    import uvicorn  # noqa: PLC0415

    from summit.server import UVICORN_OPTIONS  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "summit.settings.test")
    uvicorn.run(application, host="127.0.0.1", port=port, access_log=False, backlog=4096, **UVICORN_OPTIONS)


def event_of(number: int, command: dict[str, Any]) -> dict[str, Any]:
    """What Summit sends of a contribution, so that all three send as many bytes."""
    return {
        "seq": number,
        "kind": "contribution.added",
        "at": "2026-10-13T09:42:11.120Z",
        "contribution": {
            "id": number,
            "seq": number,
            "client_id": command["client_id"],
            "body": command["body"],
            "state": "shown",
            "author": "Lock keeper",
            "table": "",
            "headcount": 1,
            "prompt": None,
            "proposition": None,
            "merged_into": None,
            "said_at": "2026-10-13T09:42:11.120Z",
        },
    }


def frame_of(number: int, command: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "frame",
        "from": number - 1,
        "to": number,
        "now": "2026-10-13T09:42:11.120Z",
        "events": [event_of(number, command)],
    }


async def naive_application(scope: Any, receive: Any, send: Any) -> None:
    await _naive()(scope, receive, send)


_naive_made: Any = None


def _naive() -> Any:
    """Made when Django is ready. It stores nothing, which favours it."""
    global _naive_made
    if _naive_made is None:
        import django  # noqa: PLC0415

        django.setup()
        from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: PLC0415

        class Naive(AsyncJsonWebsocketConsumer):
            number = 0

            async def connect(self) -> None:
                self.reads = b"speaker" not in self.scope["query_string"]
                if self.reads:
                    await self.channel_layer.group_add("room", self.channel_name)
                await self.accept()

            async def disconnect(self, code: int) -> None:
                if self.reads:
                    await self.channel_layer.group_discard("room", self.channel_name)

            async def receive_json(self, content: Any, **kwargs: Any) -> None:
                if content["type"] != "contribution.add":
                    return
                Naive.number += 1
                message = frame_of(Naive.number, content)
                await self.channel_layer.group_send("room", {"type": "room.frame", "message": message})
                await self.send_json({"type": "ack", "re": content["id"]})

            async def room_frame(self, event: Any) -> None:
                await self.send_json(event["message"])

        _naive_made = Naive.as_asgi()
    return _naive_made


class BareTCP:
    """One process, one loop, one `send` for each event and reader. Speakers send lines of JSON."""

    def __init__(self, port: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        self.listener.setblocking(False)
        self.poll = select.epoll() if hasattr(select, "epoll") else select.poll()
        self.sockets: dict[int, socket.socket] = {}
        self.lines: dict[int, bytes] = {}
        self.readers: dict[int, socket.socket] = {}
        self.waiting: dict[int, bytearray] = {}
        self.number = 0

    def serve(self) -> None:
        self.poll.register(self.listener.fileno(), select.POLLIN)
        while True:
            for descriptor, what in self.poll.poll():
                if descriptor == self.listener.fileno():
                    self.accept()
                elif what & select.POLLOUT and descriptor in self.waiting:
                    self.flush(descriptor)
                elif descriptor in self.sockets:
                    self.receive(descriptor)

    def accept(self) -> None:
        while True:
            try:
                accepted, _ = self.listener.accept()
            except BlockingIOError:
                return
            accepted.setblocking(False)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets[accepted.fileno()] = accepted
            self.lines[accepted.fileno()] = b""
            self.poll.register(accepted.fileno(), select.POLLIN)

    def receive(self, descriptor: int) -> None:
        connected = self.sockets[descriptor]
        try:
            data = connected.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.poll.unregister(descriptor)
            for kept in (self.sockets, self.lines, self.readers, self.waiting):
                kept.pop(descriptor, None)
            connected.close()
            return
        *lines, self.lines[descriptor] = (self.lines[descriptor] + data).split(b"\n")
        for line in lines:
            if line == b"reader":
                self.readers[descriptor] = connected
            else:
                self.spread(connected, json.loads(line))

    def spread(self, speaker: socket.socket, command: dict[str, Any]) -> None:
        self.number += 1
        text = json.dumps(frame_of(self.number, command), separators=(",", ":"))
        sent = frame(text.encode())
        waiting = self.waiting
        for descriptor, reader in self.readers.items():
            if descriptor in waiting:
                waiting[descriptor] += sent
                continue
            try:
                count = reader.send(sent)
            except BlockingIOError:
                count = 0
            except OSError:
                continue
            if count < len(sent):
                waiting[descriptor] = bytearray(sent[count:])
                self.poll.modify(descriptor, select.POLLIN | select.POLLOUT)
        speaker.sendall(frame(json.dumps({"type": "ack", "re": command["id"]}).encode()))

    def flush(self, descriptor: int) -> None:
        held = self.waiting[descriptor]
        try:
            del held[: self.sockets[descriptor].send(held)]
        except (BlockingIOError, OSError):
            return
        if not held:
            del self.waiting[descriptor]
            self.poll.modify(descriptor, select.POLLIN)


if __name__ == "__main__":
    # Also where it is run as a module: the consumer is found by this name.
    sys.modules.setdefault("benchmarks._live_servers", sys.modules["__main__"])
    main()
