"""`manage.py find_injected`: to be run every night."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from discussion.choices import SuspectPlace, SuspectState
from discussion.injected.actions import run_scan, start_scan
from discussion.models import SuspectText


class Command(BaseCommand):
    help = "Look through all pages, their revisions and all comments for words and links that may have been injected."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="List what stands in earlier revisions only, too.")

    def handle(self, *args: Any, **options: Any) -> None:
        scan, is_new = start_scan(actor=None)
        if not is_new:
            self.stdout.write("Somebody is looking through the texts already.")
            return
        scan = run_scan(scan_id=scan.pk)
        found = SuspectText.objects.filter(state=SuspectState.OPEN).select_related(
            "page", "comment__person", "revision__user"
        )
        if not options["all"]:
            found = found.exclude(place=SuspectPlace.EARLIER)
        for suspect in found:
            came = f", came {suspect.came_at:%Y-%m-%d}" if suspect.came_at else ""
            by = f" by {suspect.came_by}" if suspect.came_by else ""
            self.stdout.write(f"{suspect.subject}: {suspect.reason.lower()}: {suspect.quote}{came}{by}")
        self.stdout.write(f"{scan.done} texts looked through, {scan.found} new, {found.count()} to be looked at.")
