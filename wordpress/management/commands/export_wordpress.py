"""`manage.py export_wordpress`: posts, pages and comments as a file that WordPress imports."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from events.models import EventPage
from people.actions import record_export, record_export_of_site
from wordpress.writing import write_export


class Command(BaseCommand):
    help = "Write propositions, posts, pages of text, comments and mentions as a WordPress export (WXR 1.2)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--event", default="", metavar="SLUG", help="only what stands under this event")
        parser.add_argument("--output", type=Path, default=Path("wordpress.xml"))

    def handle(self, *args: Any, **options: Any) -> None:
        event = None
        if options["event"]:
            event = EventPage.objects.filter(slug=options["event"]).first()
            if event is None:
                raise CommandError(f"There is no event “{options['event']}”.")
        try:
            counts = write_export(options["output"], event)
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}.") from error
        what = "Posts and comments for WordPress"
        if event:
            record_export(actor=None, about=event, what=what)
        else:
            record_export_of_site(what)
        self.stdout.write(
            f"{options['output']}: " + ", ".join(f"{number:,} {kind}s" for kind, number in counts.items())
        )
