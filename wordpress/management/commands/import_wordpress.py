"""`manage.py import_wordpress`: a blog's export into this site."""

import json
import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.consent import Consent
from people.models import User
from people.permissions import is_organiser
from wordpress.actions import Choices, prepare_import, run_import, try_import, undo_import
from wordpress.choices import Outcome
from wordpress.exceptions import ImportRefused
from wordpress.models import Batch
from wordpress.reports import report_of

LINES_AT_MOST = 25
BAR = 30
ALLOWED = {
    "category": re.compile(r"proposition:(?!0+$)\d{1,3}|post|skip"),
    "author": re.compile(r"-|[-\w]+"),
    "kind": re.compile(r"post|page|skip"),
}


class Command(BaseCommand):
    help = (
        "Import a WordPress export (WXR). Repeated, it updates what has changed and never doubles. If anything breaks "
        "on the way, nothing of it is kept. --undo takes a run back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="the .xml file that WordPress wrote")
        parser.add_argument("--event", default="", metavar="SLUG", help="the event it belongs to; made if need be")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="WHAT=TO",
            help=(
                "category:SLUG=proposition:4, category:SLUG=post, category:SLUG=skip, author:LOGIN=SLUG of a person, "
                "author:LOGIN=-, kind:NAME=post, kind:NAME=page, kind:NAME=skip"
            ),
        )
        parser.add_argument("--media", default="", metavar="PLACE", help="a folder or zip of the blog's uploads")
        parser.add_argument("--fetch", action="store_true", help="fetch missing pictures from the old site")
        parser.add_argument(
            "--consent",
            choices=Consent.values,
            default=Consent.NONE,
            help="how briefings may quote the commenters; nobody asked them, so not at all unless you know better",
        )
        parser.add_argument("--as", dest="actor", default="", metavar="EMAIL", help="the organiser who imports")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write the whole report there, as JSON")
        parser.add_argument("--undo", type=int, metavar="NUMBER", help="take back the import of this number")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            actor = self._actor(options["actor"])
            if options["undo"] is not None:
                self._undo(actor, options["undo"])
                return
            if options["file"] is None:
                raise CommandError("Which file? Give the .xml file that WordPress wrote.")
            if options["event"] and not re.fullmatch(r"[-\w]{1,255}", options["event"]):
                raise CommandError(f"“{options['event']}” is no address of an event: letters, figures, - and _ only.")
            if options["report"]:
                self._check_report(options["report"], options["file"])
            choices = self._choices(options)
            if options["dry_run"]:
                report = try_import(actor=actor, path=options["file"], choices=choices, progress=self._progress)
            else:
                batch = prepare_import(actor=actor, path=options["file"], choices=choices)
                report = report_of(run_import(actor=actor, batch=batch, path=options["file"], progress=self._progress))
        except ImportRefused as error:
            raise CommandError(error.message) from error
        self._tell(report)
        if options["report"]:
            options["report"].write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            self.stdout.write(f"The whole report is in {options['report']}.")

    def _check_report(self, report: Path, file: Path) -> None:
        """Find out now whether the report can be written, and not after all the work."""
        is_there = report.exists()
        if is_there and file.exists() and report.samefile(file):
            raise CommandError(f"{report} is the export itself; the report would be written over it.")
        try:
            with report.open("a"):
                pass
        except OSError as error:
            raise CommandError(f"{report} cannot be written: {error.strerror}.") from error
        if not is_there:
            report.unlink()

    def _actor(self, email: str) -> User:
        if email:
            actor = User.objects.filter(email__iexact=email).first()
            if actor is None:
                raise CommandError(f"There is no account with the address {email}.")
            return actor
        for actor in User.objects.filter(is_active=True).order_by("-is_superuser", "pk"):
            if is_organiser(actor):
                return actor
        raise CommandError("An import is somebody's act. Make an organiser's account first: manage.py createsuperuser.")

    def _choices(self, options: dict[str, Any]) -> Choices:
        choices = Choices(
            event=options["event"], consent=options["consent"], media=options["media"], is_fetching=options["fetch"]
        )
        tables = {"category": choices.categories, "author": choices.authors, "kind": choices.kinds}
        for given in options["map"]:
            what, equals, to = given.partition("=")
            kind, colon, name = what.partition(":")
            if not (equals and colon and name and to and kind in tables):
                raise CommandError(f"--map {given}: write category:SLUG=…, author:LOGIN=… or kind:NAME=….")
            if not ALLOWED[kind].fullmatch(to):
                raise CommandError(f"--map {given}: “{to}” is nothing that a {kind} can become. See --help.")
            tables[kind][name] = to
        return choices

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            filled = BAR * done // max(total, 1)
            self.stderr.write(f"\r{'█' * filled}{'·' * (BAR - filled)} {done:,} of {total:,}", ending="")
            self.stderr.write("" if done == total else "\r", ending="\n" if done == total else "")
        elif done == total or done % 500 == 0:
            self.stderr.write(f"{done:,} of {total:,}")

    def _undo(self, actor: User, number: int) -> None:
        batch = Batch.objects.filter(pk=number).first()
        if batch is None:
            raise CommandError(f"There is no import number {number}.")
        taken = undo_import(actor=actor, batch=batch)
        self.stdout.write(f"Import {number} is undone: {taken.removed:,} things removed, {taken.restored:,} restored.")
        for line in taken.left:
            self.stdout.write(f"  {line}")

    def _tell(self, report: dict[str, Any]) -> None:
        say = self.stdout.write
        say(f"{report['title'] or report['source']}: {'what would happen' if report['dry_run'] else 'imported'}")
        say(f"{'':<24}{'found':>8}" + "".join(f"{outcome:>11}" for outcome in Outcome.values))
        for kind, counts in report["counts"].items():
            say(f"{kind:<24}{counts['found']:>8,}" + "".join(f"{counts[outcome]:>11,}" for outcome in Outcome.values))
        for note in report["notes"]:
            say(f"– {note}")
        for found in report["suspicious"]:
            say(
                self.style.WARNING(
                    f"! {found['kind']} “{found['label']}”: {found['before'][-40:]}[{found['phrase']}]"
                    f"{found['after'][:40]}: {found['why']} ({found['state']})"
                )
            )
        reasons: dict[tuple[str, str], int] = {}
        for skipped in report["skipped"]:
            key = skipped["kind"], skipped["reason"]
            reasons[key] = reasons.get(key, 0) + 1
        for (kind, reason), number in sorted(reasons.items())[:LINES_AT_MOST]:
            say(f"  skipped {number:,} × {kind}: {reason}")
        changed = len(report["changed"])
        if changed:
            say(f"  {changed:,} things were changed on the way or say something of themselves; --report tells which.")
        if not report["dry_run"]:
            say(f"This is import number {report['number']}. Undo it with --undo {report['number']}.")
