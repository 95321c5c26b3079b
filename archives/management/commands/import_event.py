"""`manage.py import_event FILE`: an event from the archive that `export_event` wrote."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archives.actions import ArchiveRefused, import_event
from people.models import User
from people.permissions import is_organiser


class Command(BaseCommand):
    help = "Read an event from an archive: all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--slug", default="", help="another address for the event")
        parser.add_argument("--as", dest="actor", default="", metavar="EMAIL", help="the organiser who imports")

    def handle(self, *args: Any, **options: Any) -> None:
        actors = User.objects.filter(is_active=True).order_by("-is_superuser", "pk")
        if options["actor"]:
            actors = actors.filter(email__iexact=options["actor"])
        actor = next((one for one in actors if is_organiser(one)), None)
        if actor is None:
            raise CommandError(
                "An import is somebody's act. Make an organiser's account first: manage.py createsuperuser."
            )
        try:
            event = import_event(actor=actor, path=options["file"], slug=options["slug"], tell=self.stdout.write)
        except ArchiveRefused as error:
            raise CommandError(f"{error} Nothing was imported.") from error
        self.stdout.write(f"{event.title} is at {event.url}")
