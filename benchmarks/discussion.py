"""What a page of responses and a new comment cost: ours beside django-comments-xtd's own ways, on the same data.

    python -m benchmarks.discussion [--json FILE] [--database sqlite|postgres|both] [--sizes 100,1000,10000]
                                   [--variants summit,xtd]

Rows: variant (summit, or xtd for the library's own tree tag and save), database, comments, what, queries,
rows_written, cpu_ms (of this process: with SQLite the database's too), database_ms (as it passed, waiting for the
database), bytes (of HTML; of the write-ahead log for a post).

A post is what a view calls once it has the page and the account as a request has them, to its last row: the ledger's
entry and the task that looks for followers are in it. A form is the whole request of a signed-in browser, from the
session to the address it is sent on to. Pages of all sizes take turns, so that what else the
machine does, and what the process has gathered, weighs on each alike. Posts go to a thread that holds all the comments.
"50 replies at once" adds errors and duplicates.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPEATS = 5
PAGE_REPEATS = 15
AT_ONCE = 50


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", type=Path, help="write the rows there too")
    options.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    options.add_argument("--sizes", default="100,1000,10000")
    options.add_argument("--variants", default="summit,xtd", help="the library's own ways take minutes at 10,000")
    options.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    sizes = [int(size) for size in chosen.sizes.split(",")]
    if chosen.measure:
        measure(sizes, chosen.variants.split(","))
        return
    rows = []
    for database in ["sqlite", "postgres"] if chosen.database == "both" else [chosen.database]:
        rows += run_with(database, ["--sizes", chosen.sizes, "--variants", chosen.variants])
    show(rows)
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n")


def run_with(database: str, options: list[str]) -> list[dict[str, Any]]:
    """Measure in a process of its own, since settings are read once, on a database that is thrown away."""
    command = [sys.executable, "-m", "benchmarks.discussion", "--measure", *options]
    with tempfile.TemporaryDirectory(prefix="summit-benchmark-") as folder:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "summit.settings.test", "SUMMIT_VAR_DIR": folder}
        if database == "sqlite":
            environment["DATABASE_URL"] = f"sqlite:///{folder}/benchmark.sqlite3"
            found = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        else:
            # Only PostgreSQL needs the server that the tests use.
            from tests.services import PostgresServer  # noqa: PLC0415

            with PostgresServer() as server:
                environment["DATABASE_URL"] = server.url("postgres")
                found = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in found.stdout.splitlines() if line.startswith("{")]


def show(rows: list[dict[str, Any]]) -> None:
    names = ["variant", "database", "comments", "what", "queries", "rows_written", "cpu_ms", "database_ms", "bytes"]
    print("  ".join(f"{name:>12}" if name != "what" else f"{name:<20}" for name in names))
    for row in rows:
        cells = []
        for name in names:
            value = row.get(name)
            shown = (
                "–"
                if value is None
                else f"{value:,.1f}"
                if isinstance(value, float)
                else f"{value:,}"
                if isinstance(value, int)
                else value
            )
            cells.append(f"{shown:>12}" if name != "what" else f"{shown:<20}")
        extra = f"  errors {row['errors']}, duplicates {row['duplicates']}" if "errors" in row else ""
        print("  ".join(cells) + extra)


class Variant:
    """A way of reading and writing."""

    name = ""

    def __init__(self, broad: Any, deep: Any, author: Any) -> None:
        from discussion.models import Comment  # noqa: PLC0415

        self.broad, self.deep, self.author = broad, deep, author
        self.count = 0
        # A reply to a reply: the library has to make room for it in the middle of the thread.
        self.root, self.branch = Comment.objects.filter(page=deep).order_by("pk")[:2]

    def text(self) -> str:
        self.count += 1
        return f"{self.name} says number {self.count}."

    def render(self, template: str, page: Any) -> int:
        from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415
        from django.template import Context, Template  # noqa: PLC0415
        from django.test import RequestFactory  # noqa: PLC0415

        request = RequestFactory().get("/")
        request.user = AnonymousUser()
        context = Context({"request": request, "page": page, "user": request.user})
        return len(Template(template).render(context).encode())

    def page(self) -> int:
        raise NotImplementedError

    def prepare(self) -> None:
        """What a request has in hand before it posts. Not measured."""

    def post(self, page: Any, parent: Any) -> None:
        raise NotImplementedError

    def post_root(self) -> None:
        self.post(self.deep, None)

    def post_reply(self) -> None:
        self.post(self.deep, self.branch)


class Summit(Variant):
    name = "summit"

    def page(self) -> int:
        return self.render("{% load discussion %}{% responses page %}", self.broad)

    def post(self, page: Any, parent: Any) -> None:
        from django.utils import timezone  # noqa: PLC0415

        from discussion.actions import submit_comment  # noqa: PLC0415

        # The moment given, the limit of an account is not asked: it lives in the cache, and stops benchmarks too.
        page, author = self.in_hand
        submit_comment(actor=author, page=page, body=self.text(), consent="role", parent=parent, moment=timezone.now())

    def prepare(self) -> None:
        from django.core.cache import cache  # noqa: PLC0415
        from django.test import Client  # noqa: PLC0415

        from discussion.forms import CommentForm  # noqa: PLC0415
        from people.backends import PasswordBackend  # noqa: PLC0415
        from people.keys import author_key_of_user  # noqa: PLC0415

        page, author = type(self.deep).objects.get(pk=self.deep.pk), PasswordBackend().get_user(self.author.pk)
        self.in_hand = page, author
        if not hasattr(self, "browser"):
            self.browser = Client(headers={"origin": "http://localhost"}, SERVER_NAME="localhost")
            self.browser.force_login(author)
        self.fields = {**CommentForm(page, actor=author).generate_security_data(), "honeypot": "", "consent": "role"}
        cache.delete_many(
            [f"discussion.limit:account-{time}:{author_key_of_user(author)}" for time in ("minute", "hour")]
        )

    def form_root(self) -> None:
        self.send(None)

    def form_reply(self) -> None:
        self.send(self.branch)

    def send(self, parent: Any) -> None:
        values = {**self.fields, "comment": self.text(), "reply_to": str(parent.pk if parent else 0)}
        answer = self.browser.post("/comments/post/", values)
        if answer.status_code != 302:
            raise RuntimeError(answer.content.decode())


class Library(Variant):
    """The library's own tree tag, and its own save with its handler connected, as its app configuration would."""

    name = "xtd"

    def page(self) -> int:
        return self.render("{% load comments_xtd %}{% render_xtdcomment_tree for page %}", self.broad)

    def post(self, page: Any, parent: Any) -> None:
        from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415
        from django.db.models.signals import pre_save  # noqa: PLC0415
        from django.utils import timezone  # noqa: PLC0415
        from django_comments_xtd.models import XtdComment, publish_or_unpublish_on_pre_save  # noqa: PLC0415

        from discussion.models import Comment  # noqa: PLC0415

        moment = timezone.now()
        comment = Comment(
            content_type=ContentType.objects.get_for_model(page),
            object_pk=str(page.pk),
            site_id=1,
            user=self.author,
            user_name=self.author.display_name,
            comment=self.text(),
            submit_date=moment,
            parent_id=parent.pk if parent else 0,
            page=page,
            root_id=self.root.pk if parent else None,
            is_root=parent is None,
            state="published",
            is_listed=True,
            author_key="author",
            published_at=moment,
        )
        pre_save.connect(publish_or_unpublish_on_pre_save, sender=Comment, dispatch_uid="benchmark")
        try:
            XtdComment.save(comment)
        finally:
            if threading.current_thread() is threading.main_thread():
                pre_save.disconnect(publish_or_unpublish_on_pre_save, sender=Comment, dispatch_uid="benchmark")


