"""`manage.py export_event SLUG`: everything of an event in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archives.writing import left_behind, write_archive
from events.models import EventPage
from people.actions import record_export


class Command(BaseCommand):
    help = "Write an event to one archive: data with its schema, media, briefings as PDF and HTML, the ledger as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--output", type=Path, help="the file to write; SLUG.zip if not given")
        parser.add_argument("--no-print", action="store_true", help="leave the briefings' PDF and HTML out")

    def handle(self, *args: Any, **options: Any) -> None:
        event = EventPage.objects.filter(slug=options["slug"]).first()
        if event is None:
            known = ", ".join(EventPage.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no event “{options['slug']}”. There are: {known}.")
        path = options["output"] or Path(f"{event.slug}.zip")
        try:
            counts = write_archive(event, path, with_print=not options["no_print"])
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        record_export(actor=None, about=event, what="The event as an archive")
        for label, number in counts.items():
            if number:
                self.stdout.write(f"{number:>8,}  {label}")
        self.stdout.write(f"{path}: {path.stat().st_size:,} bytes")
        others = ", ".join(f"{kind} ({number:,})" for kind, number in left_behind().items() if number)
        if others:
            self.stdout.write(
                f"Not in it, as they belong to the site: {others}. manage.py export_wordpress takes them."
            )
