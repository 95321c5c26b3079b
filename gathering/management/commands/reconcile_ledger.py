"""Prove that everything said stands in the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gathering.actions import reconcile_ledger


class Command(BaseCommand):
    help = (
        "Compare the ledger with the comments and contributions it is made of. Records what is missing; "
        "with --check only reports, and fails if anything is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail if something is missing.")

    def handle(self, *args: Any, **options: Any) -> None:
        report = reconcile_ledger(record=not options["check"])
        if report.is_complete:
            self.stdout.write("The ledger is complete: nothing is missing, every flag is right.")
            return
        for what, ids in (
            ("comments without an entry", report.comments),
            ("contributions without an entry", report.contributions),
            ("entries whose flags were behind their source", report.flags),
        ):
            if ids:
                named = ", ".join(map(str, ids[:20])) + (" …" if len(ids) > 20 else "")
                self.stdout.write(f"{len(ids)} {what}: {named}")
        if not report.recorded:
            raise CommandError("The ledger is not complete. Run reconcile_ledger without --check to put it right.")
        self.stdout.write("All of it has been recorded.")
