"""What a page costs: processor time of the server process and of the database for each answer.

    python -m benchmarks.pages [--asked 300] [--at-once 6] [--comments 200] [--rounds 3] [--json FILE]

One server process of an installation with PostgreSQL and Redis is asked past its proxy, so many requests at once, each
over a connection of its own as phones do it. Rows: what (alive: an answer that looks at nothing; kept: a proposition
page that was made a moment ago; fresh: one that is made anew; join: the page of the join code), round, server_ms,
database_ms, p50_ms, p99_ms, and how many connections PostgreSQL made for a hundred answers. The first is the floor:
parsing the request, the middleware of Django and the way into a thread and back.
"""

import argparse
import http.client
import json
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.load import spent
from tests.installation import ROOT, Installation, Missing

Row = dict[str, Any]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--asked", type=int, default=300, help="requests of each kind in each round")
    options.add_argument("--at-once", type=int, default=6)
    options.add_argument("--comments", type=int, default=200, help="on the proposition page")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", type=Path, help="write the rows there too")
    options.add_argument("--make", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.make:
        print(make_place(chosen.comments))
        return
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, load {os.getloadavg()[0]:.1f}")
    rows: list[Row] = []
    try:
        with Installation(1) as installation:
            command = [sys.executable, "-m", "benchmarks.pages", "--make", "--comments", str(chosen.comments)]
            environment = {**os.environ, **installation.environment}
            made = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            page = made.stdout.splitlines()[-1]
            kinds = {
                "alive": lambda number: "/health/live",
                "kept": lambda number: page,
                "fresh": lambda number: f"{page}?n={time.monotonic_ns()}",
                "join": lambda number: f"/join/?n={time.monotonic_ns()}",
            }
            for turn in range(chosen.rounds + 1):
                for what, path in kinds.items():
                    row = measure(installation, path, chosen.asked if turn else 30, chosen.at_once)
                    if turn:
                        rows.append({"what": what, "round": turn, **row})
                        print("  ".join(f"{value!s:>8}" for value in rows[-1].values()), flush=True)
            for line in installation.log_errors()[:3]:
                print(line)
    except Missing as missing:
        sys.exit(str(missing))
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n")


def make_place(comments: int) -> str:
    import django  # noqa: PLC0415 in the environment of the installation

    django.setup()
    from tests.factories.discussion import event_page, many_comments, proposition_page  # noqa: PLC0415

    proposition = proposition_page(event_page())
    many_comments(proposition, comments)
    return str(proposition.get_url())


def measure(installation: Installation, path: Any, asked: int, at_once: int) -> Row:
    server = psutil.Process(next(iter(installation.servers.values())).pid)
    assert installation.postgres.process is not None
    database = psutil.Process(installation.postgres.process.pid)
    headers = {"Host": "localhost", "X-Forwarded-Proto": "https", "Accept-Encoding": "gzip", "Accept": "text/html"}

    def ask(number: int) -> float:
        begun = time.monotonic()
        opened = http.client.HTTPConnection("127.0.0.1", installation.ports[0], timeout=30)
        opened.request("GET", path(number), headers=headers)
        answer = opened.getresponse()
        answer.read()
        opened.close()
        if answer.status != 200:
            raise RuntimeError(f"{path(number)} answers {answer.status}")
        return time.monotonic() - begun

    sessions = sessions_of(installation)
    before = spent(server), spent(database)
    with ThreadPoolExecutor(at_once) as crowd:
        took = sorted(crowd.map(ask, range(asked)))
    # The cost of a connection is known to the server only when it has ended.
    time.sleep(0.3)
    after = spent(server), spent(database)
    opened = sessions_of(installation) - sessions - 1
    return {
        "server_ms": round((after[0] - before[0]) * 1000 / asked, 2),
        "database_ms": round((after[1] - before[1]) * 1000 / asked, 2),
        "p50_ms": round(took[asked // 2] * 1000),
        "p99_ms": round(took[asked * 99 // 100] * 1000),
        "connections_per_100": round(100 * opened / asked),
    }


def sessions_of(installation: Installation) -> int:
    """How many connections have been made to the database; this one counts too."""
    with psycopg.connect(installation.postgres.url("summit")) as opened:
        opened.execute("SELECT pg_stat_clear_snapshot()")
        found = opened.execute("SELECT sessions FROM pg_stat_database WHERE datname = 'summit'").fetchone()
    assert found is not None
    return int(found[0])


if __name__ == "__main__":
    main()
