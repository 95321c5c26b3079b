"""The room that the servers of `benchmarks.live` are measured with: readers and writers on raw sockets.

Each runs in a process of its own and takes orders as lines of JSON on standard input, so that what it costs is
accounted apart. A reader parses a frame once for all that get the same bytes, and compares the rest byte by byte: every
event of every reader is counted, in order, for the price of a comparison.
"""

import base64
import json
import math
import os
import re
import resource
import select
import socket
import sys
import time
from collections import defaultdict
from typing import Any

HEAD_BYTES = 110
# Percentiles are taken from a histogram whose steps are this far apart.
STEP = 1.01
FLOOR_MS = 0.01

READABLE = getattr(select, "EPOLLIN", select.POLLIN)
WRITABLE = getattr(select, "EPOLLOUT", select.POLLOUT)

# Somewhere in its body each event says when it was sent.
SENT_AT = re.compile(rb'"body": ?"[^"]*?at=([0-9.]+)')
CURSORS = re.compile(rb'"from": ?(\d+), ?"to": ?(\d+)')

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def main() -> None:
    raise_file_limit()
    role = {"readers": Readers, "writers": Writers}[sys.argv[1]]()
    role.run()


def raise_file_limit() -> int:
    """Let this process and its children have as many files open as the machine allows; how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (hard, 65_536, 20_000, 10_240):
        if wanted == resource.RLIM_INFINITY or wanted <= soft:
            continue
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (ValueError, OSError):
            continue
        break
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def frame(text: bytes, *, masked: bool = False, opcode: int = TEXT) -> bytes:
    """A WebSocket frame. A client must mask; a mask of zeros leaves the bytes as they are."""
    bit = 128 if masked else 0
    size = len(text)
    if size < 126:
        head = bytes([128 | opcode, bit | size])
    elif size < 65_536:
        head = bytes([128 | opcode, bit | 126]) + size.to_bytes(2)
    else:
        head = bytes([128 | opcode, bit | 127]) + size.to_bytes(8)
    return head + (b"\0\0\0\0" if masked else b"") + text


class Histogram:
    """Counts by size of what was measured, small enough to be sent from process to process."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = defaultdict(int)

    def add(self, milliseconds: float, times: int = 1) -> None:
        self.counts[int(math.log(max(milliseconds, FLOOR_MS) / FLOOR_MS, STEP))] += times

    def merge(self, counts: dict[str, int]) -> None:
        for bucket, times in counts.items():
            self.counts[int(bucket)] += times

    def percentile(self, share: float) -> float | None:
        wanted = sum(self.counts.values()) * share
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= wanted:
                return round(FLOOR_MS * STEP ** (bucket + 0.5), 1)
        return None


class Connection:
    """A socket and what of its last frame is still missing."""

    __slots__ = ("cursor", "rest", "socket")

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.rest = b""
        self.cursor = -1


def connect(order: dict[str, Any], place: int) -> socket.socket:
    """Open one socket and shake hands, waiting for it."""
    port = order["ports"][place % len(order["ports"])]
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if order.get("receive_buffer"):
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, order["receive_buffer"])
    opened.settimeout(120)
    opened.connect(("127.0.0.1", port))
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if order.get("path"):
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {order['path']} HTTP/1.1",
            f"Host: localhost:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            f"Origin: http://localhost:{port}",
        ]
        if order.get("tokens"):
            lines.append(f"Cookie: device={order['tokens'][place]}")
        opened.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            # One byte at a time is slow, and never takes what comes after the handshake.
            answer += opened.recv(1)
        if b" 101 " not in answer.split(b"\r\n", 1)[0]:
            raise RuntimeError(f"No handshake: {answer!r}")
    elif order.get("hello"):
        opened.sendall(order["hello"].encode() + b"\n")
    return opened


