"""`manage.py forget`: to be run every night."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from people.retention import forget_what_is_old


class Command(BaseCommand):
    help = "Forget what has been kept long enough, by the rules that stand at /privacy/. Says what went."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--try", action="store_true", dest="is_trial", help="Say what would go, and change nothing."
        )

    def handle(self, *args: Any, is_trial: bool, **options: Any) -> None:
        gone = forget_what_is_old(is_trial=is_trial)
        verb = "would go" if is_trial else "went"
        for name, count in gone.items():
            if count:
                self.stdout.write(f"{count} {verb}: {name}.")
        if not any(gone.values()):
            self.stdout.write("Nothing is old enough to be forgotten.")