def measure(sizes: list[int], variants: list[str]) -> None:
    """The part that needs Django set up."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import override_settings  # noqa: PLC0415

    # As in production: a worker runs them, and what a request does is to write them down.
    override_settings(TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}).enable()
    call_command("migrate", verbosity=0)
    if connection.vendor == "sqlite":
        # Left alone, the write-ahead log is emptied now and then, and its growth says nothing.
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint=0")
    from tests.factories import discussion as make  # noqa: PLC0415

    event = make.event_page()
    found: list[tuple[int, Variant]] = []
    for size in sizes:
        broad = make.proposition_page(event=event, title=f"Broad {size}")
        make.many_comments(broad, size)
        deep = make.proposition_page(event=event, title=f"Deep {size}")
        make.many_comments(deep, size, one_thread=True)
        author = make.member()
        found += [(size, kind(broad, deep, author)) for kind in (Summit, Library) if kind.name in variants]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    pages = [(size, variant, variant.page) for size, variant in found]
    record("page", [page for page in pages if page[1].name == "summit"], PAGE_REPEATS)
    for page in pages:
        if page[1].name == "xtd":
            record("page", [page], repeats=1 if page[0] >= 10_000 else REPEATS)
    for size, variant in found:
        record("post root", [(size, variant, variant.post_root)])
        record("post reply", [(size, variant, variant.post_reply)])
        if isinstance(variant, Summit):
            record("form root", [(size, variant, variant.form_root)])
            record("form reply", [(size, variant, variant.form_reply)])
        at_once(variant, size)


def record(what: str, tasks: list[tuple[int, Variant, Callable[[], int | None]]], repeats: int = REPEATS) -> None:
    """Run the tasks in turns, and print a row for each. Once more each, to count queries without weighing them."""
    runs: list[list[tuple[float, int, int]]] = [[] for _ in tasks]
    for turn in range(repeats + 1 if repeats > 1 else 1):
        for number, (_, variant, task) in enumerate(tasks):
            variant.prepare()
            empty_log()
            written, log = rows_written(), log_position()
            start = time.process_time()
            length = task()
            spent = (time.process_time() - start) * 1000
            # The first turn fills what is filled once.
            if turn or repeats == 1:
                runs[number].append(
                    (spent, length if length is not None else log_position() - log, rows_written() - written)
                )
    for (size, variant, task), run in zip(tasks, runs, strict=True):
        variant.prepare()
        queries, waited = count_queries(task)
        row(
            variant,
            size,
            what,
            queries=queries,
            rows_written=int(statistics.median(one[2] for one in run)),
            cpu_ms=round(statistics.median(one[0] for one in run), 2),
            database_ms=round(waited, 2),
            bytes=int(statistics.median(one[1] for one in run)),
        )


def row(variant: Variant, size: int, what: str, **values: Any) -> None:
    from django.db import connection  # noqa: PLC0415

    database = connection.vendor.replace("postgresql", "postgres")
    print(
        json.dumps({"variant": variant.name, "database": database, "comments": size, "what": what, **values}),
        flush=True,
    )


def count_queries(task: Callable[[], int | None]) -> tuple[int, float]:
    """How many queries, and how many milliseconds passed in them."""
    from django.db import connection  # noqa: PLC0415

    # Django's own log of queries forgets the first once there are 9,000.
    count, waited = 0, 0.0

    def counted(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal count, waited
        count += not sql.startswith(("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT"))
        start = time.perf_counter()
        try:
            return execute(sql, *rest)
        finally:
            waited += (time.perf_counter() - start) * 1000

    with connection.execute_wrapper(counted):
        task()
    return count, waited


def rows_written() -> int:
    """How many rows this connection, or on PostgreSQL this database, has written so far."""
    from django.db import connection  # noqa: PLC0415

    connection.ensure_connection()
    if connection.vendor == "sqlite":
        return int(connection.connection.total_changes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables")
        return int(cursor.fetchone()[0] or 0)


def empty_log() -> None:
    """SQLite writes over its log from the start once it could be emptied; only an empty one can be measured."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def log_position() -> int:
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "sqlite":
        log = Path(f"{connection.settings_dict['NAME']}-wal")
        return log.stat().st_size if log.exists() else 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
        return int(cursor.fetchone()[0])


