"""What it costs to tell a full room what was said: Summit's hub, a naive Channels consumer, bare TCP writes.

    python -m benchmarks.live [--quick] [--json FILE] [--readers 100,1000,5000] [--rates 20,100,200]
                              [--processes 1,2,4] [--variants summit,naive,tcp] [--seconds N]

N readers are connected to one session while people in it say things at an even rate. All three variants are measured in
one run, on the same machine, with frames of the same bytes. One server process keeps its data in SQLite; two and
four share PostgreSQL and Redis, which are started here. Clients are processes of their own, and what they cost is shown
beside, not counted.

Rows: variant, readers, rate (a second), processes, expected, delivered (events × readers), us_per_delivery (processor
time of the servers for each delivered event, in µs), ack_p50_ms, ack_p99_ms (from sending to acknowledgement),
seen_p50_ms, seen_p99_ms (from sending to each reader), kb_per_connection (memory of the server for each reader).
The processor time of one event is what counts; times as they pass are only as good as the machine is calm.
"""

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks._live_clients import Histogram, raise_file_limit
from benchmarks._live_servers import SPEAKERS
from tests.services import PostgresServer, RedisServer, free_port, wait_for_port

BODY_LENGTH = 90
# Speakers of the session (`_live_servers.SPEAKERS`) may each say twenty things a minute.
WARM_UP = 20
# Longer than any server that keeps up needs to deliver the last event.
DRAIN_SECONDS = 15.0
HOPELESS_DRAIN_SECONDS = 4.0
MOST_DELIVERIES = 3_000_000
SUSTAINED = (1000, 1000)
# With several processes the naive consumer is shown where it still delivers anything.
NAIVE_AT_MOST = 1000
FROZEN, ROOM = 5, 30
COLUMNS = {
    "variant": "variant",
    "readers": "readers",
    "rate": "rate/s",
    "processes": "proc.",
    "expected": "expected",
    "delivered": "delivered",
    "us_per_delivery": "µs each",
    "ack_p50_ms": "ack p50",
    "ack_p99_ms": "ack p99",
    "seen_p50_ms": "seen p50",
    "seen_p99_ms": "seen p99",
    "kb_per_connection": "KB/conn.",
}
Row = dict[str, Any]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="100 and 1,000 readers, one and two processes, briefly")
    options.add_argument("--json", type=Path, help="write the rows there too")
    options.add_argument("--readers", help="how many readers, by commas")
    options.add_argument("--rates", help="contributions a second, by commas")
    options.add_argument("--processes", help="server processes, by commas")
    options.add_argument("--variants", default="summit,naive,tcp")
    options.add_argument("--seconds", type=float, help="how long each row speaks")
    chosen = options.parse_args()
    plan = Plan(
        readers=numbers(chosen.readers or ("100,1000" if chosen.quick else "100,1000,5000")),
        rates=numbers(chosen.rates or ("20,200" if chosen.quick else "20,100,200")),
        processes=numbers(chosen.processes or ("1,2" if chosen.quick else "1,2,4")),
        variants=chosen.variants.split(","),
        seconds=chosen.seconds or (2.0 if chosen.quick else 8.0),
        sustained=not chosen.readers and not chosen.rates,
    )
    files = raise_file_limit()
    too_many = [readers for readers in plan.readers if readers + 1000 > files]
    if too_many:
        print(f"Left out {too_many} readers: this machine allows {files} open files (`ulimit -n`).")
        plan.readers = [readers for readers in plan.readers if readers not in too_many]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load()}")
    print("µs each: of the servers' processors. clients: of one core, the busiest client process.")
    table = Table()
    with tempfile.TemporaryDirectory(prefix="summit-benchmark-") as folder:
        measure_all(plan, Path(folder), table)
    print(f"Load at the end: {load()}")
    if chosen.json:
        chosen.json.write_text(json.dumps(table.rows, indent=1) + "\n")


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


