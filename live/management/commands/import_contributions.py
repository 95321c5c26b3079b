"""`manage.py import_contributions`: what was said elsewhere, from a CSV file into a live session."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from live.actions.importing import ImportReport, import_contributions
from live.models import LiveSession
from live.permissions import OPERATOR
from live.tabular import FIELDS, UnreadableFile, read_rows
from people.consent import Consent

REASONS_AT_MOST = 50


class Command(BaseCommand):
    help = (
        "Import contributions from a CSV file into a live session. Rows imported before are left alone; rows that "
        "cannot be read are named and skipped; if the file as a whole cannot be read, nothing is imported."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--session", required=True, metavar="CODE")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=NAME",
            help=f"which column holds what; fields: {', '.join(FIELDS)}; body is needed",
        )
        parser.add_argument("--encoding", default="utf-8")
        parser.add_argument(
            "--consent",
            choices=Consent.values,
            default=Consent.ANONYMOUS,
            help="what the people in the file allowed; without name or role unless said otherwise",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        session = LiveSession.objects.with_code(options["session"]).select_related("page").first()
        if session is None:
            raise CommandError(f"There is no session with the code “{options['session']}”.")
        started = time.monotonic()
        try:
            rows = read_rows(
                self._content(options["file"]), self._columns(options["column"]), encoding=options["encoding"]
            )
            report = import_contributions(
                actor=OPERATOR, session=session, rows=rows, consent=options["consent"], progress=self._progress
            )
        except UnreadableFile as error:
            raise CommandError(f"{error} Nothing was imported.") from error
        self._tell(report, session, time.monotonic() - started)

    def _content(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}. Nothing was imported.") from error

    def _columns(self, given: list[str]) -> dict[str, str]:
        columns = {}
        for one in given:
            name, equals, column = one.partition("=")
            if not equals or not column:
                raise CommandError(f"--column {one}: write FIELD=NAME, for example body=comment.")
            if name.strip() in columns:
                raise CommandError(f"--column {one}: there is a column for “{name.strip()}” already.")
            columns[name.strip()] = column.strip()
        return columns

    def _progress(self, done: int, total: int) -> None:
        self.stderr.write(f"{done:,} of {total:,} rows", self.style.NOTICE)

    def _tell(self, report: ImportReport, session: LiveSession, seconds: float) -> None:
        states = ", ".join(f"{number:,} {state}" for state, number in sorted(report.by_state.items()))
        say = self.stdout.write
        say(f"{session.page.title} ({session.code})")
        say(f"Rows read: {report.read:,}")
        say(f"Imported: {report.imported:,}" + (f" ({states})" if states else ""))
        say(f"People: {report.people:,}")
        say(f"Imported before: {report.already:,}")
        say(f"Skipped: {len(report.problems):,}")
        for problem in report.problems[:REASONS_AT_MOST]:
            say(f"  row {problem.number}: {problem.reason}")
        if len(report.problems) > REASONS_AT_MOST:
            say(f"  and {len(report.problems) - REASONS_AT_MOST:,} more")
        say(f"Time: {seconds:.1f} s")
