"""Do what is due by the clock; see `summit.clock`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from summit.clock import ROUNDS, make_round


class Command(BaseCommand):
    help = "Do what is due every few minutes, every hour, every night or every morning, and keep how it went."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("round", choices=list(ROUNDS))

    def handle(self, *args: Any, **options: Any) -> None:
        failed = make_round(options["round"], stdout=self.stdout, stderr=self.stderr)
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}. Everything else that was due is done.")