@dataclass
class Plan:
    readers: list[int]
    rates: list[int]
    processes: list[int]
    variants: list[str]
    seconds: float
    sustained: bool

    def steps(self, variant: str, readers: int) -> list[tuple[int, int]]:
        """Rates and how many things are said at each, bounded so that no row takes much longer than the others."""
        rates = [*self.rates]
        if variant == "summit" and self.sustained and readers == SUSTAINED[0]:
            rates.append(SUSTAINED[1])
        if variant == "naive":
            # It is behind at the lowest rate already.
            rates = rates[:1]
        return [
            (rate, max(20, int(min(self.seconds * rate, max(3 * rate, MOST_DELIVERIES / readers))))) for rate in rates
        ]


class Table:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._print_line(list(COLUMNS.values()), "clients")

    def add(self, row: Row, clients: float) -> None:
        self.rows.append(row)
        self._print_line([_shown(row[name]) for name in COLUMNS], f"{clients:.0%}")

    def _print_line(self, cells: list[str], clients: str) -> None:
        print("  ".join(f"{cell:>9}" for cell in [*cells, clients]), flush=True)


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}" if value < 10 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def measure_all(plan: Plan, folder: Path, table: Table) -> None:
    if 1 in plan.processes:
        environment = environment_of(folder, database=f"sqlite:///{folder}/benchmark.sqlite3")
        if "summit" in plan.variants:
            run_to_end("migrate", environment=environment)
        for readers in plan.readers:
            for variant in plan.variants:
                measure(variant, readers, 1, plan.steps(variant, readers), environment, table)
        if "summit" in plan.variants:
            measure_frozen(environment, plan.seconds)
    several = [count for count in plan.processes if count > 1]
    if not several or not {"summit", "naive"} & set(plan.variants):
        return
    with PostgresServer() as postgres, RedisServer() as redis:
        environment = environment_of(folder, database=postgres.url("postgres"), redis=redis.url)
        if "summit" in plan.variants:
            run_to_end("migrate", environment=environment)
        for count in several:
            for readers in plan.readers:
                for variant in ("summit", "naive"):
                    if variant in plan.variants and (variant == "summit" or readers <= NAIVE_AT_MOST):
                        measure(variant, readers, count, plan.steps(variant, readers), environment, table)


def environment_of(folder: Path, *, database: str, redis: str = "") -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "summit.settings.test",
        "SUMMIT_VAR_DIR": str(folder),
        "DATABASE_URL": database,
        "REDIS_URL": redis,
    }


def run_to_end(*what: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "benchmarks._live_servers", *what]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


class Servers:
    """The processes of one variant."""

    def __init__(self, variant: str, count: int, environment: dict[str, str]) -> None:
        self.folder = Path(environment["SUMMIT_VAR_DIR"])
        self.ports = [free_port() for _ in range(count)]
        self.processes: list[psutil.Popen] = []
        for port in self.ports:
            log = self.folder / f"server-{port}.log"
            with log.open("ab") as written:
                self.processes.append(
                    psutil.Popen(
                        [sys.executable, "-m", "benchmarks._live_servers", variant, "--port", str(port)],
                        env=environment,
                        stdout=written,
                        stderr=written,
                        stdin=subprocess.DEVNULL,
                    )
                )
        for port, process in zip(self.ports, self.processes, strict=True):
            wait_for_port(port, process.pid, self.folder / f"server-{port}.log")

    def cpu(self) -> float:
        return sum(cpu_of(process) for process in self.processes)

    def memory(self) -> int:
        return sum(process.memory_info().rss for process in self.processes)

    def __enter__(self) -> "Servers":
        return self

    def __exit__(self, *exception: object) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait()


def cpu_of(process: psutil.Process) -> float:
    """Processor seconds of a process so far: to the nanosecond on Linux, to the hundredth elsewhere."""
    if sys.platform == "linux":
        # How the kernel numbers the clock of another process: see clock_getcpuclockid(3).
        return time.clock_gettime((~process.pid << 3) | 2)
    times = process.cpu_times()
    return times.user + times.system


