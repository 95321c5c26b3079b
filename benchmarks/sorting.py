"""A ledger sorted by keyboard in a real browser, as a person would: entries a minute, and how often the guess is right.

    python -m benchmarks.sorting LABELS [--entries 150] [--reading 60] [--json FILE]

LABELS is the file that `benchmarks.gathering` takes: a JSON list of `{id, text, topics}`, topics as `Topic:Subtopic`
joined by `;`. What has one topic becomes the ledger of an event, in an order drawn by lot; the six commonest topics are
the names of points one to six, and point seven is for everything else. The site is served by a process of its own and
the desk driven in Chromium by keys alone. Whoever "sorts" knows where each entry belongs and presses that digit: what
the desk had suggested is only noted. Every ninth is set aside with a reason, every eleventh merged into the one most
like it, every thirteenth undone and decided again, every tenth quoted: its first four words marked by keyboard.

First `--entries` are decided as fast as the desk shows them. Then `--reading` more at a person's pace: each is read at
250 words a minute and takes another 0.8 seconds to decide.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

NAMED_POINTS = 6
WORDS_A_SECOND = 250 / 60
DECIDING = 0.8
UNTIL_READY = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--entries", type=int, default=150)
    parser.add_argument("--reading", type=int, default=60)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="summit-bench-") as folder:
        os.environ["SUMMIT_VAR_DIR"] = folder
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "summit.settings.dev"
        import django  # noqa: PLC0415 the settings stand only now

        django.setup()
        from tests.services import free_port  # noqa: PLC0415 after the settings, like all that follows

        path, cookie, belongs = build(options.labels)
        port = options.port or free_port()
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "summit.asgi:application", "--port", str(port), "--log-level", "warning"]
        )
        try:
            rows = sort(f"http://localhost:{port}", path, cookie, belongs, options)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)
    for row in rows:
        print(f"{row['measure']:<72}{row['value']:>9}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def build(labels: Path) -> tuple[str, str, dict[str, int]]:
    """An event with the file in its ledger: the desk's path, an editor's session, the point of each entry."""
    import datetime  # noqa: PLC0415 with the rest, after the settings
    import hashlib  # noqa: PLC0415

    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.auth.models import Group  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from events.models import EventPage  # noqa: PLC0415
    from gathering.actions import create_points, rename_point  # noqa: PLC0415
    from gathering.models import Entry  # noqa: PLC0415
    from home.models import HomePage  # noqa: PLC0415
    from people.models import User  # noqa: PLC0415
    from people.roles import EDITORS  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    listed = [row for row in json.loads(labels.read_text()) if row["topics"] and ";" not in row["topics"]]
    random.Random(1).shuffle(listed)
    topics = [row["topics"].partition(":")[0] for row in listed]
    named = [topic for topic, _ in Counter(sorted(topics)).most_common(NAMED_POINTS)]
    today = timezone.localdate()
    event = HomePage.objects.get().add_child(
        instance=EventPage(title="Sorting", slug="sorting", starts_on=today, ends_on=today)
    )
    editor = User.objects.create_user("bench@example.org")
    editor.groups.add(Group.objects.get_or_create(name=EDITORS)[0])
    began = timezone.now() - datetime.timedelta(days=1)
    Entry.objects.bulk_create(
        Entry(
            event=event,
            channel=Entry.Channel.LIVE,
            text=row["text"].strip(),
            text_hash=hashlib.sha256(row["text"].strip().encode()).hexdigest(),
            consent="anonymous",
            author_key=f"author-{number}",
            said_at=began + datetime.timedelta(seconds=number),
        )
        for number, row in enumerate(listed)
    )
    for point, title in zip(create_points(actor=editor, event=event), [*named, "Everything else"], strict=True):
        rename_point(actor=editor, point=point, working_title=title)
    session = SessionStore()
    session[SESSION_KEY] = str(editor.pk)
    session[HASH_SESSION_KEY] = editor.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.save()
    entries = dict(Entry.objects.values_list("pk", "text"))
    places = {
        row["text"].strip(): named.index(topic) + 1 if topic in named else NAMED_POINTS + 1
        for row, topic in zip(listed, topics, strict=True)
    }
    belongs = {str(pk): places[text] for pk, text in entries.items()}
    return f"/admin/gathering/{event.pk}/all/desk/?show=undecided", str(session.session_key), belongs


class Sorter:
    """Somebody at the keyboard who knows where everything belongs."""

    def __init__(self, page: Any, belongs: dict[str, int]) -> None:
        self.page = page
        self.belongs = belongs
        self.waits: list[float] = []
        # How far down the desk's suggestions the right point stood; 0 where it was not among them.
        self.ranks: list[int] = []

    @property
    def shown(self) -> str:
        return str(self.page.locator(".desk-card").get_attribute("data-entry"))

    def decide(self, *keys: str) -> None:
        """Press keys, the last of which decides, and wait until another entry stands there."""
        for key in keys[:-1]:
            self.page.keyboard.press(key)
        before, began = self.shown, time.perf_counter()
        self.page.keyboard.press(keys[-1])
        self.page.wait_for_function(
            "id => document.querySelector('.desk-card')?.dataset.entry !== id", arg=before, timeout=60_000
        )
        self.waits.append(1000 * (time.perf_counter() - began))

    def look(self) -> str:
        """The digit of the point where the entry belongs; notes what the desk suggests."""
        digit = str(self.belongs[self.shown])
        suggested = self.page.locator(f".desk-target[data-position='{digit}']").get_attribute("data-suggested")
        if self.page.locator(".desk-target[data-suggested]").count():
            self.ranks.append(("first", "second", "third").index(suggested) + 1 if suggested else 0)
        return digit

    def sort(self, count: int, *, is_reading: bool) -> float:
        """Decide about so many entries. Answers the seconds it took."""
        began = time.monotonic()
        for number in range(1, count + 1):
            if is_reading:
                words = len(self.page.locator("[data-text]").inner_text().split())
                time.sleep(words / WORDS_A_SECOND + DECIDING)
            digit = self.look()
            if number % 9 == 0:
                self.decide("s", "3")
            elif number % 11 == 0:
                self.page.keyboard.press("m")
                self.page.wait_for_function("document.activeElement?.name === 'into'", timeout=60_000)
                self.decide("Enter")
            elif number % 10 == 0:
                self.decide("e", *["Shift+ArrowRight"] * 3, "Enter", digit)
            else:
                self.decide(digit)
            if number % 13 == 0:
                self.decide("u")
                self.decide(digit)
        return time.monotonic() - began


def sort(base: str, path: str, cookie: str, belongs: dict[str, int], options: Any) -> list[dict[str, Any]]:
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 only here

    from tests.browser import CHROMIUM_ARGUMENTS, find_chromium  # noqa: PLC0415

    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*CHROMIUM_ARGUMENTS, *as_root])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": base}])
        page = context.new_page()
        for attempt in range(UNTIL_READY):
            try:
                page.goto(base + path)
                break
            except Error:
                if attempt == UNTIL_READY - 1:
                    raise
                time.sleep(1)
        began = time.monotonic()
        page.get_by_role("button", name="Suggest themes").click()
        page.locator(".desk-filter__heading", has_text="Themes, suggested").wait_for()
        themes = time.monotonic() - began
        page.goto(base + path)
        page.locator("[data-text]").wait_for()

        quick = Sorter(page, belongs)
        took = quick.sort(options.entries, is_reading=False)
        began = time.monotonic()
        page.locator("[data-desk-target=state]", has_text="Saved").wait_for(timeout=300_000)
        saved = time.monotonic() - began
        reader = Sorter(page, belongs)
        read = reader.sort(options.reading, is_reading=True)
        page.locator("[data-desk-target=state]", has_text="Saved").wait_for(timeout=300_000)
        left = page.locator("[data-undecided]").inner_text()
        browser.close()
    ranks = quick.ranks + reader.ranks
    rows: list[dict[str, Any]] = [{"measure": "entries in the ledger", "value": len(belongs)}]

    def note(measure: str, value: float, digits: int = 0) -> None:
        rows.append({"measure": measure, "value": round(value, digits) if digits else round(value)})

    note("seconds until themes were suggested", themes, 1)
    note("entries decided as fast as the desk shows them", options.entries)
    note("entries a minute", 60 * options.entries / took, 1)
    note("entries a minute until all was saved", 60 * options.entries / (took + saved), 1)
    note("ms from the key until the next entry stands there, median", statistics.median(quick.waits))
    note("ms from the key until the next entry stands there, 95 %", statistics.quantiles(quick.waits, n=20)[-1])
    note("entries decided at a person's pace", options.reading)
    note("entries a minute at a person's pace", 60 * options.reading / read, 1)
    note("ms until the next entry stands there at that pace, median", statistics.median(reader.waits))
    note("ms until the next entry stands there at that pace, 95 %", statistics.quantiles(reader.waits, n=20)[-1])
    note("entries for which something was suggested", len(ranks))
    note("share of them whose point was suggested first", sum(rank == 1 for rank in ranks) / len(ranks), 3)
    note("share of them whose point was among the three suggested", sum(rank > 0 for rank in ranks) / len(ranks), 3)
    note("still undecided, by the desk's own count", int(left.replace(",", "")))
    return rows


if __name__ == "__main__":
    main()
