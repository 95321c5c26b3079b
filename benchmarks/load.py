"""What a whole installation carries: a live session, readers of propositions and people who comment, all at once.

    python -m benchmarks.load [--processes 1,2,4] [--factors 0.25,0.5,1,1.5,2] [--people 2000] [--seconds 15]
                              [--json FILE]
    python -m benchmarks.load --costs [--processes 1 2 4] [--people 2000] [--seconds 8]

The installation is that of `make scale`: nginx with HTTPS, server processes, a worker, PostgreSQL and Redis, all on
this machine, and so are its clients, whose processor use is shown beside. At factor 1, 2,000 people in one session say
20 things a second between them, 200 readers a second open a proposition page of 200 comments, each over a connection
of its own, and 20 people a second comment on these pages. People stay; the other rates are multiplied by the factor,
step by step, until something breaks: an answer that is wrong, later than ten seconds, or none; more than one in a
hundred answers or deliveries later than two seconds; or something said that did not reach everybody in order.

Requests are made when they are due, whatever became of those before. Rows: processes, factor, what (page, comment,
said: a contribution until it is acknowledged, heard: until each phone has it), asked, good, p50_ms, p99_ms; and for
each step the share of one core that each part took.

With --costs nothing climbs: each kind of thing is asked for alone, at a rate that one process bears, and the rows are
what one of them costs in microseconds of processor time of each part, so that one sees what more processes add. Rows:
processes, what (silence: a second of it; kept page, fresh page, comment; delivery: one contribution on one phone),
done, servers, worker, nginx, postgres, redis. About a minute for each number of processes on a quiet machine.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import ssl
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httptools
import psutil
import uvloop

from benchmarks._live_clients import PING, PONG, TEXT, Histogram, Known, frame, raise_file_limit
from benchmarks.live import load
from tests.installation import ROOT, Installation, Missing, trust

READERS_A_SECOND = 200
COMMENTS_A_SECOND = 20
SAID_A_SECOND = 20
PATIENCE = 10.0
LATE_MS = 2000
DRAIN_SECONDS = 15.0
CONNECTING_AT_ONCE = 50
Row = dict[str, Any]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--processes", default=["1,2,4"], nargs="+", help="server processes, by commas or spaces")
    options.add_argument("--costs", action="store_true", help="what one of each thing costs, each alone")
    options.add_argument("--factors", default="0.25,0.5,1,1.5,2", help="steps, by commas")
    options.add_argument("--people", type=int, default=2000, help="in the session")
    options.add_argument("--seconds", type=float, help="of each step; 15, or 8 with --costs")
    options.add_argument("--json", type=Path, help="write the rows there too")
    chosen = options.parse_args()
    if raise_file_limit() < 4 * chosen.people:
        sys.exit(f"{chosen.people} people need {4 * chosen.people} open files; raise `ulimit -n`.")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load()}")
    if chosen.costs:
        print("Microseconds of processor time for one, by the part that spends it.", flush=True)
    else:
        print("Shares are of one core. Times in milliseconds.", flush=True)
    rows: list[Row] = []
    try:
        for processes in (int(number) for number in ",".join(chosen.processes).split(",")):
            with Installation(processes) as installation:
                crowd = Crowd(installation, make_place(installation, people=chosen.people), rows)
                factors = [float(number) for number in chosen.factors.split(",")]
                uvloop.run(
                    crowd.cost(chosen.seconds or 8) if chosen.costs else crowd.climb(factors, chosen.seconds or 15)
                )
    except Missing as missing:
        sys.exit(str(missing))
    print(f"Load at the end: {load()}")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n")


def make_place(installation: Installation, *, people: int) -> dict[str, Any]:
    # Nobody may comment more often than six times a minute.
    accounts = 2000
    command = [sys.executable, "-m", "benchmarks._load_place", "--people", str(people), "--accounts", str(accounts)]
    environment = {**os.environ, **installation.environment}
    made = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    place: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return place


class Tally:
    """Of one kind of thing asked for: how often, how it was answered, how long it took."""

    def __init__(self) -> None:
        self.asked = self.good = 0
        self.bad: Counter[str] = Counter()
        self.took = Histogram()

    def add(self, seconds: float) -> None:
        self.good += 1
        self.took.add(seconds * 1000)

    def row(self, **names: Any) -> Row:
        return {
            **names,
            "asked": self.asked,
            "good": self.good,
            "p50_ms": self.took.percentile(0.5),
            "p99_ms": self.took.percentile(0.99),
        }


class Crowd:
    def __init__(self, installation: Installation, place: dict[str, Any], rows: list[Row]) -> None:
        self.installation, self.place, self.rows = installation, place, rows
        self.port = installation.port
        self.host = urlsplit(installation.address).netloc
        self.trust = trust(installation.certificate)
        self.trust.check_hostname = True
        self.parts = Parts(installation)
        self.phones: list[Phone] = []
        self.known: dict[bytes, Known] = {}
        self.tallies: dict[str, Tally] = {}
        self.sent: dict[str, float] = {}
        self.turn = 0

    async def climb(self, factors: list[float], seconds: float) -> None:
        count = len(self.installation.ports)
        await self.gather_people()
        # Servers import and cache what they need.
        await self.step(0.1, 3)
        for factor in factors:
            broken, shares = await self.step(factor, seconds)
            for what, tally in self.tallies.items():
                row = tally.row(processes=count, factor=factor, what=what)
                self.rows.append(row)
                bad = ", ".join(f"{times} × {how}" for how, times in tally.bad.items())
                print("  ".join(f"{value!s:>9}" for value in row.values()), f" {bad}", flush=True)
            print("    ", ", ".join(f"{part} {share:.0%}" for part, share in shares.items()), flush=True)
            self.rows[-1]["shares"] = {part: round(share, 3) for part, share in shares.items()}
            if broken:
                print(f"     {count} processes break at {factor} × : {broken}", flush=True)
                for line in self.installation.log_errors()[:3]:
                    print("    ", line, flush=True)
                break
        for phone in self.phones:
            phone.leave()

    async def cost(self, seconds: float) -> None:
        """What one of each thing costs, each asked for alone."""
        await self.gather_people()
        await self.step(0.1, 3)
        names = ("processes", "what", "done", *(part for part in self.parts.roots if part != "clients"))
        print("  ".join(f"{name:>10}" for name in names), flush=True)
        for what, rate, act in (
            # What everything costs in a second in which nobody does anything: the others have it in them.
            ("silence", 0, self.read_page),
            ("kept page", 40, self.read_page),
            ("fresh page", 4, self.read_fresh_page),
            ("comment", 4, self.comment),
            ("delivery", 5, self.say),
        ):
            self.begin()
            before = self.parts.cpu()
            await (self.at_rate(rate, seconds, act) if rate else asyncio.sleep(seconds))
            await self.until_all_is_heard()
            spent = {part: cpu - before[part] for part, cpu in self.parts.cpu().items() if part != "clients"}
            kind = {"comment": "comment", "delivery": "heard"}.get(what, "page")
            done = self.tallies[kind].good if rate else seconds
            row = {"processes": len(self.installation.ports), "what": what, "done": done}
            row |= {part: round(1e6 * one / max(done, 1), 2) for part, one in spent.items()}
            self.rows.append(row)
            bad = {how: times for tally in self.tallies.values() for how, times in tally.bad.items()}
            print("  ".join(f"{value!s:>10}" for value in row.values()), f" {bad or ''}", flush=True)
        for phone in self.phones:
            phone.leave()

    async def gather_people(self) -> None:
        gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def bring(cookie: str) -> None:
            async with gate:
                phone = Phone(self, cookie)
                await self.connect(lambda: phone)
                await asyncio.wait_for(phone.is_in, PATIENCE * 6)
                self.phones.append(phone)

        await asyncio.gather(*(bring(cookie) for cookie in self.place["devices"]))

    async def connect(self, protocol: Callable[[], asyncio.Protocol]) -> Any:
        """A connection of somebody's own, from one of many networks."""
        self.turn += 1
        network = f"127.0.{self.turn // 250 % 250}.{self.turn % 250 + 1}"
        loop = asyncio.get_running_loop()
        return await loop.create_connection(
            protocol, "127.0.0.1", self.port, ssl=self.trust, server_hostname="localhost", local_addr=(network, 0)
        )

    async def step(self, factor: float, seconds: float) -> tuple[str, dict[str, float]]:
        """One step; what broke, if anything, and how busy each part was."""
        self.begin()
        before, begun = self.parts.cpu(), time.monotonic()
        await asyncio.gather(
            self.at_rate(READERS_A_SECOND * factor, seconds, self.read_page),
            self.at_rate(COMMENTS_A_SECOND * factor, seconds, self.comment),
            self.at_rate(SAID_A_SECOND * factor, seconds, self.say),
        )
        passed = time.monotonic() - begun
        shares = {part: (cpu - before[part]) / passed for part, cpu in self.parts.cpu().items()}
        await self.until_all_is_heard()
        return self.what_broke(), shares

    def begin(self) -> None:
        """Count anew."""
        self.tallies = {what: Tally() for what in ("page", "comment", "said", "heard")}
        self.known.clear()
        self.sent.clear()
        for phone in self.phones:
            phone.heard = 0

    async def at_rate(self, rate: float, seconds: float, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something when it is due, so many times a second, and return when all of it has ended."""
        begun = time.monotonic()
        running = set()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            task = asyncio.create_task(act())
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)

    async def read_fresh_page(self) -> None:
        await self.read_page(f"?n={uuid.uuid4().hex}")

    async def read_page(self, query: str = "") -> None:
        page = random.choice(self.place["pages"]) + query
        request = f"GET {page} HTTP/1.1\r\nHost: {self.host}\r\nAccept-Encoding: gzip\r\nAccept: text/html\r\n\r\n"
        await self.ask(self.tallies["page"], request.encode(), good={200})

    async def comment(self) -> None:
        who = random.choice(self.place["sessions"])
        form = random.choice(self.place["forms"])
        words = " ".join(random.sample(WORDS, 12))
        fields = {**form, "comment": f"{words.capitalize()}.", "role": "Lock keeper"}
        body = urlencode(fields).encode()
        head = (
            f"POST /comments/post/ HTTP/1.1\r\nHost: {self.host}\r\nOrigin: {self.installation.address}\r\n"
            f"Cookie: {who}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        await self.ask(self.tallies["comment"], head.encode() + body, good={302, 303})

    async def ask(self, tally: Tally, request: bytes, *, good: set[int]) -> None:
        tally.asked += 1
        begun = time.monotonic()
        visit = Visit(request)
        try:
            async with asyncio.timeout(PATIENCE):
                transport, _ = await self.connect(lambda: visit)
                try:
                    status = await visit.answered
                finally:
                    transport.close()
        except (OSError, TimeoutError, ssl.SSLError) as error:
            tally.bad[type(error).__name__] += 1
            return
        if status in good:
            tally.add(time.monotonic() - begun)
        else:
            tally.bad[str(status)] += 1

    async def say(self) -> None:
        tally = self.tallies["said"]
        phone = random.choice(self.phones)
        ticket = str(tally.asked)
        tally.asked += 1
        moment = time.monotonic()
        words = " ".join(random.sample(WORDS, 10))
        command = {
            "type": "contribution.add",
            "id": ticket,
            "client_id": str(uuid.uuid4()),
            "body": f"Thought at={moment:.6f} {words}",
        }
        self.sent[ticket] = moment
        phone.send(json.dumps(command).encode())

    def take(self, phone: "Phone", text: bytes) -> None:
        known = self.known.get(text)
        if known is None:
            message = json.loads(text)
            if "re" in message:
                self.acknowledge(message)
                return
            known = self.known[text] = Known(text)
        if not known.sent:
            if known.last is not None:
                phone.cursor = max(phone.cursor, known.last)
            return
        if known.first is not None and known.last is not None:
            if known.first != phone.cursor:
                self.tallies["heard"].bad["out of order"] += 1
            phone.cursor = known.last
        phone.heard += len(known.sent)
        now = time.monotonic()
        for sent in known.sent:
            self.tallies["heard"].add(now - sent)

    def acknowledge(self, message: dict[str, Any]) -> None:
        sent = self.sent.pop(message["re"], None)
        if message["type"] != "ack":
            self.tallies["said"].bad[str(message.get("code"))] += 1
        elif sent is not None:
            self.tallies["said"].add(time.monotonic() - sent)

    async def until_all_is_heard(self) -> None:
        heard = self.tallies["heard"]
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline:
            heard.asked = self.tallies["said"].good * len(self.phones)
            if not self.sent and heard.good >= heard.asked:
                return
            await asyncio.sleep(0.1)

    def what_broke(self) -> str:
        lost = sum(phone.is_lost for phone in self.phones)
        if lost:
            return f"{lost} phones lost their connection"
        for what, tally in self.tallies.items():
            if tally.bad or tally.good < tally.asked:
                return f"{what}: {tally.asked - tally.good} of {tally.asked} without a good answer"
            if (tally.took.percentile(0.99) or 0) > LATE_MS:
                return f"{what}: later than {LATE_MS / 1000:g} s"
        return ""


class Visit(asyncio.Protocol):
    """One request over one connection; `answered` is the status once the whole answer is there."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: Any) -> None:
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        if not self.answered.done():
            self.answered.set_result(self.parser.get_status_code())

    def connection_lost(self, exception: Exception | None) -> None:
        if not self.answered.done():
            self.answered.set_exception(exception or ConnectionResetError("closed before the answer"))


class Phone(asyncio.Protocol):
    """Somebody in the session who reads everything and says something at times."""

    def __init__(self, crowd: Crowd, cookie: str) -> None:
        self.crowd, self.cookie = crowd, cookie
        self.cursor: int = crowd.place["seq"]
        self.heard = 0
        self.rest = b""
        self.is_lost = self.has_left = False
        self.is_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        lines = [
            f"GET {self.crowd.place['socket']} HTTP/1.1",
            f"Host: {self.crowd.host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            f"Origin: {self.crowd.installation.address}",
            f"Cookie: {self.cookie}",
        ]
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def send(self, text: bytes, *, opcode: int = TEXT) -> None:
        self.transport.write(frame(text, masked=True, opcode=opcode))

    def leave(self) -> None:
        self.has_left = True
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if not self.is_in.done():
            head, separator, rest = self.rest.partition(b"\r\n\r\n")
            if not separator:
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self.is_in.set_exception(ConnectionError(f"no handshake: {head[:100]!r}"))
                return
            self.rest = rest
            self.is_in.set_result(None)
            self.send(json.dumps({"type": "hello", "after": self.cursor}).encode())
        data, start, size = self.rest, 0, len(self.rest)
        while size - start >= 2:
            length, body = data[start + 1] & 127, start + 2
            if length >= 126:
                wide = 2 if length == 126 else 8
                length, body = int.from_bytes(data[body : body + wide]), body + wide
            if size < body + length:
                break
            match data[start] & 15:
                case opcode if opcode == TEXT:
                    self.crowd.take(self, data[body : body + length])
                case opcode if opcode == PING:
                    self.send(data[body : body + length], opcode=PONG)
            start = body + length
        self.rest = data[start:]

    def connection_lost(self, exception: Exception | None) -> None:
        self.is_lost = not self.has_left
        if not self.is_in.done():
            self.is_in.set_exception(exception or ConnectionResetError("closed before the handshake"))


class Parts:
    """The processes of an installation by what they are for, and this one with its clients."""

    def __init__(self, installation: Installation) -> None:
        servers = [psutil.Process(process.pid) for process in installation.servers.values()]
        named = {"worker": installation.worker, "nginx": installation.nginx}
        stores = {"postgres": installation.postgres.process, "redis": installation.redis.process}
        self.roots: dict[str, list[psutil.Process]] = {"servers": servers}
        for name, process in {**named, **stores}.items():
            if process is not None:
                self.roots[name] = [psutil.Process(process.pid)]
        self.roots["clients"] = [psutil.Process()]

    def cpu(self) -> dict[str, float]:
        """Processor seconds so far."""
        return {part: sum(self._seconds(root) for root in roots) for part, roots in self.roots.items()}

    def _seconds(self, root: psutil.Process) -> float:
        if root.pid == os.getpid():
            # What this process has started is counted where it belongs.
            own = root.cpu_times()
            return float(own.user + own.system)
        return spent(root)


def spent(root: psutil.Process) -> float:
    """Processor seconds of a process, of its children and of those that have ended."""
    own = root.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in root.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return float(total)


WORDS = [
    *("the", "ferry", "lock", "keeper", "mends", "nets", "early", "because", "winter", "water", "rises", "and", "old"),
    *("stones", "lie", "so", "people", "stay", "longer", "when", "boats", "leave", "later", "than", "evening", "bells"),
    *(
        "while",
        "councils",
        "pay",
        "for",
        "lamps",
        "along",
        "paths",
        "beside",
        "mills",
        "nobody",
        "else",
        "knows",
        "why",
    ),
]


if __name__ == "__main__":
    main()