class Clients:
    """Processes that read or write; ordered about by lines of JSON."""

    def __init__(self, role: str, count: int = 1) -> None:
        self.processes = [
            psutil.Popen(
                [sys.executable, "-m", "benchmarks._live_clients", role],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(count)
        ]

    def ask(self, *orders: dict[str, Any], **order: Any) -> list[dict[str, Any]]:
        """Give each process its order, or all the same one, and wait for their answers."""
        each = list(orders) or [order] * len(self.processes)
        for process, one in zip(self.processes, each, strict=True):
            process.stdin.write(json.dumps(one) + "\n")
            process.stdin.flush()
        answers = []
        for process in self.processes:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"A client ended with {process.wait()}.")
            answers.append(json.loads(line))
        return answers

    def cpu(self) -> float:
        return sum(cpu_of(process) for process in self.processes)

    def __enter__(self) -> "Clients":
        return self

    def __exit__(self, *exception: object) -> None:
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()


@dataclass
class Room:
    """Servers with a room full of people at them."""

    variant: str
    servers: Servers
    readers: Clients
    writers: Clients
    count: int
    kb_per_connection: float

    def say(self, rate: int, count: int) -> "Outcome":
        """Have so many things said, and wait until everybody has read them or nothing comes any more."""
        self.readers.ask(do="begin")
        server_cpu, reader_cpu, writer_cpu, start = (
            self.servers.cpu(),
            self.readers.cpu(),
            self.writers.cpu(),
            time.monotonic(),
        )
        order = {"do": "say", "rate": rate, "count": count, "length": BODY_LENGTH, "masked": self.variant != "tcp"}
        self.writers.ask(**order, salt=uuid.uuid4().hex[:8])
        expected = count * self.count
        spoken_until = start + count / rate
        patience = HOPELESS_DRAIN_SECONDS if self.variant == "naive" else DRAIN_SECONDS
        delivered, grew_at = 0, time.monotonic()
        while True:
            time.sleep(0.25)
            told = self.writers.ask(do="told")[0]
            now_delivered = sum(answer["delivered"] for answer in self.readers.ask(do="count"))
            now = time.monotonic()
            if now_delivered != delivered:
                delivered, grew_at = now_delivered, now
            if told["refused"]:
                raise RuntimeError(f"{len(told['refused'])} contributions were refused: {set(told['refused'])}")
            is_answered = not told["unsaid"] and not told["unanswered"]
            if is_answered and delivered >= expected:
                break
            # A server that is hopelessly behind is not waited for.
            if now > spoken_until + 5 and (now - grew_at > patience or self.variant == "naive"):
                break
        passed = time.monotonic() - start
        outcome = Outcome(expected, self.servers.cpu() - server_cpu, passed)
        outcome.busiest_client = max(
            (self.readers.cpu() - reader_cpu) / len(self.readers.processes) / passed,
            (self.writers.cpu() - writer_cpu) / passed,
        )
        for answer in self.readers.ask(do="end"):
            outcome.delivered += answer["delivered"]
            outcome.disordered += answer["disordered"]
            outcome.closed += answer["closed"]
            outcome.seen.merge(answer["seen"])
        outcome.took.merge(told["took"])
        return outcome


class Outcome:
    def __init__(self, expected: int, cpu: float, passed: float) -> None:
        self.expected, self.cpu, self.passed = expected, cpu, passed
        self.delivered = self.disordered = self.closed = 0
        self.busiest_client = 0.0
        self.seen, self.took = Histogram(), Histogram()

    def row(self, variant: str, readers: int, rate: int, processes: int, kb_per_connection: float) -> Row:
        return {
            "variant": variant,
            "readers": readers,
            "rate": rate,
            "processes": processes,
            "expected": self.expected,
            "delivered": self.delivered,
            "us_per_delivery": round(self.cpu / self.delivered * 1e6, 3) if self.delivered else None,
            "ack_p50_ms": self.took.percentile(0.5),
            "ack_p99_ms": self.took.percentile(0.99),
            "seen_p50_ms": self.seen.percentile(0.5),
            "seen_p99_ms": self.seen.percentile(0.99),
            "kb_per_connection": round(kb_per_connection, 1),
        }


