"""How long the sorting desk takes for what an editor does, by the number of entries.

    python -m benchmarks.gathering [--entries 500 5000 20000] [--json FILE]

Builds a ledger of invented entries in a temporary SQLite database, presses the desk's own addresses in this process,
and prints the time of each as it passes and as the processor's (medians of several; on a busy machine only the second
says much), and its queries. The row `floor` is the admin's own front page in the same run.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPEATS = 9
JSON = {"HTTP_ACCEPT": "application/json", "HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}

WHO = ["our wardens", "the night shift", "tenants", "the depot", "two of my neighbours", "the clerk", "school cooks"]
WHAT = ["never saw the timetable", "kept the only key", "wrote it down twice", "asked for a rota", "lost the ledger"]
WHERE = ["at the swimming baths", "on the estate", "in the back office", "by the bus station", "at the library"]
WHY = [
    "because nobody had been told who decides",
    "since the budget was cut in spring",
    "and it took a year to notice",
    "so we stopped expecting an answer",
    "which is why I would hand it over in person",
]


def invented(lots: random.Random, number: int) -> str:
    sentences = [
        f"{lots.choice(WHO).capitalize()} {lots.choice(WHAT)} {lots.choice(WHERE)}, {lots.choice(WHY)}."
        for _ in range(lots.randint(1, 5))
    ]
    return " ".join(sentences) + f" That was case {number}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, nargs="+", default=[500, 5000])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="summit-bench-") as folder:
        os.environ["SUMMIT_VAR_DIR"] = folder
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "summit.settings.test"
        import django  # noqa: PLC0415 the settings stand only now

        django.setup()
        rows = [row for count in options.entries for row in measure(count)]
    print(f"{'what':<34}{'entries':>9}{'ms':>9}{'cpu ms':>9}{'queries':>9}")
    for row in rows:
        print(
            f"{row['what']:<34}{row['entries']:>9}{row['ms']:>9.1f}{row['cpu_ms']:>9.1f}{row['queries']:>9}", flush=True
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def measure(count: int) -> list[dict[str, Any]]:
    from django.core.management import call_command  # noqa: PLC0415 needs the settings
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from gathering.models import Entry  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    event, proposition, editor, points = build(count)
    client = Client()
    client.force_login(editor)
    address = {
        name: reverse(f"desk:{name}", args=[event.pk, proposition.pk])
        for name in ("desk", "decide", "entries", "since", "alike", "context")
    }
    undecided = iter(list(Entry.objects.undecided().filter(event=event).in_order()[: 40 * REPEATS]))

    def decide(**fields: Any) -> Callable[[], Any]:
        def press() -> Any:
            entry = next(undecided)
            values = {key: value(entry) if callable(value) else value for key, value in fields.items()}
            return client.post(
                address["decide"], {"entry": f"{entry.pk}:0", "filters": "show=undecided", **values}, **JSON
            )

        return press

    def spans(entry: Any) -> str:
        return f"[[0, {entry.text.index(' ', 12)}]]"

    target = next(undecided)
    last = next(undecided)
    actions: list[tuple[str, Callable[[], Any]]] = [
        ("floor: the admin's front page", lambda: client.get(reverse("wagtailadmin_home"))),
        ("open the desk", lambda: client.get(address["desk"], {"show": "undecided"})),
        ("place under a point", decide(place=points[2].pk)),
        ("place with an excerpt", decide(place=points[3].pk, spans=spans, role="opposes")),
        ("set aside", decide(do="set_aside", reason="Not clear enough to use")),
        ("merge", decide(do="merge", into=target.pk)),
        ("undo", lambda: client.post(address["decide"], {"do": "undo", "filters": "show=undecided"}, **JSON)),
        ("twelve entries ahead", lambda: client.get(address["entries"], {"show": "undecided", "after": last.pk})),
        ("any news (asked each second)", lambda: client.get(address["since"], {"after": 10**9, "entry": last.pk})),
        ("news, panels anew", lambda: client.get(address["since"], {"after": 0, "entry": last.pk})),
        ("entries like this one", lambda: client.get(address["alike"], {"entry": last.pk})),
        ("search for words", lambda: client.get(address["desk"], {"show": "everything", "q": "swimming rota"})),
        ("in context", lambda: client.get(address["context"], {"entry": last.pk}, **JSON)),
        ("all editors' landing page", lambda: client.get(reverse("desk:landing"))),
    ]
    rows = []
    for what, press in actions:
        check(press())
        times, work = [], []
        for _ in range(REPEATS):
            began, worked = time.perf_counter(), time.process_time()
            check(press())
            times.append(1000 * (time.perf_counter() - began))
            work.append(1000 * (time.process_time() - worked))
        with CaptureQueriesContext(connection) as captured:
            check(press())
        rows.append(
            {
                "what": what,
                "entries": count,
                "ms": round(statistics.median(times), 1),
                "cpu_ms": round(statistics.median(work), 1),
                "queries": len(captured),
            }
        )
    return rows


def check(response: Any) -> None:
    if response.status_code != 200:
        sys.exit(f"{response.request['PATH_INFO']} answered {response.status_code}: {response.content[:300]!r}")


def build(count: int) -> tuple[Any, Any, Any, list[Any]]:
    import datetime  # noqa: PLC0415
    import hashlib  # noqa: PLC0415

    from django.contrib.auth.models import Group  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from events.models import EventPage  # noqa: PLC0415
    from gathering.actions import create_points, place_entries  # noqa: PLC0415
    from gathering.models import Entry  # noqa: PLC0415
    from home.models import HomePage  # noqa: PLC0415
    from people.models import User  # noqa: PLC0415
    from people.roles import EDITORS  # noqa: PLC0415
    from propositions.models import PropositionPage  # noqa: PLC0415

    lots = random.Random(count)
    today = timezone.localdate()
    event = HomePage.objects.get().add_child(
        instance=EventPage(title=f"Bench {count}", slug=f"bench-{count}", starts_on=today, ends_on=today)
    )
    proposition = event.add_child(
        instance=PropositionPage(title="Bench", slug="bench", number=1, statement=[("paragraph", "<p>Bench.</p>")])
    )
    editor = User.objects.create_user(f"bench{count}@example.org")
    editor.groups.add(Group.objects.get_or_create(name=EDITORS)[0])
    began = timezone.now() - datetime.timedelta(days=1)
    texts = [invented(lots, number) for number in range(count)]
    Entry.objects.bulk_create(
        (
            Entry(
                event=event,
                proposition=proposition,
                channel=lots.choice(Entry.Channel.values),
                text=text,
                text_hash=hashlib.sha256(text.encode()).hexdigest(),
                consent=lots.choice(["named", "role", "role", "anonymous", "none"])
                if number > 60 * REPEATS
                else "role",
                author_label="Somebody",
                quote_label="Somebody",
                author_key=f"bench-{lots.randrange(max(1, count // 2))}",
                headcount=lots.choice([1] * 12 + [6]),
                said_at=began + datetime.timedelta(seconds=number),
            )
            for number, text in enumerate(texts)
        ),
        batch_size=1000,
    )
    points = create_points(actor=editor, event=event, proposition=proposition)
    decided = list(Entry.objects.filter(event=event).order_by("-pk")[: count // 3])
    for index, point in enumerate(points):
        place_entries(actor=editor, entries=decided[index :: len(points)], point=point)
    return event, proposition, editor, points


if __name__ == "__main__":
    main()