class Client:
    """The loop that both kinds of clients share: sockets, orders, and answers to orders."""

    def __init__(self) -> None:
        self.poll = select.epoll() if hasattr(select, "epoll") else select.poll()
        self.connections: dict[int, Connection] = {}
        self.closed = 0
        self.orders = b""
        self.is_wanted = True
        self.poll.register(0, READABLE)

    def run(self) -> None:
        while self.is_wanted:
            self.turn(self.patience())
            self.work()

    def turn(self, patience: float) -> None:
        for descriptor, _ in self.poll.poll(patience):
            if descriptor == 0:
                self.take_orders()
            elif descriptor in self.connections:
                self.receive(self.connections[descriptor])

    def patience(self) -> float:
        return 0.2 if hasattr(select, "epoll") else 200

    def work(self) -> None:
        """What is due whether or not anything came."""

    def take_orders(self) -> None:
        read = os.read(0, 1 << 20)
        if not read:
            self.is_wanted = False
        self.orders += read
        *lines, self.orders = self.orders.split(b"\n")
        for line in lines:
            order = json.loads(line)
            answer = getattr(self, f"do_{order.pop('do')}")(order)
            print(json.dumps(answer), flush=True)

    def do_connect(self, order: dict[str, Any]) -> dict[str, Any]:
        for place in range(order["count"]):
            opened = connect(order, place)
            opened.setblocking(False)
            connection = Connection(opened)
            self.connections[opened.fileno()] = connection
            self.poll.register(opened.fileno(), READABLE)
            self.greet(connection, order)
            if place % 20 == 0:
                # Whoever is in already is pinged meanwhile.
                self.turn(0)
        return {"connected": len(self.connections)}

    def greet(self, connection: Connection, order: dict[str, Any]) -> None:
        """What this client says first."""

    def do_cpu(self, order: dict[str, Any]) -> dict[str, Any]:
        return {"cpu": time.process_time()}

    def receive(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.closed += 1
            self.poll.unregister(connection.socket.fileno())
            del self.connections[connection.socket.fileno()]
            connection.socket.close()
            return
        if connection.rest:
            data = connection.rest + data
        size, start = len(data), 0
        while size - start >= 2:
            length, body = data[start + 1] & 127, start + 2
            if length == 126:
                if size - start < 4:
                    break
                length, body = (data[start + 2] << 8) | data[start + 3], start + 4
            elif length == 127:
                if size - start < 10:
                    break
                length, body = int.from_bytes(data[start + 2 : start + 10]), start + 10
            if size < body + length:
                break
            opcode = data[start] & 15
            if opcode == TEXT:
                self.take(connection, data[body : body + length])
            elif opcode == PING:
                connection.socket.sendall(frame(data[body : body + length], masked=True, opcode=PONG))
            start = body + length
        connection.rest = data[start:] if start < size else b""

    def take(self, connection: Connection, text: bytes) -> None:
        raise NotImplementedError


class Known:
    """A frame that somebody has got: where it leads, when its events were sent, when it came to whom."""

    __slots__ = ("came", "first", "last", "sent", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.sent = [float(moment) for moment in SENT_AT.findall(text)]
        cursors = CURSORS.search(text[:HEAD_BYTES])
        self.first, self.last = (int(cursors[1]), int(cursors[2])) if cursors else (None, None)
        self.came: list[float] = []


class Readers(Client):
    def __init__(self) -> None:
        super().__init__()
        self.known: dict[bytes, Known] = {}
        self.delivered = 0
        self.disordered = 0

    def greet(self, connection: Connection, order: dict[str, Any]) -> None:
        connection.cursor = order["after"]
        if order["says_hello"]:
            hello = json.dumps({"type": "hello", "after": order["after"]}).encode()
            connection.socket.sendall(frame(hello, masked=True))

    def take(self, connection: Connection, text: bytes) -> None:
        head = text[:HEAD_BYTES]
        known = self.known.get(head)
        if known is None:
            known = self.known[head] = Known(text)
        elif known.text != text:
            known = self.known.get(text) or self.known.setdefault(text, Known(text))
        if not known.sent:
            if known.last is not None:
                connection.cursor = max(connection.cursor, known.last)
            return
        if known.first is not None:
            # Frames follow one another without a gap, or something was lost.
            if known.first != connection.cursor:
                self.disordered += 1
            connection.cursor = known.last
        self.delivered += len(known.sent)
        known.came.append(time.monotonic())

    def do_begin(self, order: dict[str, Any]) -> dict[str, Any]:
        self.known.clear()
        self.delivered = self.disordered = 0
        return {}

    def do_count(self, order: dict[str, Any]) -> dict[str, Any]:
        return {"delivered": self.delivered}

    def do_end(self, order: dict[str, Any]) -> dict[str, Any]:
        seen = Histogram()
        for known in self.known.values():
            for sent in known.sent:
                # Readers get the same bytes within moments: tell them apart by tenths of a millisecond.
                arrivals: dict[int, int] = defaultdict(int)
                for came in known.came:
                    arrivals[int((came - sent) * 10_000)] += 1
                for tenths, times in arrivals.items():
                    seen.add(tenths / 10, times)
        return {
            "delivered": self.delivered,
            "disordered": self.disordered,
            "closed": self.closed,
            "seen": seen.counts,
        }


class Writers(Client):
    """Says things at an even rate, whoever answers when: a slow server does not slow the room."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, float] = {}
        self.acknowledged = 0
        self.refused: list[str] = []
        self.took = Histogram()
        self.plan: dict[str, Any] | None = None
        self.number = 0
        self.speakers: list[Connection] = []

    def do_say(self, order: dict[str, Any]) -> dict[str, Any]:
        """Begin to say `count` things at `rate` a second, each padded to a length."""
        self.plan = {**order, "from": self.number, "start": time.monotonic() + 0.1}
        self.sent.clear()
        self.acknowledged, self.refused, self.took = 0, [], Histogram()
        self.speakers = list(self.connections.values())
        return {}

    def do_told(self, order: dict[str, Any]) -> dict[str, Any]:
        waiting = self.plan["from"] + self.plan["count"] - self.number if self.plan else 0
        return {
            "unsaid": waiting,
            "unanswered": len(self.sent),
            "acknowledged": self.acknowledged,
            "refused": self.refused,
            "took": self.took.counts,
            "closed": self.closed,
        }

    def patience(self) -> float:
        if self.plan is None:
            return super().patience()
        due = self.plan["start"] + (self.number - self.plan["from"]) / self.plan["rate"]
        wait = max(0.0, min(0.2, due - time.monotonic()))
        return wait if hasattr(select, "epoll") else math.ceil(wait * 1000)

    def work(self) -> None:
        plan = self.plan
        if plan is None:
            return
        now = time.monotonic()
        while self.number - plan["from"] < (now - plan["start"]) * plan["rate"]:
            if self.number >= plan["from"] + plan["count"]:
                self.plan = None
                return
            self.say(plan)

    def say(self, plan: dict[str, Any]) -> None:
        ticket = f"{plan['salt']}{self.number}"
        moment = time.monotonic()
        body = f"Thought {self.number} at={moment:.6f} ".ljust(plan["length"], "x")
        command = {
            "type": "contribution.add",
            "id": ticket,
            "client_id": f"{plan['salt']:>08}-0000-4000-8000-{self.number:012}",
            "body": body,
        }
        self.sent[ticket] = moment
        connection = self.speakers[self.number % len(self.speakers)]
        text = json.dumps(command).encode()
        connection.socket.sendall(frame(text, masked=True) if plan["masked"] else text + b"\n")
        self.number += 1

    def take(self, connection: Connection, text: bytes) -> None:
        # Nothing else is sent to somebody who has not said hello.
        answer = json.loads(text)
        sent = self.sent.pop(answer.get("re", ""), None)
        if sent is None:
            return
        if answer["type"] == "ack":
            self.acknowledged += 1
            self.took.add((time.monotonic() - sent) * 1000)
        else:
            self.refused.append(answer.get("code", "?"))


if __name__ == "__main__":
    main()