@contextlib.contextmanager
def room_of(
    variant: str, readers: int, processes: int, environment: dict[str, str], *, frozen: int = 0
) -> Iterator[Room]:
    """Servers with readers and speakers connected. `frozen` of the readers stop reading once they are in."""
    made = (
        json.loads(run_to_end("room", "--readers", str(readers), environment=environment).splitlines()[-1])
        if (variant == "summit")
        else {"code": "", "seq": 0, "readers": None, "speakers": None}
    )
    path = {"summit": f"/ws/live/{made['code']}/", "naive": "/", "tcp": ""}[variant]
    speakers = SPEAKERS if variant == "summit" else 50
    with (
        Servers(variant, processes, environment) as servers,
        Clients("writers") as writers,
        Clients("readers", 2 if readers > 1000 else 1) as reading,
        Clients("readers") as freezing,
        Clients("readers") as first,
    ):
        common = {"do": "connect", "ports": servers.ports, "path": path, "after": made["seq"]}
        writers.ask(
            **{**common, "path": path and f"{path}?speaker=1"},
            count=speakers,
            tokens=made["speakers"],
            says_hello=False,
        )
        # Somebody reads the first events, which make servers import and cache what they need.
        order = {**common, "tokens": made["speakers"] and made["speakers"][-1:], "says_hello": variant == "summit"}
        first.ask({**order, "count": 1, "hello": "reader"})
        Room(variant, servers, first, writers, 1, 0).say(20, WARM_UP)
        before = servers.memory()
        # Everybody else starts where the room is now.
        common["after"] += WARM_UP if variant != "naive" else 0
        parts = spread_evenly(readers - frozen, len(reading.processes))
        tokens = list(made["readers"] or [])
        orders = []
        for part in parts:
            mine, tokens = tokens[:part], tokens[part:]
            orders.append(
                {**common, "count": part, "tokens": mine, "says_hello": variant == "summit", "hello": "reader"}
            )
        reading.ask(*orders)
        if frozen:
            order = {**common, "count": frozen, "tokens": tokens, "says_hello": True, "receive_buffer": 4096}
            freezing.ask(order)
        room = Room(variant, servers, reading, writers, readers - frozen, 0)
        # Until everybody is in.
        if variant != "naive":
            room.say(20, WARM_UP)
        else:
            time.sleep(2)
        room.kb_per_connection = (servers.memory() - before) / readers / 1024
        if frozen:
            freezing.processes[0].suspend()
        try:
            yield room
        finally:
            if frozen:
                freezing.processes[0].resume()


def spread_evenly(total: int, over: int) -> list[int]:
    return [total // over + (place < total % over) for place in range(over)]


def measure(
    variant: str,
    readers: int,
    processes: int,
    steps: list[tuple[int, int]],
    environment: dict[str, str],
    table: Table,
) -> None:
    with room_of(variant, readers, processes, environment) as room:
        for rate, count in steps:
            outcome = room.say(rate, count)
            row = outcome.row(variant, readers, rate, processes, room.kb_per_connection)
            table.add(row, outcome.busiest_client)
            if variant == "summit":
                if outcome.disordered:
                    raise AssertionError(f"{outcome.disordered} frames did not follow the one before.")
                if outcome.closed:
                    raise AssertionError(f"{outcome.closed} readers were closed.")


def measure_frozen(environment: dict[str, str], seconds: float) -> None:
    """Five frozen phones of thirty: what the others notice, and what the server's memory does."""
    told = []
    for frozen in (0, FROZEN):
        with room_of("summit", ROOM, 1, environment, frozen=frozen) as room:
            before = room.servers.memory()
            outcome = room.say(200, int(max(seconds, 3) * 200))
            grew = (room.servers.memory() - before) / 1024**2
            told.append(f"p99 {outcome.seen.percentile(0.99)} ms, memory {grew:+.1f} MB")
    print(f"Of {ROOM} readers none frozen: {told[0]}. {FROZEN} frozen, the others: {told[1]}.", flush=True)


if __name__ == "__main__":
    main()