def at_once(variant: Variant, size: int) -> None:
    """Fifty people reply to one comment at the same time: who gets an error, and which places are taken twice."""
    from django.db import connection  # noqa: PLC0415
    from django.db.models import Count  # noqa: PLC0415

    from discussion.models import Comment  # noqa: PLC0415

    variant.prepare()
    barrier = threading.Barrier(AT_ONCE)
    errors: list[str] = []

    def reply() -> None:
        try:
            barrier.wait()
            variant.post_reply()
        except Exception as error:  # noqa: BLE001 counted
            errors.append(type(error).__name__)
        finally:
            connection.close()

    thread = Comment.objects.filter(page=variant.deep, thread_id=variant.root.pk)
    last = Comment.objects.order_by("-pk").values_list("pk", flat=True).first()
    threads = [threading.Thread(target=reply) for _ in range(AT_ONCE)]
    start = time.process_time()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    spent = (time.process_time() - start) * 1000
    doubled = thread.order_by().values("order").annotate(number=Count("pk")).filter(number__gt=1)
    row(
        variant,
        size,
        f"{AT_ONCE} replies at once",
        queries=None,
        rows_written=None,
        cpu_ms=round(spent, 2),
        database_ms=None,
        bytes=None,
        errors=len(errors),
        stored=Comment.objects.filter(pk__gt=last).count(),
        duplicates=doubled.count(),
    )


if __name__ == "__main__":
    main()
