"""How long the sorting desk takes for what an editor does, by the number of entries; and how well it guesses.

    python -m benchmarks.gathering [--entries 500 5000 20000] [--labels FILE] [--json FILE]

Builds a ledger of invented entries in a temporary SQLite database, presses the desk's own addresses in this process,
and prints the time of each as it passes and as the processor's (medians of several; on a busy machine only the second
says much), and its queries. The row `floor` is the admin's own front page in the same run.

`--labels` takes a JSON list of `{id, text, topics}`, topics as `Topic:Subtopic` joined by `;`. What has one topic is
scored: piles against topics (normalised mutual information, as many piles as topics, without looking at any label),
and the topic named first and among the first three with a fifth of the entries sorted. Means and spreads are over
seeds; `half` and `other` are the same on each half of the file. With the optional encoder installed, it is measured
beside the word vectors.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
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
    parser.add_argument("--entries", type=int, nargs="*", default=[500, 5000, 20000])
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="summit-bench-") as folder:
        os.environ["SUMMIT_VAR_DIR"] = folder
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "summit.settings.test"
        import django  # noqa: PLC0415 the settings stand only now

        django.setup()
        rows = []
        print(f"{'what':<34}{'entries':>9}{'ms':>9}{'cpu ms':>9}{'queries':>9}")
        for row in (row for count in options.entries for row in measure(count)):
            times = f"{row['ms']:>9.1f}{row['cpu_ms']:>9.1f}"
            print(f"{row['what']:<34}{row['entries']:>9}{times}{row['queries']:>9}", flush=True)
            rows.append(row)
        guesses = judge(options.labels) if options.labels else []
    for guess in guesses:
        print(f"{guess['measure']:<74}{guess['value']:>9.3f}", flush=True)
    if options.json:
        options.json.write_text(json.dumps([*rows, *guesses], indent=1))


SEEDS = 10


def judge(labels: Path) -> list[dict[str, Any]]:
    """How well piles and suggestions agree with topics that people gave."""
    import hashlib  # noqa: PLC0415 with the rest, after the settings

    import numpy as np  # noqa: PLC0415
    from sklearn.metrics import normalized_mutual_info_score  # noqa: PLC0415

    from gathering import encoder, likeness  # noqa: PLC0415
    from gathering.theming import parted  # noqa: PLC0415

    listed = [row for row in json.loads(labels.read_text()) if row["topics"] and ";" not in row["topics"]]
    texts = [row["text"] for row in listed]
    topics = np.array([row["topics"].partition(":")[0] for row in listed])
    names = sorted(set(topics))
    halved = np.array([hashlib.sha256(text.encode()).digest()[0] % 2 == 0 for text in texts])

    def by_words(some: list[str]) -> Any:
        return likeness.vectors_of(some, lambda keys: {key: key for key in keys})

    encoders: list[tuple[str, Callable[[list[str]], Any]]] = [("word vectors", by_words)]
    if encoder.is_installed():
        encoders.append(("encoder", encoder.encode))
    parts = [("", np.arange(len(texts))), (", half", np.flatnonzero(halved)), (", other", np.flatnonzero(~halved))]
    rows: list[dict[str, Any]] = [{"measure": f"statements with one of {len(names)} topics", "value": len(texts)}]

    def note(measure: str, values: list[float]) -> None:
        rows.append({"measure": measure, "value": round(float(np.mean(values)), 3)})
        rows.append({"measure": f"{measure}, spread", "value": round(float(np.std(values)), 3)})

    for name, encode in encoders:
        worked = time.process_time()
        vectors = encode(texts)
        each = 1000 * (time.process_time() - worked) / len(texts)
        rows.append({"measure": f"{name}: ms of CPU a statement, first time", "value": round(each, 3)})
        titles = dict(zip(names, encode(names), strict=True))
        for part, chosen in parts:
            some, truth = vectors[chosen], topics[chosen]
            agreement = [
                float(normalized_mutual_info_score(truth, parted(some, len(names), seed=seed)[0]))
                for seed in range(SEEDS)
            ]
            note(f"{name}: NMI on {len(names)} piles{part}", agreement)
            for how, given in (("", None), (", points named", titles)):
                firsts, threes = [], []
                for seed in range(SEEDS):
                    order = np.random.default_rng(seed).permutation(len(chosen))
                    known, asked = order[: len(order) // 5], order[len(order) // 5 :]
                    drawn = likeness.drawn_together(some, list(range(len(some))))
                    learner = likeness.Learner(drawn[known], truth[known].tolist(), given)
                    best = np.argsort(-learner.scores(drawn[asked]), axis=1, kind="stable")[:, :3]
                    named = np.array(learner.labels)[best]
                    firsts.append(float((named[:, 0] == truth[asked]).mean()))
                    threes.append(float((named == truth[asked][:, np.newaxis]).any(axis=1).mean()))
                note(f"{name}: topic named first, a fifth sorted{how}{part}", firsts)
                note(f"{name}: topic among the first three, a fifth sorted{how}{part}", threes)
    return rows


def measure(count: int) -> Iterator[dict[str, Any]]:
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
        for name in ("desk", "decide", "entries", "since", "alike", "context", "minority", "coverage", "themes", "echo")
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
        ("any news (asked each 0.7 s)", lambda: client.get(address["since"], {"after": 10**9, "entry": last.pk})),
        ("news, panels anew", lambda: client.get(address["since"], {"after": 0, "entry": last.pk})),
        ("entries like this one", lambda: client.get(address["alike"], {"entry": last.pk})),
        ("search for words", lambda: client.get(address["desk"], {"show": "everything", "q": "swimming rota"})),
        ("star", decide(do="star")),
        ("what is like an entry", lambda: client.get(address["desk"], {"show": "undecided", "like": last.pk})),
        ("coverage", lambda: client.get(address["coverage"])),
        ("what few said", lambda: client.get(address["minority"])),
        ("in context", lambda: client.get(address["context"], {"entry": last.pk}, **JSON)),
        ("all editors' landing page", lambda: client.get(reverse("desk:landing"))),
    ]
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
        yield row(what, count, statistics.median(times), statistics.median(work), len(captured))
    yield from looks(count, client, address, event, proposition, editor)


def row(what: str, count: int, ms: float, cpu_ms: float, queries: int) -> dict[str, Any]:
    return {"what": what, "entries": count, "ms": round(ms, 1), "cpu_ms": round(cpu_ms, 1), "queries": queries}


def looks(
    count: int, client: Any, address: dict[str, str], event: Any, proposition: Any, editor: Any
) -> Iterator[dict[str, Any]]:
    """Long work that an editor asks for now and then, measured once: the press, the worker's part, the desk held."""
    from django.db import connection  # noqa: PLC0415 needs the settings
    from django.test.utils import CaptureQueriesContext, override_settings  # noqa: PLC0415

    from gathering import actions  # noqa: PLC0415
    from gathering.actions import echoes, themes  # noqa: PLC0415
    from gathering.models import DeskLook  # noqa: PLC0415

    never = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    wanted = [
        ("suggest themes", themes, DeskLook.Kind.THEMES, address["themes"], "suggest"),
        ("look for the same words", echoes, DeskLook.Kind.ECHOES, address["echo"], "find"),
    ]
    for what, module, kind, where, do in wanted:
        began, worked = time.perf_counter(), time.process_time()
        with override_settings(TASKS=never), CaptureQueriesContext(connection) as captured:
            pressed = client.post(where, {"do": do})
        press = (1000 * (time.perf_counter() - began), 1000 * (time.process_time() - worked))
        if pressed.status_code != 302:
            sys.exit(f"{where} answered {pressed.status_code}")
        yield row(f"{what}: press", count, *press, len(captured))
        look, _ = actions.ask_for_look(actor=editor, event=event, proposition=proposition, kind=kind)
        held_since: list[float] = []
        lock = module.lock_desk

        def noted(event_id: int, lock: Any = lock, since: list[float] = held_since) -> Any:
            since.append(time.perf_counter())
            return lock(event_id)

        module.lock_desk = noted
        try:
            began, worked = time.perf_counter(), time.process_time()
            actions.run_look(look_id=look.pk)
            ended = time.perf_counter()
        finally:
            module.lock_desk = lock
        yield row(what, count, 1000 * (ended - began), 1000 * (time.process_time() - worked), 0)
        for since in held_since[:1]:
            yield row(f"{what}: desk held", count, 1000 * (ended - since), 0, 0)


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
