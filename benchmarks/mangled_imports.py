"""A thousand mangled exports, each a clear error or a clean import; and what a very long export costs.

    python -m benchmarks.mangled_imports [--count 1000] [--megabytes 500] [--json FILE]

Each export is brought in for real and undone again, in a transaction that is rolled back. Broken are those that raised
anything but a refusal, left something behind or did not add up. The long one is written to a temporary folder and
read through as an import first reads it; the row gives the most memory that the process ever held.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from people.models import User


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--megabytes", type=int, default=500)
    options.add_argument("--json", type=Path, help="write the rows there too")
    options.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--mangle", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.read:
        print(json.dumps(read(chosen.read)))
    elif chosen.mangle:
        print(json.dumps(mangle(chosen.count)))
    else:
        rows = [*long_export(chosen.megabytes), *mangled_exports(chosen.count)]
        for row in rows:
            print("  ".join(f"{name} {value}" for name, value in row.items()))
        if chosen.json:
            chosen.json.write_text(json.dumps(rows, indent=1) + "\n")


def run(*arguments: str, folder: str) -> dict[str, object]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "summit.settings.test",
        "SUMMIT_VAR_DIR": folder,
        "DATABASE_URL": "sqlite://:memory:",
    }
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.mangled_imports", *arguments],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(found.stdout.splitlines()[-1])


def long_export(megabytes: int) -> list[dict[str, object]]:
    from tests.factories.wordpress import FOOT, HEAD, LINK, comment, item  # noqa: PLC0415 other modes need none

    if not megabytes:
        return []
    with tempfile.TemporaryDirectory(prefix="summit-benchmark-") as folder:
        path = Path(folder) / "long.xml"
        words = "The tide comes in and the nets go out, and somebody has to mend them before it turns. " * 20
        with path.open("w", encoding="utf-8") as file:
            values = {"encoding": "UTF-8", "version": "1.2", "title": "Long", "link": LINK, "description": ""}
            file.write(HEAD.format(**values))
            while file.tell() < megabytes * 1024 * 1024:
                file.write(item(f"<p>{words}</p>\n\n" * 10, *(comment(words) for _ in range(20))))
            file.write(FOOT)
        return [run("--read", str(path), folder=folder)]


def read(path: Path) -> dict[str, object]:
    import django  # noqa: PLC0415 settings are read in this process only

    django.setup()
    from wordpress.survey import survey  # noqa: PLC0415 needs the settings

    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    started = time.process_time()
    found = survey(path)
    return {
        "what": "long export",
        "megabytes": path.stat().st_size // 1024 // 1024,
        "posts": found.items,
        "comments": found.counts["comment"],
        "cpu_s": round(time.process_time() - started, 1),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "memory_before_mb": idle,
    }


def mangled_exports(count: int) -> list[dict[str, object]]:
    if not count:
        return []
    with tempfile.TemporaryDirectory(prefix="summit-benchmark-") as folder:
        return [run("--mangle", "--count", str(count), folder=folder)]


def mangle(count: int) -> dict[str, object]:
    import django  # noqa: PLC0415 settings are read in this process only

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 needs the settings
    from django.db import transaction  # noqa: PLC0415
    from django.test.utils import override_settings  # noqa: PLC0415

    from people.models import User  # noqa: PLC0415
    from tests.wordpress.mangling import mangled  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    actor = User.objects.create_superuser("benchmark@example.org")
    # The tasks that follow a page are those of search and references; they cost a third and import nothing.
    override_settings(TASKS={"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}).enable()
    path = Path(os.environ["SUMMIT_VAR_DIR"]) / "mangled.xml"
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    broken: list[str] = []
    began = time.process_time()
    for seed in range(count):
        path.write_bytes(mangled(seed))
        started = time.process_time()
        with transaction.atomic():
            try:
                outcomes[bring(actor, path)] += 1
            except Exception as error:  # noqa: BLE001 whatever it is, it is what is looked for
                broken.append(f"seed {seed}: {type(error).__name__}: {error}")
            transaction.set_rollback(True)
        slowest = max(slowest, time.process_time() - started)
        if seed % 100 == 99:
            print(f"{seed + 1} of {count}", file=sys.stderr)
    for line in broken:
        print(line, file=sys.stderr)
    return {
        "what": "mangled exports",
        "count": count,
        **outcomes,
        "broken": len(broken),
        "cpu_s": round(time.process_time() - began),
        "slowest_cpu_s": round(slowest, 2),
    }


def bring(actor: "User", path: Path) -> str:
    """Bring one in as an organiser does. A refusal must leave nothing, an import must add up and be undone whole."""
    from wagtail.contrib.redirects.models import Redirect  # noqa: PLC0415 needs the settings
    from wagtail.models import Page  # noqa: PLC0415

    from discussion.models import Comment, Mention  # noqa: PLC0415
    from people.models import Person  # noqa: PLC0415
    from wordpress.actions import prepare_import, run_import, undo_import  # noqa: PLC0415
    from wordpress.exceptions import ImportFailed, ImportRefused  # noqa: PLC0415
    from wordpress.reports import report_of  # noqa: PLC0415

    def standing() -> list[int]:
        return [model.objects.count() for model in (Page, Comment, Mention, Person, Redirect)]

    before = standing()
    try:
        batch = run_import(actor=actor, batch=prepare_import(actor=actor, path=path), path=path)
    except ImportFailed as error:
        raise error.__cause__ or error from None
    except ImportRefused:
        assert standing() == before, "a refused import left something"
        return "refused"
    for kind, counts in report_of(batch)["counts"].items():
        assert counts["found"] == sum(number for name, number in counts.items() if name != "found"), kind
    undo_import(actor=actor, batch=batch)
    assert standing() == before, "an undone import left something"
    return "imported"


if __name__ == "__main__":
    main()
