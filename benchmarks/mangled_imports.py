"""A thousand mangled exports, each a clear error or a clean import; and what a very long export costs.

    python -m benchmarks.mangled_imports [--count 1000] [--megabytes 500] [--json FILE]

Each export is tried for real, in a transaction that is rolled back. The long one is written to a temporary folder and
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
        "DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3",
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
    from wagtail.models import Page  # noqa: PLC0415

    from people.models import User  # noqa: PLC0415
    from tests.wordpress.mangling import mangled  # noqa: PLC0415
    from wordpress.actions import try_import  # noqa: PLC0415
    from wordpress.exceptions import ImportRefused  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    actor = User.objects.create_superuser("benchmark@example.org")
    path = Path(os.environ["SUMMIT_VAR_DIR"]) / "mangled.xml"
    pages = Page.objects.count()
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for seed in range(count):
        path.write_bytes(mangled(seed))
        started = time.process_time()
        try:
            report = try_import(actor=actor, path=path)
        except ImportRefused:
            outcomes["refused"] += 1
        else:
            outcomes["imported"] += 1
            for counts in report["counts"].values():
                assert counts["found"] == sum(number for name, number in counts.items() if name != "found"), seed
        slowest = max(slowest, time.process_time() - started)
        assert Page.objects.count() == pages, seed
    return {"what": "mangled exports", "count": count, **outcomes, "slowest_cpu_s": round(slowest, 2)}


if __name__ == "__main__":
    main()
