"""What a briefing costs to set, to write as Word and data, and to read, by how much it cites.

    python -m benchmarks.briefings [--json FILE] [--citations 21,56,98]

Rows: what, citations, pages, cpu_ms (of this process, with SQLite the database's too), bytes. The floor is the same
library setting two empty pages in the same fonts. The fonts are unpacked and the library is loaded before.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

POINTS = 7
TEXT = "Somebody has to open the door, and somebody has to be told that it is open. " * 3


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", type=Path, help="write the rows there too")
    options.add_argument("--citations", default="21,56,98", help="how many a briefing of seven points has")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="summit-benchmark-") as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "summit.settings.test"
        os.environ["SUMMIT_VAR_DIR"] = folder
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/benchmark.sqlite3"
        rows = measure([int(size) for size in chosen.citations.split(",")])
    print(f"{'what':<28}{'citations':>10}{'pages':>7}{'CPU ms':>9}{'kB':>8}")
    for row in rows:
        size = f"{row['bytes'] / 1000:.0f}" if row["bytes"] else ""
        print(f"{row['what']:<28}{row['citations']:>10}{row['pages'] or '':>7}{row['cpu_ms']:>9.0f}{size:>8}")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n")


def measure(sizes: list[int]) -> list[dict[str, Any]]:
    import django  # noqa: PLC0415 settings are chosen by now

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    call_command("migrate", verbosity=0, stdout=sys.stderr)
    from briefings import printing, word  # noqa: PLC0415
    from briefings.exports import as_data  # noqa: PLC0415
    from briefings.selectors import evidence_of  # noqa: PLC0415
    from tests.factories.briefings import make_excerpt, make_ready_briefing, point_block  # noqa: PLC0415

    style = f'<link rel="stylesheet" href="{printing.STATIC}{printing.STYLESHEET}">'
    empty = f'<html lang="en"><head><title>Floor</title>{style}</head><body><p>One<p class="overleaf">Two</body></html>'

    def set_nothing() -> bytes:
        return bytes(printing._lay_out(empty, base_url="https://static.invalid/").write_pdf(**printing.OPTIONS))

    set_nothing()
    rows = [_row("floor: two empty pages", 0, 2, *_timed(set_nothing))]
    for size in sizes:
        ready = make_ready_briefing(points=POINTS)
        blocks = [
            point_block(
                f"Who opens door {number}?",
                cites=[make_excerpt(ready.entries[number][turn % 2], point) for turn in range(size // POINTS)],
                block_id=point.pk,
                text=TEXT,
            )
            for number, point in enumerate(ready.points)
        ]
        ready.briefing.points = json.dumps(blocks)
        briefing = ready.publish()
        briefing.pages = 2 if size < 50 else 3
        evidence = evidence_of(briefing)
        cpu, printed = _timed(lambda: printing._print(briefing, evidence))  # noqa: B023 called at once
        rows.append(_row("print", size, printed.pages, cpu, printed.content))
        rows.append(_row("Word", size, 0, *_timed(lambda: word.as_document(briefing))))  # noqa: B023
        rows.append(_row("data", size, 0, *_timed(lambda: json.dumps(as_data(briefing)).encode())))  # noqa: B023
        rows.append(_row("page", size, 0, *_timed(lambda: Client().get(briefing.url).content)))  # noqa: B023
    return rows


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    made = work()
    return (time.process_time() - started) * 1000, made


def _row(what: str, citations: int, pages: int, cpu_ms: float, content: bytes) -> dict[str, Any]:
    return {
        "what": what,
        "citations": citations,
        "pages": pages,
        "cpu_ms": round(cpu_ms, 1),
        "bytes": len(content),
    }


if __name__ == "__main__":
    main()
